//! What changed between two versions of an object, as far as people ask about it.

use std::collections::BTreeMap;

use ical::{Component, Document};

use crate::Names;

/// Properties whose change is told. Everything else can be seen in the bytes.
const TOLD: [&str; 13] = [
    "SUMMARY",
    "DTSTART",
    "DTEND",
    "DUE",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "LOCATION",
    "DESCRIPTION",
    "STATUS",
    "TRANSP",
    "COMPLETED",
];
/// Longer values are shortened to so many characters.
const SHOWN_CHARACTERS: usize = 60;

/// One property that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `RECURRENCE-ID` of the instance; empty: the whole.
    pub instance: String,
    /// `DTSTART`, `PARTSTAT of Bob` …
    pub what: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// Values by what they are of.
type Values = BTreeMap<String, String>;

/// The differences, instance by instance, in an order that depends on the texts alone.
pub(crate) fn between(before: Option<&str>, after: &str, names: &Names) -> Vec<Change> {
    let was = before.map(|before| instances(before, names)).unwrap_or_default();
    let is = instances(after, names);
    let mut changes = vec![];
    for (instance, values) in &is {
        match (was.get(instance), is.get("")) {
            (Some(before), _) => compare(instance, before, values, &mut changes),
            (None, Some(whole)) if !instance.is_empty() => {
                compare(instance, &expected(whole, instance, values), values, &mut changes);
            }
            (None, _) => compare(instance, &Values::new(), values, &mut changes),
        }
    }
    for instance in was.keys().filter(|instance| !is.contains_key(*instance)) {
        let before = Some("kept".to_owned());
        changes.push(Change { instance: instance.clone(), what: "exception".to_owned(), before, after: None });
    }
    changes
}

/// What a new exception would say if it said nothing new: the series' words, at the time of the instance.
fn expected(whole: &Values, instance: &str, values: &Values) -> Values {
    let mut expected = whole.clone();
    expected.retain(|what, _| !["RRULE", "RDATE", "EXDATE"].contains(&what.as_str()));
    if values.get("DTSTART").is_some_and(|start| start == instance) {
        let times = ["DTSTART", "DTEND", "DUE"].into_iter().filter_map(|name| values.get_key_value(name));
        expected.extend(times.map(|(what, value)| (what.clone(), value.clone())));
    }
    expected
}

fn compare(instance: &str, was: &Values, is: &Values, changes: &mut Vec<Change>) {
    let whats: std::collections::BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    for what in whats {
        let (before, after) = (was.get(what).cloned(), is.get(what).cloned());
        if before != after {
            changes.push(Change { instance: instance.to_owned(), what: what.clone(), before, after });
        }
    }
}

/// What can be told, by `RECURRENCE-ID`. What cannot be parsed tells nothing.
fn instances(ics: &str, names: &Names) -> BTreeMap<String, Values> {
    let Ok(document) = Document::parse(ics) else { return BTreeMap::new() };
    let components = document.root().components().filter(|component| !component.is("VTIMEZONE"));
    components.map(|component| (instance(component), values(component, names))).collect()
}

fn instance(component: Component<'_>) -> String {
    component.property("RECURRENCE-ID").map(|id| id.value().to_owned()).unwrap_or_default()
}

fn values(component: Component<'_>, names: &Names) -> Values {
    let mut values = Values::new();
    for name in TOLD {
        let all: Vec<_> = component.properties_named(name).map(|property| shortened(&property.text())).collect();
        if !all.is_empty() {
            values.insert(name.to_owned(), all.join(","));
        }
    }
    for attendee in component.properties_named("ATTENDEE") {
        let partstat = attendee.param("PARTSTAT").unwrap_or("NEEDS-ACTION".into());
        values.insert(format!("PARTSTAT of {}", names.address(attendee.value())), partstat.into_owned());
    }
    values
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Title, events before, events after, what is told.
    type Row<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a [&'a str]);

    fn event(lines: &str) -> String {
        format!("BEGIN:VEVENT\r\nUID:1\r\n{}\r\nEND:VEVENT\r\n", lines.replace('\n', "\r\n"))
    }

    fn told(before: &[&str], after: &[&str]) -> Vec<String> {
        let calendar = |events: &[&str]| {
            let events: String = events.iter().map(|lines| event(lines)).collect();
            format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\n{events}END:VCALENDAR\r\n")
        };
        let before = (!before.is_empty()).then(|| calendar(before));
        let mut names = Names::default();
        names.add(schemas::PrincipalId(uuid::Uuid::nil()), "Bob", &["mailto:bob@example.com".to_owned()]);
        let changes = between(before.as_deref(), &calendar(after), &names);
        changes.iter().map(crate::text::change).collect()
    }

    #[test]
    fn what_people_ask_about_is_told_and_the_rest_is_not() {
        let bob = "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:bob@example.com";
        let rows: [Row<'_>; 9] = [
            ("a new object", &[], &["SUMMARY:A"], &["SUMMARY: A"]),
            ("a new time", &["DTSTART:1"], &["DTSTART:2"], &["DTSTART: 1 → 2"]),
            ("a removed place", &["LOCATION:Lake"], &["SUMMARY:A"], &["LOCATION: Lake → (nothing)", "SUMMARY: A"]),
            ("an answer", &["ATTENDEE:mailto:BOB@example.com"], &[bob], &["PARTSTAT of Bob: NEEDS-ACTION → ACCEPTED"]),
            ("someone unknown", &[], &["ATTENDEE:mailto:x@y"], &["PARTSTAT of mailto:x@y: NEEDS-ACTION"]),
            (
                "a new override differs from the whole",
                &["SUMMARY:A\nDTSTART:1"],
                &["SUMMARY:A\nDTSTART:1", "RECURRENCE-ID:2\nSUMMARY:A\nDTSTART:3"],
                &["2: DTSTART: 1 → 3"],
            ),
            (
                "a new exception at the instance's own time",
                &["SUMMARY:A\nDTSTART:1\nRRULE:FREQ=DAILY"],
                &["SUMMARY:A\nDTSTART:1\nRRULE:FREQ=DAILY", "RECURRENCE-ID:2\nDTSTART:2\nSUMMARY:B"],
                &["2: SUMMARY: A → B"],
            ),
            (
                "an exception that is gone",
                &["SUMMARY:A", "RECURRENCE-ID:2\nSUMMARY:B"],
                &["SUMMARY:A"],
                &["2: exception: kept → (nothing)"],
            ),
            ("what is not told", &["SUMMARY:A\nX-A:1"], &["SUMMARY:A\nX-A:2"], &[]),
        ];
        for (title, before, after, expected) in rows {
            assert_eq!(told(before, after), expected, "{title}");
        }
    }
}
