//! Whether a recurrence rule is well-formed (RFC 5545 §3.3.10).
//!
//! **Invariant:** refuses what cannot be expanded or could be in two ways; parts nobody has standardised, and RSCALE with its
//! own months (RFC 7529), are free.

use crate::value::DateTime;

const FREQUENCIES: [&str; 7] = ["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// The lists of numbers: name, least and greatest magnitude, whether they may count from the end.
const LISTS: [(&str, i32, i32, bool); 8] = [
    ("BYSECOND", 0, 60, false),
    ("BYMINUTE", 0, 59, false),
    ("BYHOUR", 0, 23, false),
    ("BYMONTH", 1, 12, false),
    ("BYMONTHDAY", 1, 31, true),
    ("BYYEARDAY", 1, 366, true),
    ("BYWEEKNO", 1, 53, true),
    ("BYSETPOS", 1, 366, true),
];

/// What is wrong with the rule, if anything.
pub(super) fn judge(rule: &str) -> Result<(), String> {
    let mut seen: Vec<String> = Vec::new();
    // A semicolon at the end is known from clients and says nothing.
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or_else(|| format!("“{part}” is no part of a rule"))?;
        let name = name.trim().to_ascii_uppercase();
        if seen.contains(&name) {
            return Err(format!("{name} stands twice"));
        }
        if !is_part(&name, value.trim(), rule) {
            return Err(format!("{name} cannot be “{value}”"));
        }
        seen.push(name);
    }
    let has = |name: &str| seen.iter().any(|seen| seen == name);
    if !has("FREQ") {
        return Err("FREQ is missing".to_owned());
    }
    if has("COUNT") && has("UNTIL") {
        return Err("COUNT and UNTIL exclude each other".to_owned());
    }
    Ok(())
}

fn is_part(name: &str, value: &str, rule: &str) -> bool {
    let is_word = |words: &[&str], value: &str| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    match name {
        "FREQ" => is_word(&FREQUENCIES, value),
        "UNTIL" => DateTime::parse(value, None).is_ok(),
        "COUNT" | "INTERVAL" => value.parse::<u32>().is_ok_and(|number| number > 0),
        "WKST" => is_word(&WEEKDAYS, value),
        "BYDAY" => value.split(',').all(|day| is_day(day.trim())),
        "BYMONTH" if rule.to_ascii_uppercase().contains("RSCALE=") => true,
        _ => match LISTS.iter().find(|(list, ..)| *list == name) {
            Some((_, least, most, signed)) => value.split(',').all(|item| is_item(item.trim(), *least, *most, *signed)),
            None => true,
        },
    }
}

fn is_day(day: &str) -> bool {
    let Some(at) = day.len().checked_sub(2).filter(|at| day.is_char_boundary(*at)) else { return false };
    let (number, weekday) = day.split_at(at);
    let weekday = WEEKDAYS.iter().any(|name| name.eq_ignore_ascii_case(weekday));
    weekday && (number.is_empty() || is_item(number, 1, 53, true))
}

fn is_item(item: &str, least: i32, most: i32, signed: bool) -> bool {
    item.parse::<i32>().is_ok_and(|number| {
        let magnitude = if signed { number.saturating_abs() } else { number };
        (least..=most).contains(&magnitude)
    })
}
