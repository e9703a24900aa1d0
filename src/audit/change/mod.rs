//! The differences between two versions of an object, instance by instance.
//!
//! **Invariant:** a difference is not left out because it is small: its class says which people it
//! concerns.

mod class;
mod instance;
mod phrase;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use ical::{
    Component, Document,
    series::{RecurrenceKey, Series},
    value,
    zone::Zones,
};

pub use class::Class;
pub(crate) use phrase::phrase;
pub use values::Value;
use values::{Key, Values};

/// One property, parameter or component that differs between two versions of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// RECURRENCE-ID of the instance; `None` for the master, an object without recurrence, and the
    /// VCALENDAR itself.
    pub instance: Option<value::DateTime>,
    /// The name: `DTSTART`, `VALARM`, `PARTSTAT`, `EXDATE`; `SUMMARY;LANGUAGE` for a parameter of a
    /// property without a person; or `instance` for an instance that only one of the versions has.
    pub property: String,
    /// The address, in canonical form, of the attendee or organizer to whose line the value
    /// belongs; `None` if it belongs to neither ATTENDEE nor ORGANIZER.
    pub whose: Option<String>,
    /// The old value; `None` if the property, parameter or component was added.
    pub before: Option<Value>,
    /// The new value; `None` if the property, parameter or component was removed.
    pub after: Option<Value>,
    /// The class of the difference: which people it concerns.
    pub class: Class,
}

/// Returns the differences, in an order that depends only on the texts. Without `before`,
/// everything counts as added. A text that cannot be parsed counts as empty.
pub(crate) fn between(before: Option<&str>, after: Option<&str>) -> Vec<Change> {
    let (before, after) = (before.and_then(parsed), after.and_then(parsed));
    let (was, is) = (Version::of(before.as_ref()), Version::of(after.as_ref()));
    let mut changes = vec![];
    compare(None, &was.outside, &is.outside, &mut changes);
    compare(None, &was.master_values(), &is.master_values(), &mut changes);
    let shifted = instance::shifted(&was, &is);
    let old: BTreeSet<_> = shifted.values().copied().collect();
    let known = was.overrides.keys().filter(|key| !old.contains(key));
    let keys: BTreeSet<_> = known.chain(is.overrides.keys()).copied().collect();
    for key in keys {
        overridden((shifted.get(&key).copied().unwrap_or(key), key), (&was, &is), &mut changes);
    }
    changes
}

fn parsed(text: &str) -> Option<Document> {
    Document::parse(text).ok()
}

/// One version of an object, with its components by instance.
#[derive(Default)]
struct Version<'a> {
    /// Properties of the VCALENDAR itself, and its time zones.
    outside: Values,
    master: Option<Component<'a>>,
    overrides: BTreeMap<RecurrenceKey, Component<'a>>,
    zones: Zones,
}

impl<'a> Version<'a> {
    fn of(document: Option<&'a Document>) -> Self {
        let Some(document) = document else { return Self::default() };
        let zones = Zones::of(document);
        let mut version = Self { outside: values::of_calendar(document), ..Self::default() };
        for series in Series::of(document, &zones) {
            version.master = version.master.or(series.master);
            version.overrides.extend(series.overrides.iter().map(|one| (one.key, one.component)));
        }
        Self { zones, ..version }
    }

    fn master_values(&self) -> Values {
        self.master.map(values::of_component).unwrap_or_default()
    }

    /// Returns the values of an instance, overridden or not; `None` if there is neither an override
    /// for it nor a master.
    fn instance(&self, key: RecurrenceKey) -> Option<Values> {
        let overridden = self.overrides.get(&key).map(|component| values::of_component(*component));
        overridden.or_else(|| Some(instance::of_master(self.master?, key, &self.zones)))
    }
}

/// Compares an instance that has an override in at least one of the two versions. `old` is its key
/// in the old version (`was`), `key` its key in the new one (`is`); they can differ.
fn overridden(
    (old, key): (RecurrenceKey, RecurrenceKey),
    (was, is): (&Version<'_>, &Version<'_>),
    changes: &mut Vec<Change>,
) {
    let component = is.overrides.get(&key).or_else(|| was.overrides.get(&old));
    let id = component.and_then(|component| component.recurrence_id()).unwrap_or_else(|| key.date_time());
    let whole = |before: Option<Value>, after: Option<Value>| Change {
        instance: Some(id.clone()),
        property: "instance".to_owned(),
        whose: None,
        before,
        after,
        class: Class::Significant,
    };
    match (was.instance(old), is.instance(key)) {
        (Some(before), Some(after)) => compare(Some(&id), &before, &after, changes),
        (None, Some(after)) => {
            changes.push(whole(None, Some(Value::Time(id.clone()))));
            compare(Some(&id), &Values::new(), &after, changes);
        }
        (Some(_), None) => changes.push(whole(Some(Value::Time(id.clone())), None)),
        (None, None) => {}
    }
}

fn compare(instance: Option<&value::DateTime>, was: &Values, is: &Values, changes: &mut Vec<Change>) {
    let keys: BTreeSet<&Key> = was.keys().chain(is.keys()).collect();
    for key in keys {
        let (before, after) = (was.get(key), is.get(key));
        // An added or removed line is reported once, without a change for each of its parameters.
        if before == after || key.is_part_of_missing(was) || key.is_part_of_missing(is) {
            continue;
        }
        changes.push(Change {
            instance: instance.cloned(),
            property: key.shown(),
            whose: key.whose.clone(),
            before: before.cloned(),
            after: after.cloned(),
            class: class(key, before, after),
        });
    }
}

/// Returns the class of a change. If only the spelling of an address differs, the change concerns
/// nobody. A parameter concerns nobody whom its property does not concern.
fn class(key: &Key, before: Option<&Value>, after: Option<&Value>) -> Class {
    let is_person = matches!(key.property.as_str(), "ATTENDEE" | "ORGANIZER");
    if is_person && before.is_some() && after.is_some() {
        return Class::Trivial;
    }
    let own = class::of(&key.property);
    if key.part_of.is_empty() { own } else { own.max(class::of(key.part_of)) }
}

#[cfg(test)]
mod tests;
