//! The values of a component, each with a key by which two versions are compared.

use std::collections::BTreeMap;

use ical::{Address, Component, Document, Property, value};

/// The key of one value of a component.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Name of the property or of the component within it; for a parameter, the name of the
    /// parameter.
    pub property: String,
    /// The address, in canonical form, of the organizer or attendee to whose line the value
    /// belongs; `None` if it belongs to neither ORGANIZER nor ATTENDEE.
    pub whose: Option<String>,
    /// For a parameter, the name of its property; empty for a property.
    pub part_of: &'static str,
}

impl Key {
    fn property(name: &str) -> Self {
        Self { property: name.to_ascii_uppercase(), whose: None, part_of: "" }
    }

    /// Returns the name as a change shows it: that of a parameter comes after its property, as
    /// `SUMMARY;LANGUAGE`, unless the property is that of a person.
    pub(super) fn shown(&self) -> String {
        match self.part_of {
            part_of if self.whose.is_some() || part_of.is_empty() => self.property.clone(),
            part_of => format!("{part_of};{}", self.property),
        }
    }

    /// Returns true for a parameter whose property line is missing in `values`.
    pub(super) fn is_part_of_missing(&self, values: &Values) -> bool {
        let line = || Self { property: self.part_of.to_owned(), whose: self.whose.clone(), part_of: "" };
        !self.part_of.is_empty() && !values.contains_key(&line())
    }
}

/// A value in the form in which it is compared and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A DATE or DATE-TIME.
    Time(value::DateTime),
    /// The unescaped TEXT of a property such as SUMMARY. If the property has further lines, their
    /// parameters and values follow it.
    Text(String),
    /// Any other value: of ORGANIZER, ATTENDEE or one of their parameters, the value alone; of
    /// another property, the parameters and values of its lines; of a component, its lines.
    Raw(String),
}

impl Value {
    /// Returns the value as programs need it: a time in iCalendar form, followed by a blank and its
    /// TZID if it has one; any other value as [`Value::Text`] or [`Value::Raw`] holds it.
    pub fn for_programs(&self) -> String {
        match self {
            Self::Time(time) => match time.tzid() {
                Some(tzid) => format!("{time} {tzid}"),
                None => time.to_string(),
            },
            Self::Text(text) | Self::Raw(text) => text.clone(),
        }
    }
}

pub(super) type Values = BTreeMap<Key, Value>;

/// Properties whose value is a single DATE or DATE-TIME.
const TIMES: [&str; 8] =
    ["DTSTART", "DTEND", "DUE", "COMPLETED", "CREATED", "LAST-MODIFIED", "DTSTAMP", "ACKNOWLEDGED"];
/// Properties whose value is a TEXT.
const TEXTS: [&str; 8] = ["SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "STATUS", "CLASS", "TRANSP"];
/// Parameters that the value of a DATE or DATE-TIME shows already.
const IN_A_TIME: [&str; 2] = ["TZID", "VALUE"];
/// Properties that identify a component. They cannot differ between two versions of it.
const IDENTITY: [&str; 2] = ["UID", "RECURRENCE-ID"];
/// The default PARTSTAT. It is added to an ATTENDEE without PARTSTAT, because both mean the same
/// (RFC 5545 §3.2.12) and must not count as a difference.
const NEEDS_ACTION: &str = "NEEDS-ACTION";

/// Returns the values outside the VEVENT, VTODO and VJOURNAL components: the properties of the
/// VCALENDAR, and its time zones.
pub(super) fn of_calendar(document: &Document) -> Values {
    let mut values = Values::new();
    for property in document.root().properties() {
        add(&mut values, property);
    }
    for zone in document.root().components_named("VTIMEZONE") {
        append(&mut values, Key::property("VTIMEZONE"), &unfolded(zone.text()));
    }
    values
}

/// Returns the values of a VEVENT, VTODO or VJOURNAL, without UID and RECURRENCE-ID.
pub(super) fn of_component(component: Component<'_>) -> Values {
    let mut values = Values::new();
    for property in component.properties().filter(|property| !IDENTITY.iter().any(|name| property.is(name))) {
        add(&mut values, property);
    }
    for inner in component.components() {
        append(&mut values, Key::property(inner.name()), &block(inner));
    }
    values
}

/// Returns the key of a property other than ORGANIZER and ATTENDEE.
pub(super) fn key(name: &str) -> Key {
    Key::property(name)
}

fn add(values: &mut Values, property: Property<'_>) {
    let name = property.name().to_ascii_uppercase();
    if property.is("ATTENDEE") || property.is("ORGANIZER") {
        return participant(values, property);
    }
    let key = Key::property(&name);
    let one_of = |names: &[&'static str]| names.iter().find(|one| **one == name).copied();
    let time = one_of(&TIMES).and_then(|line| Some((line, property.date_time().ok()?)));
    let is_first = !values.contains_key(&key);
    match (time, one_of(&TEXTS)) {
        (Some((line, time)), _) if is_first => {
            values.insert(key, Value::Time(time));
            parameters(values, property, line, None, &IN_A_TIME);
        }
        (_, Some(line)) if is_first => {
            values.insert(key, Value::Text(property.text().into_owned()));
            parameters(values, property, line, None, &["VALUE"]);
        }
        _ => append(values, key, &parameters_and_value(property)),
    }
}

/// Adds each parameter of the line `part_of` as a value of its own, except those in `without`.
fn parameters(
    values: &mut Values,
    property: Property<'_>,
    part_of: &'static str,
    whose: Option<&String>,
    without: &[&str],
) {
    for param in property.params() {
        let name = param.name().to_ascii_uppercase();
        if without.contains(&name.as_str()) {
            continue;
        }
        let joined = param.values().map(std::borrow::Cow::into_owned).collect::<Vec<_>>().join(",");
        values.insert(Key { property: name, whose: whose.cloned(), part_of }, Value::Raw(joined));
    }
}

/// Adds the line of an organizer or attendee, with the address in the key, and each of its
/// parameters.
fn participant(values: &mut Values, property: Property<'_>) {
    let address = Address::parse(property.value())
        .map_or_else(|| property.value().to_owned(), |address| address.canonical().to_owned());
    let line = if property.is("ATTENDEE") { "ATTENDEE" } else { "ORGANIZER" };
    let whose = Some(address);
    let raw = Value::Raw(property.value().to_owned());
    values.insert(Key { property: line.to_owned(), whose: whose.clone(), part_of: "" }, raw);
    if line == "ATTENDEE" {
        let partstat = Key { property: "PARTSTAT".to_owned(), whose: whose.clone(), part_of: line };
        values.insert(partstat, Value::Raw(NEEDS_ACTION.to_owned()));
    }
    parameters(values, property, line, whose.as_ref(), &[]);
}

/// Adds a line. Several lines of the same name become one value, so that their number and order are
/// compared too.
fn append(values: &mut Values, key: Key, raw: &str) {
    match values.get_mut(&key) {
        Some(Value::Raw(known) | Value::Text(known)) => {
            known.push('\n');
            known.push_str(raw);
        }
        Some(time @ Value::Time(_)) => {
            let both = format!("{}\n{raw}", time.for_programs());
            *time = Value::Raw(both);
        }
        None => drop(values.insert(key, Value::Raw(raw.to_owned()))),
    }
}

fn parameters_and_value(property: Property<'_>) -> String {
    let line = unfolded(property.content_line());
    let rest = line.get(property.name().len()..).unwrap_or_default();
    rest.strip_prefix(':').unwrap_or(rest).to_owned()
}

/// Returns the properties of a nested component joined to one line.
fn block(component: Component<'_>) -> String {
    let lines = component.properties().map(|property| unfolded(property.content_line()));
    lines.collect::<Vec<_>>().join(" ")
}

fn unfolded(text: &str) -> String {
    text.replace("\r\n ", "").replace("\r\n\t", "").replace("\n ", "").trim_end().to_owned()
}
