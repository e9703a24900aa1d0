//! Tests of zones that are found by name or defined by a VTIMEZONE.

use super::{Zone, Zones};
use crate::Document;
use crate::time::{DAY, civil};
use crate::value::DateTime;
use chrono_tz::Tz;
use proptest::prelude::*;

fn time(text: &str) -> chrono::NaiveDateTime {
    DateTime::parse(text, None).expect("it is a time").local()
}

fn instant(text: &str) -> i64 {
    civil(time(text))
}

/// The observances of Germany since 1996, as Outlook writes them: with a start in 1601.
const CENTRAL_EUROPE: &str = "BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n\
    RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\n\
    TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\n";
const ALWAYS_FIVE: &str =
    "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0500\nTZOFFSETTO:+0500\nEND:STANDARD\n";

fn document(tzid: &str, more: &str, observances: &str) -> Document {
    let text = format!(
        "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:{tzid}\n{more}{observances}END:VTIMEZONE\nBEGIN:VEVENT\n\
         DTSTAMP:20260101T000000Z\nDTSTART;TZID=\"{tzid}\":20260105T120000\nEND:VEVENT\nEND:VCALENDAR\n"
    );
    Document::parse(text).expect("the text is well-formed")
}

#[test]
fn a_tzid_is_resolved_in_the_order_of_trust() {
    let rows = [
        ("IANA", "Europe/Berlin", "", CENTRAL_EUROPE, "Europe/Berlin"),
        ("IANA in another case", "europe/BERLIN", "", CENTRAL_EUROPE, "Europe/Berlin"),
        ("IANA, against the VTIMEZONE", "Europe/Berlin", "", ALWAYS_FIVE, "Europe/Berlin"),
        ("a vendor's path", "/citadel.org/20210210_1/Europe/Berlin", "", "", "Europe/Berlin"),
        ("three segments", "/x.example/1/America/Indiana/Knox", "", "", "America/Indiana/Knox"),
        ("a link", "US/Eastern", "", "", "US/Eastern"),
        ("Windows, and the VTIMEZONE agrees", "W. Europe Standard Time", "", CENTRAL_EUROPE, "Europe/Berlin"),
        ("Windows alone", "W. Europe Standard Time", "", "", "Europe/Berlin"),
        ("Windows, but the VTIMEZONE contradicts", "W. Europe Standard Time", "", ALWAYS_FIVE, "custom"),
        ("a hint that agrees", "Custom", "X-LIC-LOCATION:Europe/Rome\n", CENTRAL_EUROPE, "Europe/Rome"),
        ("a hint that does not", "Custom", "X-LIC-LOCATION:Asia/Tokyo\n", CENTRAL_EUROPE, "custom"),
        ("its own rules", "tzone://Microsoft/Custom", "", CENTRAL_EUROPE, "custom"),
        ("UTC", "UTC", "", "", "utc"),
        ("UTC of Exchange", "tzone://Microsoft/Utc", "", "", "utc"),
        ("a custom zone of Exchange without rules", "tzone://Microsoft/Custom", "", "", "unknown"),
        ("nothing known", "Mars/Olympus", "", "", "unknown"),
    ];
    for (title, tzid, more, observances, expected) in rows {
        let zones = Zones::of(&document(tzid, more, observances));
        let found = match zones.find(tzid) {
            Some(Zone::Iana(zone)) => zone.name().to_owned(),
            Some(Zone::Custom(_)) => "custom".to_owned(),
            Some(Zone::Utc) => "utc".to_owned(),
            Some(Zone::Floating) => "floating".to_owned(),
            None => "unknown".to_owned(),
        };
        assert_eq!(found, expected, "{title}");
        assert_eq!(zones.unknown().count(), usize::from(expected == "unknown"), "{title}");
    }
}

#[test]
fn a_tzid_is_found_however_text_and_parameter_escape_it() {
    let rows = [
        ("as RFC 5545 says", r"(UTC+01:00) Riga\, Oslo", "(UTC+01:00) Riga, Oslo"),
        ("escaped in neither", "(UTC+01:00) Riga, Oslo", "(UTC+01:00) Riga, Oslo"),
        ("escaped in both", r"(UTC+01:00) Riga\, Oslo", r"(UTC+01:00) Riga\, Oslo"),
        ("escaped in the parameter only", "(UTC+01:00) Riga, Oslo", r"(UTC+01:00) Riga\, Oslo"),
    ];
    for (title, text, param) in rows {
        let document =
            document(text, "", CENTRAL_EUROPE).as_str().replace(&format!("\"{text}\""), &format!("\"{param}\""));
        let zones = Zones::of(&Document::parse(document).expect("the text is well-formed"));
        assert!(matches!(zones.find(param), Some(Zone::Custom(_))), "{title}");
        assert_eq!(zones.unknown().count(), 0, "{title}");
    }
}

#[test]
fn a_gap_uses_the_offset_before_and_a_fold_the_first() {
    let custom = Zones::of(&document("Custom", "", CENTRAL_EUROPE)).get("Custom");
    let iana = |zone| Zone::Iana(zone);
    let rows = [
        ("winter", iana(Tz::Europe__Berlin), "20260105T120000", "20260105T110000"),
        ("summer", iana(Tz::Europe__Berlin), "20260705T120000", "20260705T100000"),
        ("gap", iana(Tz::Europe__Berlin), "20260329T023000", "20260329T013000"),
        ("fold", iana(Tz::Europe__Berlin), "20261025T023000", "20261025T003000"),
        ("winter", custom.clone(), "20260105T120000", "20260105T110000"),
        ("summer", custom.clone(), "20260705T120000", "20260705T100000"),
        ("gap", custom.clone(), "20260329T023000", "20260329T013000"),
        ("fold", custom, "20261025T023000", "20261025T003000"),
        ("a midnight that is missing", iana(Tz::America__Havana), "20260308T000000", "20260308T050000"),
        ("a day that is missing", iana(Tz::Pacific__Apia), "20111230T120000", "20111230T220000"),
        ("UTC", Zone::Utc, "20260329T023000", "20260329T023000"),
        ("floating", Zone::Floating, "20260329T023000", "20260329T023000"),
    ];
    for (title, zone, local, expected) in rows {
        assert_eq!(zone.to_instant(time(local)), instant(expected), "{title}: {zone:?}");
    }
}

#[test]
fn every_instant_has_a_local_time() {
    let custom = Zones::of(&document("Custom", "", CENTRAL_EUROPE)).get("Custom");
    for zone in [Zone::Utc, Zone::Floating, Zone::Iana(Tz::Pacific__Kiritimati), custom] {
        assert!(zone.to_local(i64::MIN) < zone.to_local(i64::MAX), "{zone:?}");
        assert!(zone.offset_at(i64::MIN).abs() < DAY && zone.offset_at(i64::MAX).abs() < DAY, "{zone:?}");
    }
}

#[test]
fn until_of_an_observance_is_in_utc() {
    let us_2006 = "BEGIN:STANDARD\nDTSTART:19971026T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\n\
        RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10;UNTIL=20061029T060000Z\nEND:STANDARD\nBEGIN:DAYLIGHT\n\
        DTSTART:19970406T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\n\
        RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4;UNTIL=20060402T070000Z\nEND:DAYLIGHT\n\
        BEGIN:DAYLIGHT\nDTSTART:20070311T020000\nRDATE:20080309T020000,20090308T070000Z\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nEND:DAYLIGHT\n\
        BEGIN:STANDARD\nDTSTART:20071104T020000\nRDATE:20081102T020000,20091101T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nEND:STANDARD\n";
    let zone = Zones::of(&document("Custom", "", us_2006)).get("Custom");
    let rows = [
        ("20061028T120000", 16),
        ("20061030T120000", 17),
        ("20070312T120000", 16),
        ("20080310T120000", 16),
        ("20090309T120000", 16),
        ("20090301T120000", 17),
        ("20300701T120000", 17),
        ("19500701T120000", 17),
    ];
    for (local, hour) in rows {
        assert_eq!(zone.to_instant(time(local)).rem_euclid(DAY) / 3600, hour, "{local}");
    }
}

#[test]
fn equal_vtimezones_share_their_transitions() {
    let zone = || match Zones::of(&document("Custom", "", CENTRAL_EUROPE)).get("Custom") {
        Zone::Custom(table) => table,
        other => panic!("{other:?}"),
    };
    assert!(std::sync::Arc::ptr_eq(&zone(), &zone()));
}

#[test]
fn a_cached_zone_costs_the_same_budget() {
    let daily = |number: usize| {
        format!(
            "BEGIN:VTIMEZONE\nTZID:{number}\nBEGIN:STANDARD\nDTSTART:19000101T000000\nTZOFFSETFROM:+0200\n\
             TZOFFSETTO:+0100\nRRULE:FREQ=DAILY;BYMONTH=1,2,3,4,5,6\nEND:STANDARD\nEND:VTIMEZONE\n"
        )
    };
    let many: String = (100..120).map(daily).collect();
    let document = Document::parse(specimens::calendar(&many)).expect("it is well-formed");
    let known = || (100..120).filter(|number| Zones::of(&document).find(&number.to_string()).is_some()).count();
    let first = known();
    assert!((1..20).contains(&first), "{first}");
    assert_eq!(known(), first);
}

#[test]
fn a_zone_over_its_budget_is_unknown() {
    let every_second = "BEGIN:STANDARD\nDTSTART:19000101T000000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n\
        RRULE:FREQ=SECONDLY\nEND:STANDARD\n";
    let rules = format!("TZOFFSETTO:+0100\n{}", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\n".repeat(100));
    let many_rules = CENTRAL_EUROPE.replacen("TZOFFSETTO:+0100\n", &rules, 1);
    for observances in [every_second, &many_rules] {
        assert_eq!(Zones::of(&document("Custom", "", observances)).find("Custom"), None);
    }
    assert!(Zones::of(&document("Custom", "", CENTRAL_EUROPE)).find("Custom").is_some());
}

proptest! {
    #[test]
    fn the_table_of_a_zone_agrees_with_the_zone(day in 10_000..40_000_i64, second in 0..DAY) {
        let custom = Zones::of(&document("Custom", "", CENTRAL_EUROPE)).get("Custom");
        let iana = Zone::Iana(Tz::Europe__Berlin);
        let instant = day * DAY + second;
        prop_assert_eq!(custom.to_local(instant), iana.to_local(instant));
        let local = crate::time::local(instant);
        prop_assert_eq!(custom.to_instant(local), iana.to_instant(local));
    }

    #[test]
    fn every_instant_comes_back_but_for_the_second_pass_of_a_fold(instant in 0..3_000_000_000_i64, at in 0..chrono_tz::TZ_VARIANTS.len()) {
        let zone = Zone::Iana(chrono_tz::TZ_VARIANTS[at]);
        let local = zone.to_local(instant);
        let back = zone.to_instant(local);
        prop_assert!(back <= instant);
        prop_assert_eq!(zone.to_local(back), local);
    }
}
