//! The parser of recurrence rules.
//!
//! **Invariant:** the parser accepts the deviations that clients write and `validate` tolerates:
//! blanks, a trailing semicolon, lower case, unknown parts.

use super::{ByDay, End, Frequency, Rule, RuleError, SUPPORTED_SCALES, Skip};
use crate::value::DateTime;
use chrono::Weekday;

/// Maximum number of entries of a list in a rule. BYYEARDAY may have 366 positive and 366 negative
/// ones.
const MAX_LIST: usize = 732;

/// Maximum number of parts of a rule. Sixteen are defined; the rest is for extensions.
pub(super) const MAX_PARTS: usize = 64;

pub(super) fn parse(text: &str) -> Result<Rule, RuleError> {
    let parts = parts(text)?;
    let value = |wanted: &str| parts.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value);
    // With another RSCALE, BYMONTH has another meaning, so it is not read (RFC 7529 §4.2).
    // RSCALE=GREGORIAN changes nothing, but permits SKIP.
    let is_known = |scale: &str| SUPPORTED_SCALES.iter().any(|known| scale.eq_ignore_ascii_case(known));
    let other_scale = value("RSCALE").filter(|scale| !is_known(scale));
    let mut rule = Rule::every_day();
    for (name, value) in parts.iter().filter(|(name, _)| name != "BYMONTH" || other_scale.is_none()) {
        read(&mut rule, name, value)?;
    }
    if value("FREQ").is_none() {
        return Err(RuleError::NoFrequency);
    }
    if value("SKIP").is_some() && value("RSCALE").is_none() {
        return Err(RuleError::SkipWithoutScale); // SKIP MUST NOT be used without RSCALE (RFC 7529 §4)
    }
    // An unsupported scale is reported last, after all other errors.
    other_scale.map_or(Ok(rule), |scale| Err(RuleError::Scale(quoted(scale))))
}

/// Splits a rule into its parts: the name in upper case, and the value. Returns an error if a part
/// has no equals sign, if a name occurs twice, or if there are more than [`MAX_PARTS`] parts.
fn parts(text: &str) -> Result<Vec<(String, &str)>, RuleError> {
    let mut parts: Vec<(String, &str)> = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or_else(|| RuleError::NoPart(quoted(part)))?;
        let name = name.trim().to_ascii_uppercase();
        if parts.iter().any(|(known, _)| *known == name) {
            return Err(RuleError::Twice(quoted(&name)));
        }
        if parts.len() == MAX_PARTS {
            return Err(RuleError::TooManyParts);
        }
        parts.push((name, value.trim()));
    }
    Ok(parts)
}

impl Rule {
    fn every_day() -> Self {
        Self {
            frequency: Frequency::Daily,
            interval: 1,
            end: End::Never,
            week_start: Weekday::Mon,
            by_month: Vec::new(),
            by_week_no: Vec::new(),
            by_year_day: Vec::new(),
            by_month_day: Vec::new(),
            by_day: Vec::new(),
            by_hour: Vec::new(),
            by_minute: Vec::new(),
            by_second: Vec::new(),
            by_set_pos: Vec::new(),
            skip: Skip::Omit,
        }
    }
}

fn read(rule: &mut Rule, name: &str, value: &str) -> Result<(), RuleError> {
    let wrong = || RuleError::Value { name: name.to_owned(), value: quoted(value) };
    match name {
        "FREQ" => rule.frequency = frequency(value).ok_or_else(wrong)?,
        "INTERVAL" => rule.interval = value.parse().ok().filter(|interval| *interval > 0).ok_or_else(wrong)?,
        "COUNT" => {
            let count = value.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)?;
            set_end(rule, End::Count(count))?;
        }
        "UNTIL" => {
            let until = DateTime::parse(value, None).map_err(|_| wrong())?;
            set_end(rule, End::Until(until))?;
        }
        "WKST" => rule.week_start = weekday(value).ok_or_else(wrong)?,
        "BYSECOND" => {
            rule.by_second = unsigned(value, 0, 60).ok_or_else(wrong)?;
            rule.by_second.iter_mut().for_each(|second| *second = (*second).min(59));
            rule.by_second.dedup();
        }
        "BYMINUTE" => rule.by_minute = unsigned(value, 0, 59).ok_or_else(wrong)?,
        "BYHOUR" => rule.by_hour = unsigned(value, 0, 23).ok_or_else(wrong)?,
        "BYMONTH" => rule.by_month = unsigned(value, 1, 12).ok_or_else(wrong)?,
        "BYMONTHDAY" => rule.by_month_day = signed(value, 31).ok_or_else(wrong)?,
        "BYYEARDAY" => rule.by_year_day = signed(value, 366).ok_or_else(wrong)?,
        "BYWEEKNO" => rule.by_week_no = signed(value, 53).ok_or_else(wrong)?,
        "BYSETPOS" => rule.by_set_pos = signed(value, 366).ok_or_else(wrong)?,
        "BYDAY" => rule.by_day = list(value, by_day).ok_or_else(wrong)?,
        "SKIP" => rule.skip = skip(value).ok_or_else(wrong)?,
        _ => {}
    }
    Ok(())
}

fn set_end(rule: &mut Rule, end: End) -> Result<(), RuleError> {
    if rule.end != End::Never {
        return Err(RuleError::TwoEnds);
    }
    rule.end = end;
    Ok(())
}

fn frequency(value: &str) -> Option<Frequency> {
    Some(match value.to_ascii_uppercase().as_str() {
        "SECONDLY" => Frequency::Secondly,
        "MINUTELY" => Frequency::Minutely,
        "HOURLY" => Frequency::Hourly,
        "DAILY" => Frequency::Daily,
        "WEEKLY" => Frequency::Weekly,
        "MONTHLY" => Frequency::Monthly,
        "YEARLY" => Frequency::Yearly,
        _ => return None,
    })
}

fn weekday(value: &str) -> Option<Weekday> {
    Some(match value.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

fn skip(value: &str) -> Option<Skip> {
    Some(match value.to_ascii_uppercase().as_str() {
        "OMIT" => Skip::Omit,
        "BACKWARD" => Skip::Backward,
        "FORWARD" => Skip::Forward,
        _ => return None,
    })
}

fn by_day(item: &str) -> Option<ByDay> {
    let at = item.len().checked_sub(2).filter(|at| item.is_char_boundary(*at))?;
    let (nth, name) = item.split_at(at);
    let nth = if nth.is_empty() { 0 } else { magnitude(nth, 53)? };
    Some(ByDay { nth, weekday: weekday(name)? })
}

fn magnitude(item: &str, most: i32) -> Option<i32> {
    item.parse().ok().filter(|number: &i32| (1..=most).contains(&number.saturating_abs()))
}

fn signed(value: &str, most: i32) -> Option<Vec<i32>> {
    let mut numbers = list(value, |item| magnitude(item, most))?;
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

fn unsigned(value: &str, least: u32, most: u32) -> Option<Vec<u32>> {
    let mut numbers = list(value, |item| item.parse().ok().filter(|number| (least..=most).contains(number)))?;
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

fn list<T>(value: &str, item: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let mut items = value.split(',').map(str::trim);
    let read: Option<Vec<T>> = items.by_ref().take(MAX_LIST).map(item).collect();
    read.filter(|_| items.next().is_none())
}

/// Shortens a value for an error message.
fn quoted(value: &str) -> String {
    const QUOTED_CHARACTERS: usize = 60;
    value.chars().take(QUOTED_CHARACTERS).collect()
}
