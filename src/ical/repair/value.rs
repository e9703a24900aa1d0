//! Repairs of one value by its type.
//!
//! **Invariant:** the repaired value is valid for its type.

use super::RepairKind;
use crate::rule::Rule;
use crate::text::Property;
use crate::validate::table::Type;
use crate::validate::value::judge;
use crate::value::{DateTime, UtcOffset};

/// Words that clients misspell.
const SPELLINGS: [(&str, &str); 1] = [("CANCELED", "CANCELLED")];

pub(super) fn is_valid(property: Property<'_>, of: Type) -> bool {
    judge(property, of).is_ok()
}

/// Returns the value that is meant.
///
/// Returns `None` if the value is valid or has no certain meaning.
pub(super) fn repaired(property: Property<'_>, of: Type) -> Option<(String, RepairKind)> {
    if is_valid(property, of) {
        return None;
    }
    let value = property.value().trim();
    match of {
        Type::Moment | Type::Moments => date_times(value).map(|value| (value, RepairKind::DateTimeFormat)),
        Type::Integer(from, to) => integer(value, from, to).map(|value| (value, RepairKind::IntegerFormat)),
        Type::Offset => offset(value).map(|value| (value, RepairKind::UtcOffsetFormat)),
        Type::Geo => geo(value).map(|value| (value, RepairKind::GeoFormat)),
        Type::Rule => rule(value).map(|value| (value, RepairKind::EmptyRulePart)),
        Type::OneOf(words) => spelling(value, words).map(|value| (value, RepairKind::Spelling)),
        Type::Free | Type::NotEmpty | Type::MomentsOrPeriods | Type::Periods | Type::Duration | Type::Trigger => None,
    }
}

/// `100.0` is an integer; `99.5` is none.
fn integer(value: &str, from: i32, to: i32) -> Option<String> {
    let (whole, decimals) = value.split_once('.')?;
    let number: i32 = whole.parse().ok().filter(|number| (from..=to).contains(number))?;
    decimals.bytes().all(|digit| digit == b'0').then(|| number.to_string())
}

/// `+100`, `+01:00` and `0100` are offsets of one hour.
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

/// Latitude and longitude, separated by a comma or an escaped semicolon.
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

/// Leaves out parts without a value.
fn rule(value: &str) -> Option<String> {
    let is_empty = |part: &&str| part.split_once('=').is_some_and(|(_, value)| value.trim().is_empty());
    let parts: Vec<_> = value.split(';').filter(|part| !is_empty(part)).collect();
    let repaired = parts.join(";");
    Rule::parse(&repaired).is_ok().then_some(repaired)
}

fn date_times(value: &str) -> Option<String> {
    let items: Option<Vec<_>> = value.split(',').map(|item| date_time(item.trim())).collect();
    items.map(|items| items.join(","))
}

/// Reads the extended format of ISO 8601, fractions of a second, and times without seconds.
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
