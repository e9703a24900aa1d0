//! Benchmarks of the iCalendar engine, and of other libraries where they have the same function.
//! `cargo bench -p daybook-benches --bench ical` runs them all; a name after `--` runs one.

use std::hint::black_box;

use calcard::icalendar::ICalendar;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use daybook_benches::meeting;
use ical::{
    Document, bounds, filter, free_busy,
    query::{CompFilter, Filter},
    recur::{self, Budget},
    series::Series,
    time::{TimeRange, Window},
    validate,
    zone::{Zone, Zones, vtimezone},
};
use ical_rs::tree::cst::IcalCst;

const DAY: i64 = 86_400;
/// Monday 2026-01-05, 00:00 UTC, in seconds since the epoch.
const MONDAY: i64 = 1_767_571_200;
const WEEK: Window = Window { start: MONDAY, end: MONDAY + 7 * DAY };
/// The number of attendees with which a meeting has 1.2 kB, as a usual invitation.
const ATTENDEES: usize = 7;
const EVENTS: usize = 10_000;
const CALENDAR_BYTES: usize = 5_000_000;

fn parsed(text: impl Into<String>) -> Document {
    Document::parse(text).expect("the text is iCalendar")
}

fn text(criterion: &mut Criterion) {
    let ics = meeting(ATTENDEES);
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(ics.len() as u64));
    group.bench_function("ours", |bencher| bencher.iter(|| parsed(black_box(ics.as_str()))));
    group.bench_function("calcard", |bencher| {
        bencher.iter(|| ICalendar::parse(black_box(ics.as_str())).expect("the text is iCalendar"));
    });
    group.bench_function("ical-rs", |bencher| {
        bencher.iter(|| IcalCst::parse(black_box(ics.as_str())).expect("the text is iCalendar"));
    });
    group.finish();
    let document = parsed(ics.as_str());
    criterion.bench_function("validate", |bencher| {
        bencher.iter(|| validate::calendar_object(black_box(&document)).expect("the meeting is valid"));
    });
    criterion.bench_function("edit one PARTSTAT and write", |bencher| {
        let event = document.root().components_named("VEVENT").next().expect("there is an event");
        let attendee = event.properties_named("ATTENDEE").last().expect("there are attendees").id();
        bencher.iter(|| {
            let mut edit = document.edit();
            edit.set_param(attendee, "PARTSTAT", "ACCEPTED");
            edit.finish()
        });
    });
}

fn whole_calendar(criterion: &mut Criterion) {
    let one = meeting(ATTENDEES);
    let from = one.find("BEGIN:VEVENT").expect("there is an event");
    let event = one[from..].strip_suffix("END:VCALENDAR\r\n").expect("the meeting ends its calendar");
    let events = event.repeat(CALENDAR_BYTES / event.len());
    let ics = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{events}END:VCALENDAR\r\n");
    let mut group = criterion.benchmark_group("parse 5 MB");
    group.throughput(Throughput::Bytes(ics.len() as u64)).sample_size(10);
    group.bench_function("ours", |bencher| bencher.iter(|| parsed(black_box(ics.as_str()))));
    group.finish();
}

/// Returns a recurring event that started `years` years before [`MONDAY`].
fn series(rule: &str, years: i32) -> Document {
    parsed(format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Berlin:{}0105T120000\r\nDURATION:PT1H\r\n\
         RRULE:{rule}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        2026 - years
    ))
}

fn windows(criterion: &mut Criterion) {
    let rules = [
        ("DAILY", "FREQ=DAILY"),
        ("DAILY, counted", "FREQ=DAILY;COUNT=20000"),
        ("WEEKLY, three days", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR"),
        ("MONTHLY, last workday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
        ("YEARLY, week 2", "FREQ=YEARLY;BYWEEKNO=2;BYDAY=TU"),
        ("HOURLY", "FREQ=HOURLY"),
    ];
    let mut group = criterion.benchmark_group("a week of a series, parsed");
    for (name, rule) in rules {
        for years in [1, 10, 30] {
            let document = series(rule, years);
            let zones = Zones::of(&document);
            let series = Series::of(&document, &zones).remove(0);
            group.bench_function(BenchmarkId::new(name, format!("{years} years old")), |bencher| {
                bencher.iter(|| {
                    let found = recur::instances(&series, &zones, &Zone::Utc, black_box(WEEK), &Budget::default());
                    found.expect("a week has few instances").len()
                });
            });
        }
    }
    group.finish();
}

/// Measures expensive objects that a client could store: a series with a distant last instance, and
/// one with many overrides.
fn hostile(criterion: &mut Criterion) {
    let rare = series("FREQ=YEARLY;BYWEEKNO=1,-1,53;BYDAY=WE;COUNT=20300", 1);
    criterion.bench_function("bounds of a rule hard to count", |bencher| bencher.iter(|| bounds::of(black_box(&rare))));
    let moved = |number: usize| {
        let (hour, day) = (number % 24, number / 24);
        let day = format!("{:04}{:02}{:02}", 2000 + day / 336, day / 28 % 12 + 1, day % 28 + 1);
        format!(
            "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:{day}T{hour:02}0000Z\r\nDTSTART:{day}T{hour:02}3000Z\r\nEND:VEVENT\r\n"
        )
    };
    let master = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20000101T000000Z\r\nRRULE:FREQ=HOURLY;COUNT=10000\r\nEND:VEVENT\r\n";
    let overrides: Vec<_> = (0..EVENTS).map(moved).collect();
    let long = parsed(format!("BEGIN:VCALENDAR\r\n{master}{}END:VCALENDAR\r\n", overrides.concat()));
    let component = |name: &str, time_range, comp_filters| CompFilter {
        name: name.to_owned(),
        is_not_defined: false,
        time_range,
        prop_filters: vec![],
        comp_filters,
    };
    let event = component("VEVENT", Some(TimeRange::from(WEEK)), vec![]);
    let week = Filter { component: component("VCALENDAR", None, vec![event]) };
    criterion.bench_function("a query none of 10,000 overrides matches", |bencher| {
        bencher.iter(|| assert!(!filter::matches(black_box(&long), &week, &Zone::Utc, &Budget::default())));
    });
}

fn busy(criterion: &mut Criterion) {
    let numbered = |number: usize| {
        let ics = meeting(1).replace("UID:planning", &format!("UID:planning-{number}"));
        if number.is_multiple_of(10) { ics } else { ics.replace("RRULE:FREQ=WEEKLY\r\n", "") }
    };
    let texts: Vec<_> = (0..EVENTS).map(numbered).collect();
    let documents: Vec<_> = texts.iter().map(|text| parsed(text.as_str())).collect();
    let range = TimeRange::from(WEEK);
    let of = |document: &Document| free_busy::periods(document, range, &Zone::Utc, &|_| true, &Budget::default());
    let mut group = criterion.benchmark_group("free-busy of 10,000 events, every tenth recurring");
    group.sample_size(10);
    group.bench_function("parsed", |bencher| {
        bencher.iter(|| free_busy::merge(documents.iter().flat_map(of).collect(), range).len());
    });
    group.bench_function("from text", |bencher| {
        bencher
            .iter(|| free_busy::merge(texts.iter().flat_map(|text| of(&parsed(text.as_str()))).collect(), range).len());
    });
    group.finish();
}

fn zones(criterion: &mut Criterion) {
    let outlook = parsed(
        "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Custom\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\n\
         TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n\
         BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n\
         RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\n\
         DTSTART;TZID=Custom:20260105T120000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    criterion.bench_function("zones of an Outlook event", |bencher| bencher.iter(|| Zones::of(black_box(&outlook))));
    criterion.bench_function("write a VTIMEZONE", |bencher| {
        bencher.iter(|| vtimezone(black_box("Europe/Berlin"), WEEK).expect("the zone is known"));
    });
}

criterion_group!(benches, text, whole_calendar, windows, hostile, busy, zones);
criterion_main!(benches);
