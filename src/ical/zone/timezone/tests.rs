//! Tests of generated VTIMEZONEs.

use super::*;
use crate::time::{Instant, civil};
use crate::value::DateTime;
use crate::view::Timezone;
use crate::zone::observance;
use chrono_tz::TZ_VARIANTS;

fn instant(text: &str) -> Instant {
    civil(DateTime::parse(text, None).expect("it is a time").local())
}

fn year(year: i32) -> Window {
    Window::new(instant(&format!("{year}0101")), instant(&format!("{}0101", year + 1)))
}

const BERLIN: &str = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:DAYLIGHT\r\nDTSTART:19810329T020000\r\n\
    TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n\
    BEGIN:STANDARD\r\nDTSTART:19961027T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

#[test]
fn a_generated_vtimezone_covers_its_window() {
    let one_moment = Window::new(instant("20260105T120000Z"), instant("20260105T130000Z"));
    assert_eq!(vtimezone("Europe/Berlin", one_moment).as_deref(), Some(BERLIN));
    assert_eq!(vtimezone("Europe/Berlin", Window::new(instant("20260101"), Window::ALL.end)).as_deref(), Some(BERLIN));
    let rows = [
        (
            "a rule that has ended",
            "America/New_York",
            year(1990),
            "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z\r\n",
            2,
        ),
        (
            "no change since long ago",
            "Asia/Tokyo",
            year(2026),
            "BEGIN:STANDARD\r\nDTSTART:19510909T010000\r\nTZOFFSETFROM:+1000\r\nTZOFFSETTO:+0900\r\nTZNAME:JST\r\nEND",
            1,
        ),
        (
            "no change ever",
            "Etc/GMT+5",
            year(2026),
            "BEGIN:STANDARD\r\nDTSTART:18991231T190000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0500\r\n",
            1,
        ),
        (
            "a local mean time",
            "America/Sao_Paulo",
            Window::new(Window::ALL.start, instant("19000101")),
            "TZOFFSETTO:-030628\r\nTZNAME:LMT\r\n",
            1,
        ),
        ("changes without a rule", "Africa/Casablanca", year(2026), "RDATE:20260322T020000\r\n", 2),
        ("the name it was asked by", "W. Europe Standard Time", year(2026), "TZID:W. Europe Standard Time\r\n", 2),
        ("UTC", "Etc/UTC", year(2026), "TZOFFSETTO:+0000\r\nTZNAME:UTC\r\n", 1),
    ];
    for (title, tzid, window, expected, observances) in rows {
        let text = vtimezone(tzid, window).unwrap_or_else(|| panic!("{title}"));
        assert!(text.contains(expected), "{title}: {text}");
        assert_eq!(text.matches("DTSTART").count(), observances, "{title}: {text}");
    }
    assert_eq!(vtimezone("Mars/Olympus", year(2026)), None);
}

/// The transitions read from a generated VTIMEZONE agree with the database: before each transition,
/// at it, and between transitions.
#[test]
fn generated_vtimezones_agree_with_the_database() {
    let windows = [year(2026), year(1983), Window::new(instant("20100101"), Window::ALL.end)];
    for zone in TZ_VARIANTS.iter().step_by(15) {
        let all = onsets(*zone);
        for window in windows {
            let text = vtimezone(zone.name(), window).expect("the zone is known");
            // The specimens would trim the blanks of folded lines, so the text is parsed directly.
            let document = Document::parse(format!("BEGIN:VCALENDAR\n{text}END:VCALENDAR\n"));
            let document = document.expect("it is well-formed");
            let timezone = document.root().components().next().expect("it is there");
            let table =
                observance::table(Timezone::of(timezone).expect("it is one"), &crate::recur::Budget::new(1_000_000))
                    .expect("it can be read");
            let known = Window::new(window.start, window.end.min(onset_end()));
            let changes = all.iter().map(|onset| onset.at).filter(|at| (known.start..known.end).contains(at));
            for at in changes.flat_map(|at| [at - 1, at]).chain([known.start, known.end - 1]) {
                assert_eq!(table.offset_at(at), Zone::Iana(*zone).offset_at(at), "{zone} at {at}: {text}");
            }
        }
    }
}

fn onset_end() -> Instant {
    super::super::onset::years().end
}

fn parsed(components: &str) -> Document {
    Document::parse(specimens::calendar(components)).expect("it is well-formed")
}

const EVENT: &str = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Berlin:20260105T120000\r\n\
    DTEND;TZID=Mars/Olympus:20260105T130000\r\nEND:VEVENT\r\n";

#[test]
fn vtimezones_are_added_for_known_zones_and_removed() {
    let bare = parsed(EVENT);
    let told = parsed(&format!("{BERLIN}{EVENT}"));
    assert_eq!(with_timezones(&bare).as_deref(), Some(told.as_str()));
    assert_eq!(without_timezones(&told).as_deref(), Some(bare.as_str()));
    assert_eq!(with_timezones(&told), None, "unknown zones are not added");
    assert_eq!(without_timezones(&bare), None);
    let vendors = BERLIN.replace("Europe/Berlin", "/x.example/Europe/Berlin");
    assert_eq!(without_timezones(&parsed(&format!("{vendors}{EVENT}"))), None, "a reader may not know this name");
    let quoted = parsed(&EVENT.replace("TZID=Europe/Berlin", "TZID=^'Europe/Berlin^'"));
    let told = with_timezones(&quoted).expect("the zone is known in quotes, too");
    assert_eq!(with_timezones(&Document::parse(told).expect("it is well-formed")), None);
}
