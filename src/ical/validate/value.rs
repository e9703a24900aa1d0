//! Checks of a single value by its type.
//!
//! **Invariant:** except in TRIGGER, a DATE with VALUE=DATE-TIME and a DATE-TIME with VALUE=DATE
//! are refused, because other programs may rely on the parameter.

use super::invalid::Invalid;
use super::table::Type;
use crate::rule::{Rule, RuleError};
use crate::text::Property;
use crate::value::{DateTime, ValueError};

pub(crate) fn judge(property: Property<'_>, of: Type) -> Result<(), Invalid> {
    let refuse = |why: String| Err(Invalid::property("value-type", property, why));
    let result = match of {
        Type::NotEmpty if property.value().trim().is_empty() => return refuse("the value is empty".to_owned()),
        Type::Free | Type::NotEmpty => Ok(()),
        Type::Moment => property.date_time().and_then(|moment| agrees(property, &[moment])),
        Type::Moments => property.date_times().and_then(|moments| agrees(property, &moments)),
        Type::MomentsOrPeriods if is_value(property, "PERIOD") => property.periods().map(drop),
        Type::MomentsOrPeriods => property.date_times().and_then(|moments| agrees(property, &moments)),
        Type::Periods => property.periods().map(drop),
        Type::Duration => property.duration().map(drop),
        Type::Trigger => judge_trigger(property),
        Type::Integer(from, to) => return judge_integer(property, from, to),
        Type::Offset => property.utc_offset().map(drop),
        Type::Rule => return judge_rule(property),
        Type::Geo => return judge_geo(property),
        Type::OneOf(words) => return judge_word(property, words),
    };
    result.or_else(|error| refuse(error.to_string()))?;
    judge_year(property, of)
}

/// Checks a TRIGGER: a duration, or a time with VALUE=DATE-TIME (RFC 5545 §3.8.6.3). A time without
/// VALUE and a date are tolerated.
fn judge_trigger(property: Property<'_>) -> Result<(), ValueError> {
    let Err(no_duration) = property.duration() else { return Ok(()) };
    let is_time = is_value(property, "DATE-TIME");
    property.date_time().map(drop).map_err(|no_time| if is_time { no_time } else { no_duration })
}

/// Properties in which clients write the year 0 for an unknown time, as Google does in CREATED.
const UNKNOWN_TIMES: [&str; 4] = ["CREATED", "LAST-MODIFIED", "DTSTAMP", "COMPLETED"];

/// Refuses the year 0 in a DATE or DATE-TIME, because it is before `CALDAV:min-date-time` (RFC 4791
/// §5.2.6). It is tolerated in [`UNKNOWN_TIMES`] and in definitions of time zones.
fn judge_year(property: Property<'_>, of: Type) -> Result<(), Invalid> {
    let is_moment = matches!(of, Type::Moment | Type::Moments | Type::MomentsOrPeriods | Type::Periods);
    let is_tolerated = UNKNOWN_TIMES.iter().any(|name| property.is(name));
    let is_in_zone = property.component().parent().is_some_and(|parent| parent.is("VTIMEZONE"));
    if !is_moment
        || is_tolerated
        || is_in_zone
        || !property.value().split(',').any(|value| value.trim_start().starts_with("0000"))
    {
        return Ok(());
    }
    Err(Invalid::property("earliest-date", property, "the date lies before the year 0001").of_early_date())
}

fn is_value(property: Property<'_>, name: &str) -> bool {
    property.param("VALUE").is_some_and(|value| value.eq_ignore_ascii_case(name))
}

/// Checks that values agree with their VALUE parameter. A DATE without VALUE=DATE is tolerated,
/// because it has only one meaning. A DATE-TIME with VALUE=DATE is refused. Midnight is no
/// exception here, because `repair` converts it to a DATE before.
fn agrees(property: Property<'_>, moments: &[DateTime]) -> Result<(), ValueError> {
    let wrong = |moment: &&DateTime| {
        if moment.is_date() { is_value(property, "DATE-TIME") } else { is_value(property, "DATE") }
    };
    match moments.iter().find(wrong) {
        Some(moment) => Err(ValueError::new(&moment.to_string(), "contradicts the VALUE parameter")),
        None => Ok(()),
    }
}

fn judge_integer(property: Property<'_>, from: i32, to: i32) -> Result<(), Invalid> {
    let refuse = |why: String| Err(Invalid::property("value-range", property, why));
    match property.integer() {
        Err(error) => Err(Invalid::property("value-type", property, error.to_string())),
        Ok(number) if (from..=to).contains(&number) => Ok(()),
        Ok(number) if to == i32::MAX => refuse(format!("the value {number} is less than {from}")),
        Ok(number) => refuse(format!("the value {number} is not between {from} and {to}")),
    }
}

fn judge_word(property: Property<'_>, words: &[&str]) -> Result<(), Invalid> {
    let value = property.value().trim();
    if words.iter().any(|word| word.eq_ignore_ascii_case(value)) {
        return Ok(());
    }
    let value = value.chars().take(60).collect::<String>();
    Err(Invalid::property("value-word", property, format!("`{value}` is not one of {}", words.join(", "))))
}

/// Checks a GEO: latitude and longitude (RFC 5545 §3.8.1.6).
fn judge_geo(property: Property<'_>) -> Result<(), Invalid> {
    let float = |text: &str, most: f64| text.trim().parse::<f64>().is_ok_and(|number| number.abs() <= most);
    match property.value().split_once(';') {
        Some((latitude, longitude)) if float(latitude, 90.0) && float(longitude, 180.0) => Ok(()),
        Some(_) | None => Err(Invalid::property(
            "value-type",
            property,
            "the value must be a latitude from -90 to 90 and a longitude from -180 to 180, written latitude;longitude",
        )),
    }
}

fn judge_rule(property: Property<'_>) -> Result<(), Invalid> {
    match Rule::parse(property.value()) {
        // A rule with another RSCALE is well-formed (RFC 7529); module `scale` decides about it.
        Ok(_) | Err(RuleError::Scale(_)) => Ok(()),
        Err(error) => Err(Invalid::property("recurrence-rule", property, error.to_string())),
    }
}
