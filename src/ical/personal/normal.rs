//! A canonical form of objects, so that two spellings of the same content compare as equal.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::apart::keyed;
use super::entry::TRANSP;
use super::pattern::{OF_SERIES, TIMES};
use crate::series::RecurrenceKey;
use crate::value::DateTime;
use crate::zone::Zones;
use crate::{Component, Document, Property};

/// Properties in which programs record their writes. Comparison ignores them.
const BOOKKEEPING: [&str; 4] = ["DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE"];
/// Prefix of the properties in which Thunderbird records its writes. Comparison ignores them too.
const OF_THUNDERBIRD: &str = "X-MOZ-";
/// Default values of properties (RFC 5545 §3.8.1.3, §3.8.1.9). Comparison ignores them.
const DEFAULTS: [(&str, &str); 2] = [("CLASS", "PUBLIC"), ("PRIORITY", "0")];
/// The properties with several dates, which clients may spread over several lines.
const DATES: [&str; 2] = ["RDATE", "EXDATE"];

/// Returns the shared data of an object in canonical form: for each component, its instance and its
/// sorted lines.
pub(super) fn of(shared: &Document) -> BTreeSet<(Option<String>, Vec<String>)> {
    let zones = Zones::of(shared);
    keyed(shared, |component, instance| (instance, lines(component, &zones))).into_iter().collect()
}

fn lines(component: Component<'_>, zones: &Zones) -> Vec<String> {
    let mut lines = content(component);
    for property in component.properties() {
        if TIMES.iter().any(|name| property.is(name)) {
            lines.push(time(property, component.recurs(), zones));
        } else if DATES.iter().any(|name| property.is(name)) {
            lines.extend(dates(property, zones));
        } else if OF_SERIES.iter().any(|name| property.is(name)) && !property.is("RECURRENCE-ID") {
            lines.push(line(property));
        }
    }
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// Returns the content of a component as sorted canonical lines, without [`TIMES`], [`OF_SERIES`],
/// TRANSP, [`BOOKKEEPING`], X-MOZ- properties and [`DEFAULTS`]. An unchanged override has the same
/// content as its master.
pub(super) fn content(component: Component<'_>) -> Vec<String> {
    let not_of_content = TIMES.iter().chain(&OF_SERIES).chain(&BOOKKEEPING).chain(&[TRANSP]);
    let counts = |property: &Property<'_>| {
        !not_of_content.clone().any(|name| property.is(name)) && !is_thunderbirds(property) && !is_default(property)
    };
    let mut lines: Vec<_> = component.properties().filter(counts).map(line).collect();
    lines.extend(component.components().map(|inner| content(inner).join("\n")));
    lines.push(component.name().to_ascii_uppercase());
    lines.sort_unstable();
    lines
}

fn is_thunderbirds(property: &Property<'_>) -> bool {
    property.name().get(..OF_THUNDERBIRD.len()).is_some_and(|name| name.eq_ignore_ascii_case(OF_THUNDERBIRD))
}

fn is_default(property: &Property<'_>) -> bool {
    DEFAULTS.iter().any(|(name, value)| property.is(name) && property.value().trim().eq_ignore_ascii_case(value))
}

/// Returns a property in canonical form: its name in upper case, its parameters decoded and sorted,
/// without SCHEDULE-STATUS.
fn line(property: Property<'_>) -> String {
    let params = property.params().filter(|param| !param.is("SCHEDULE-STATUS"));
    let mut params: Vec<_> = params
        .map(|param| {
            let values: Vec<Cow<'_, str>> = param.values().collect();
            format!(";{}={}", param.name().to_ascii_uppercase(), values.join(","))
        })
        .collect();
    params.sort_unstable();
    format!("{}{}:{}", property.name().to_ascii_uppercase(), params.concat(), property.text())
}

/// Returns a time property in canonical form: the point in time, and for a series also its TZID,
/// because later instances depend on the zone.
fn time(property: Property<'_>, recurs: bool, zones: &Zones) -> String {
    let Ok(time) = property.date_time() else { return line(property) };
    let zone = time.tzid().filter(|_| recurs).unwrap_or_default();
    format!("{}:{zone}:{}", property.name().to_ascii_uppercase(), key(&time, zones))
}

fn dates(property: Property<'_>, zones: &Zones) -> Vec<String> {
    let Ok(times) = property.date_times() else { return vec![line(property)] };
    let name = property.name().to_ascii_uppercase();
    times.iter().map(|time| format!("{name}:{}", key(time, zones))).collect()
}

fn key(time: &DateTime, zones: &Zones) -> String {
    RecurrenceKey::of(time, zones).date_time().to_string()
}
