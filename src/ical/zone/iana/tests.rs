//! The database compared with that of chrono-tz, from which it is written.

use super::*;
use crate::time::{DAY, civil, local};
use chrono::{MappedLocalTime, NaiveDate, NaiveDateTime, Offset as _, TimeDelta, TimeZone as _};
use chrono_tz::{OffsetComponents as _, OffsetName as _, TZ_VARIANTS, Tz};
use std::collections::BTreeMap;
use std::path::Path;

/// No zone changes and changes back within this time.
const STEP: i64 = 7 * DAY;

fn year(year: i32) -> Instant {
    civil(NaiveDate::from_ymd_opt(year, 1, 1).expect("it is a year").into())
}

/// The years in which zones change in chrono-tz.
fn years() -> (Instant, Instant) {
    (year(1800), year(2110))
}

fn told(zone: Tz, instant: Instant) -> (i64, bool, String) {
    let offset = zone.offset_from_utc_datetime(&local(instant));
    let abbreviation = offset.abbreviation().unwrap_or_default().to_owned();
    (i64::from(offset.fix().local_minus_utc()), offset.dst_offset() > TimeDelta::zero(), abbreviation)
}

fn known(zone: Iana, instant: Instant) -> (i64, bool, String) {
    let Span { offset, is_daylight, abbreviation } = zone.span_at(instant);
    (*offset, *is_daylight, (*abbreviation).to_owned())
}

#[test]
fn every_zone_means_what_chrono_tz_says() {
    if std::env::var_os("UPDATE_ZONES").is_some() {
        return write();
    }
    assert_eq!(VERSION, chrono_tz::IANA_TZDB_VERSION);
    assert_eq!(ENTRIES.len(), TZ_VARIANTS.len());
    for zone in TZ_VARIANTS {
        let own = Iana::exactly(zone.name()).unwrap_or_else(|| panic!("{zone}"));
        assert_eq!(own.name(), zone.name());
        let mut before = years().0;
        // At each change, the second before it, and between changes; where there are none, in every season.
        for at in own.table().later.iter().map(|(at, _)| *at).chain([years().1]) {
            let step = usize::try_from(((at - before) / 3).clamp(1, 90 * DAY)).expect("it is positive");
            for instant in (before..at).step_by(step).chain([at - 1, at]) {
                assert_eq!(known(own, instant), told(zone, instant), "{zone} at {}", local(instant));
                assert_eq!(own.transitions().offset_at(instant), told(zone, instant).0, "{zone} at {}", local(instant));
            }
            before = at;
        }
    }
}

/// The hours around a change in which local times are compared.
const AROUND: i64 = 30;

#[test]
fn local_times_around_every_change_are_those_of_chrono_tz() {
    for zone in TZ_VARIANTS.into_iter().step_by(3) {
        let own = Iana::exactly(zone.name()).unwrap_or_else(|| panic!("{zone}"));
        for at in own.transitions().onsets() {
            for hours in -AROUND..AROUND {
                let time = local(at + hours * 3_600 + 1);
                let offset = own.transitions().offset_of_local(civil(time));
                assert_eq!(offset, offset_of_local(zone, time), "{zone} at {time}");
            }
        }
    }
}

/// The first offset of an ambiguous time, and in a gap the one that held just before it.
fn offset_of_local(zone: Tz, time: NaiveDateTime) -> i64 {
    let mut before = time;
    loop {
        let offset = match zone.offset_from_local_datetime(&before) {
            MappedLocalTime::Single(offset) => offset,
            MappedLocalTime::Ambiguous(first, second) => {
                if before == time {
                    first
                } else {
                    second
                }
            }
            MappedLocalTime::None => {
                before -= TimeDelta::hours(1);
                continue;
            }
        };
        return i64::from(offset.fix().local_minus_utc());
    }
}

#[test]
fn names_are_found_in_their_spelling_and_in_any_case() {
    assert_eq!(Iana::exactly("europe/berlin"), None);
    assert_eq!(Iana::in_any_case("europe/berlin"), Iana::exactly("Europe/Berlin"));
    assert_eq!(
        format!("{} {:?}", Iana::exactly("Europe/Berlin").expect("it is known"), Iana::in_any_case("utc")),
        "Europe/Berlin Some(UTC)"
    );
    assert_eq!(Iana::in_any_case("Mars/Olympus"), None);
}

/// Writes the files.
fn write() {
    let (mut names, mut tables, mut written) = (BTreeMap::new(), vec![], BTreeMap::new());
    for zone in TZ_VARIANTS {
        let table = table(zone);
        let begin = *written.entry(table.clone()).or_insert(tables.len());
        if begin == tables.len() {
            tables.extend(table);
        }
        names.insert(zone.name(), begin);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("zone/iana");
    let names: Vec<_> = names.iter().map(|(name, begin)| format!("{name} {begin}\n")).collect();
    std::fs::write(folder.join("names"), names.concat()).expect("it can be written");
    std::fs::write(folder.join("tables"), tables).expect("it can be written");
    std::fs::write(folder.join("version"), format!("{}\n", chrono_tz::IANA_TZDB_VERSION)).expect("it can be written");
}

fn table(zone: Tz) -> Vec<u8> {
    let (begin, end) = years();
    let mut spans = vec![told(zone, begin)];
    let (mut at, mut changes) = (begin, vec![]);
    while at < end {
        let (now, next) = (told(zone, at), at + STEP);
        if told(zone, next) == now {
            at = next;
            continue;
        }
        at = first(at, next, |instant| told(zone, instant) != now);
        let then = told(zone, at);
        let number = spans.iter().position(|span| *span == then).unwrap_or_else(|| {
            spans.push(then);
            spans.len() - 1
        });
        changes.push((at, u8::try_from(number).expect("there are few spans")));
    }
    bytes(&spans, &changes)
}

fn first(mut before: Instant, mut behind: Instant, is_true: impl Fn(Instant) -> bool) -> Instant {
    while behind - before > 1 {
        let middle = before + (behind - before) / 2;
        if is_true(middle) {
            behind = middle;
        } else {
            before = middle;
        }
    }
    behind
}

fn bytes(spans: &[(i64, bool, String)], changes: &[(Instant, u8)]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(spans.len()).expect("there are few spans")];
    for (offset, is_daylight, abbreviation) in spans {
        bytes.extend(i32::try_from(*offset).expect("an offset is small").to_le_bytes());
        bytes.extend([u8::from(*is_daylight), u8::try_from(abbreviation.len()).expect("it is short")]);
        bytes.extend(abbreviation.as_bytes());
    }
    bytes.extend(u16::try_from(changes.len()).expect("there are few changes").to_le_bytes());
    let mut before = None;
    for (at, span) in changes {
        match before {
            None => bytes.extend(at.to_le_bytes()),
            Some(before) => bytes.extend(u32::try_from(at - before).expect("they are near").to_le_bytes()),
        }
        bytes.push(*span);
        before = Some(*at);
    }
    bytes
}
