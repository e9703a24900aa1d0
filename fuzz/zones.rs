//! Checks time zones with any VTIMEZONE lines: every zone can convert all times, and documents stay
//! well-formed when time zones are added or removed.

use ical::time::Window;
use ical::zone::{Zone, Zones, vtimezone, with_timezones, without_timezones};
use ical::{Document, validate};

const YEAR: i64 = 366 * 86_400;

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (tzid, lines) = text.split_once('\n').unwrap_or((text, ""));
    let tzid = tzid.trim_end();
    let text = format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:{tzid}\r\n{}\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\n\
         DTSTART;TZID={}:20260105T120000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        lines.trim_end(),
        ical::quote_param(tzid)
    );
    let Ok(document) = Document::parse(text) else { return };
    let zones = Zones::of(&document);
    let _ = validate::calendar_object(&document);
    for name in [tzid, tzid.trim()] {
        zones.find(name).iter().for_each(is_total);
    }
    if let Some(text) = vtimezone(tzid, Window::new(0, YEAR)) {
        let told = Document::parse(format!("BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n")).expect("it is well-formed");
        Zone::of_timezone_document(&told).iter().for_each(is_total);
    }
    let bare = without_timezones(&document).unwrap_or_else(|| document.as_str().to_owned());
    let bare = Document::parse(bare).expect("what is left is well-formed");
    assert_eq!(without_timezones(&bare), None);
    let told = with_timezones(&bare).unwrap_or_else(|| bare.as_str().to_owned());
    assert_eq!(with_timezones(&Document::parse(told).expect("what is added is well-formed")), None);
}

/// Checks that a zone converts instants of 300 years to local times and back without a panic, with
/// an offset of less than a day.
fn is_total(zone: &Zone) {
    for instant in (-150..150).map(|year| year * YEAR).chain([i64::MIN, i64::MAX]) {
        let local = zone.to_local(instant);
        let offset = local.and_utc().timestamp() - zone.to_instant(local);
        assert!(offset.abs() < 86_400, "{offset} at {instant}");
    }
}
