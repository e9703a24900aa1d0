//! Repairs of a single value according to its type.
//!
//! **Invariant:** the repaired value can be parsed as its type. The functions return `None` if they
//! cannot repair the value.

use super::RepairKind;
use crate::rule::Rule;
use crate::text::Property;
use crate::validate::table::Type;
use crate::validate::value::judge;
use crate::value::{DateTime, UtcOffset};

/// Words that clients write by mistake, each with the word that they mean.
const SPELLINGS: [(&str, &str); 3] = [("CANCELED", "CANCELLED"), ("FREE", "TRANSPARENT"), ("BUSY", "OPAQUE")];

pub(super) fn is_valid(property: Property<'_>, of: Type) -> bool {
    judge(property, of).is_ok()
}

/// Returns the value that the client meant, and the kind of repair.
///
/// Returns `None` if the value is valid, or if it cannot be repaired.
pub(super) fn repaired(property: Property<'_>, of: Type) -> Option<(String, RepairKind)> {
    if is_valid(property, of) {
        return None;
    }
    let value = property.value().trim();
    match of {
        Type::Moment | Type::Moments | Type::MomentsOrPeriods => {
            let days = if is_date(property) { midnights(value) } else { None };
            let instant = if property.param("TZID").is_none() { instants(value) } else { None };
            let moments = days.or(instant).or_else(|| date_times(value));
            moments.map(|value| (value, RepairKind::DateTimeFormat))
        }
        Type::Integer(from, to) => integer(value, from, to).map(|value| (value, RepairKind::IntegerFormat)),
        Type::Offset => offset(value).map(|value| (value, RepairKind::UtcOffsetFormat)),
        Type::Geo => geo(value).map(|value| (value, RepairKind::GeoFormat)),
        Type::Rule => rule(value),
        Type::OneOf(words) => spelling(value, words).map(|value| (value, RepairKind::Spelling)),
        Type::Free | Type::NotEmpty | Type::Periods | Type::Duration | Type::Trigger => None,
    }
}

/// Repairs an integer: `100.0` becomes 100, and a negative SEQUENCE or REPEAT becomes 0. Returns
/// `None` for any other value, such as `99.5`, and if the integer is not between `from` and `to`.
fn integer(value: &str, from: i32, to: i32) -> Option<String> {
    if (from, to) == (0, i32::MAX) && value.parse::<i32>().is_ok_and(|number| number < 0) {
        return Some("0".to_owned());
    }
    let (whole, decimals) = value.split_once('.')?;
    let number: i32 = whole.parse().ok().filter(|number| (from..=to).contains(number))?;
    decimals.bytes().all(|digit| digit == b'0').then(|| number.to_string())
}

/// Repairs a UTC offset: `+100`, `+01:00` and `0100` are offsets of one hour. Returns `None` if the
/// value cannot be read as an offset.
fn offset(value: &str) -> Option<String> {
    let (sign, digits) = match value.as_bytes().first()? {
        b'+' | b'-' => value.split_at(1),
        _ => ("+", value),
    };
    let digits = digits.replace(':', "");
    let padded = match digits.len() {
        2 => format!("{digits}00"),
        3 => format!("0{digits}"),
        4 | 6 => digits,
        _ => return None,
    };
    UtcOffset::parse(&format!("{sign}{padded}")).ok().map(|offset| offset.to_string())
}

/// Repairs a GEO whose latitude and longitude are separated by a comma or an escaped semicolon.
/// Returns `None` for any other value.
fn geo(value: &str) -> Option<String> {
    let (latitude, longitude) = value.split_once("\\;").or_else(|| value.split_once(','))?;
    let degrees = |text: &str, most: f64| text.trim().parse::<f64>().is_ok_and(|number| number.abs() <= most);
    let valid = degrees(latitude, 90.0) && degrees(longitude, 180.0);
    valid.then(|| format!("{};{}", latitude.trim(), longitude.trim()))
}

fn spelling(value: &str, words: &[&str]) -> Option<String> {
    let (_, meant) = SPELLINGS.iter().find(|(wrong, _)| wrong.eq_ignore_ascii_case(value))?;
    words.contains(meant).then(|| (*meant).to_owned())
}

/// Repairs a recurrence rule: leaves out parts without a value, and writes UNTIL in the format of
/// RFC 5545. Returns `None` if the rule is still invalid.
fn rule(value: &str) -> Option<(String, RepairKind)> {
    let is_empty = |part: &&str| part.split_once('=').is_some_and(|(_, value)| value.trim().is_empty());
    let parts: Vec<_> = value.split(';').filter(|part| !is_empty(part)).collect();
    let valid = |parts: &[String]| Some(parts.join(";")).filter(|rule| Rule::parse(rule).is_ok());
    let whole: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
    if let Some(rule) = valid(&whole) {
        return Some((rule, RepairKind::EmptyRulePart));
    }
    let written: Vec<String> = parts.into_iter().map(|part| until(part).unwrap_or_else(|| part.to_owned())).collect();
    valid(&written).map(|rule| (rule, RepairKind::DateTimeFormat))
}

fn until(part: &str) -> Option<String> {
    let (name, value) = part.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("UNTIL"))?;
    let value = instants(value.trim()).or_else(|| date_time(value.trim()))?;
    Some(format!("{name}={value}"))
}

/// Splits a list at commas and leaves out empty items.
fn items(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn joined(items: impl Iterator<Item = Option<String>>) -> Option<String> {
    let items: Vec<String> = items.collect::<Option<_>>()?;
    (!items.is_empty()).then(|| items.join(","))
}

fn date_times(value: &str) -> Option<String> {
    joined(items(value).map(date_time))
}

fn is_date(property: Property<'_>) -> bool {
    property.param("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("DATE"))
}

/// Converts times at midnight to dates, because some exporters write a day as its midnight. Returns
/// `None` if a value is no midnight.
fn midnights(value: &str) -> Option<String> {
    let day = |item: &str| {
        let (date, time) = item.split_once(['T', 't'])?;
        let date = date.replace('-', "");
        let is_midnight = matches!(time.replace(':', "").as_str(), "000000" | "0000");
        DateTime::parse(&date, None).ok().filter(|_| is_midnight).map(|_| date)
    };
    joined(items(value).map(day))
}

/// Converts local times with an offset from UTC (RFC 3339 §5.6) to times in UTC. Returns `None` if
/// another format occurs.
fn instants(value: &str) -> Option<String> {
    let instant = |item: &str| {
        let time = chrono::DateTime::parse_from_rfc3339(item).ok()?;
        let utc = time.to_utc().format("%Y%m%dT%H%M%SZ").to_string();
        DateTime::parse(&utc, None).ok().map(|_| utc)
    };
    joined(items(value).map(instant))
}

/// Converts a date or time to the format of RFC 5545 from the extended format of ISO 8601, also
/// with fractions of a second or without seconds. Returns `None` for any other format.
fn date_time(value: &str) -> Option<String> {
    let (local, zone) = value.strip_suffix(['Z', 'z']).map_or((value, ""), |local| (local, "Z"));
    let (date, time) = local.split_once(['T', 't', ' ']).map_or((local, None), |(date, time)| (date, Some(time)));
    let basic = |text: &str, separator: char| text.replace(separator, "");
    let mut repaired = basic(date, '-');
    if let Some(time) = time {
        let whole = time.split_once('.').map_or(time, |(whole, _)| whole);
        let time = basic(whole, ':');
        repaired.push('T');
        repaired.push_str(&time);
        repaired.push_str(if time.len() == "HHMM".len() { "00" } else { "" });
    }
    repaired.push_str(zone);
    DateTime::parse(&repaired, None).ok().map(|_| repaired)
}
