//! Tests that compare the results with those of two other iCalendar libraries, in the cases that
//! these get right.
//!
//! **Invariant:** the other libraries get only texts that our parser accepts, because deep nesting
//! makes them abort.

use calcard::icalendar::ICalendar;
use ical::recur::{self, Budget};
use ical::series::Series;
use ical::time::Window;
use ical::zone::{Zone, Zones};
use ical::{Component, Document};
use ical_rs::recur::{IcalRecurDateTime, IcalRecurRule, expand::IcalRecurExpand};
use ical_rs::tree::cst::{IcalCst, IcalItem};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// Returns the seeds of the fuzz targets, without the octets that select a variant.
fn texts() -> Vec<String> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let mut texts = Vec::new();
    for target in ["text", "edits", "filters"] {
        for file in fs::read_dir(seeds.join(target)).expect("there are seeds") {
            let octets = fs::read(file.expect("the folder can be listed").path()).expect("a seed can be read");
            let text = String::from_utf8_lossy(&octets).into_owned();
            texts.extend(text.find("BEGIN:").map(|at| text[at..].to_owned()).filter(|text| !text.contains('\u{fffd}')));
        }
    }
    texts
}

/// The lines of each component. A line is its name, the number of its parameters and its raw value.
type Outline = Vec<(String, Vec<(String, usize, String)>)>;

fn ours(document: &Document) -> Outline {
    let lines = |component: Component<'_>| {
        let all = component.properties();
        all.map(|one| (one.name().to_owned(), one.params().count(), one.value().to_owned())).collect()
    };
    document.components().map(|component| (component.name().to_owned(), lines(component))).collect()
}

fn by_ical_rs(text: &str) -> Outline {
    let calendar = IcalCst::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let mut outline = Vec::new();
    let mut open = vec![&calendar];
    while let Some(component) = open.pop() {
        let name = component.begin.as_ref().expect("it has an envelope").raw_value_str().into_owned();
        let (mut lines, mut inner) = (Vec::new(), Vec::new());
        for item in &component.items {
            match item {
                IcalItem::Prop(line) => {
                    lines.push((line.name.get().to_owned(), line.params.len(), line.raw_value_str().into_owned()));
                }
                IcalItem::Component(component) => inner.push(component.as_ref()),
                IcalItem::Opaque(_) => panic!("it is not recovering"),
            }
        }
        outline.push((name, lines));
        open.extend(inner.into_iter().rev());
    }
    outline
}

/// Returns only the names of an outline, because calcard decodes values when it parses.
fn names(outline: &Outline) -> Vec<String> {
    let upper = |(name, lines): &(String, Vec<(String, usize, String)>)| {
        let lines: Vec<_> = lines.iter().map(|(name, ..)| name.to_uppercase()).collect();
        format!("{}: {}", name.to_uppercase(), lines.join(" "))
    };
    outline.iter().map(upper).collect()
}

fn by_calcard(text: &str) -> Vec<String> {
    let calendar = ICalendar::parse(text).unwrap_or_else(|entry| panic!("{entry:?}: {text}"));
    let mut outline = Vec::new();
    for component in &calendar.components {
        let lines: Vec<_> = component.entries.iter().map(|entry| entry.name.as_str().to_uppercase()).collect();
        outline.push(format!("{}: {}", component.component_type.as_str().to_uppercase(), lines.join(" ")));
    }
    outline
}

fn compared(text: &str) {
    let document = Document::parse(text).expect("the text is well-formed");
    let outline = ours(&document);
    assert_eq!(outline, by_ical_rs(text), "{text}");
    let (mut names, mut others) = (names(&outline), by_calcard(text));
    names.sort();
    others.sort();
    assert_eq!(names, others, "{text}");
}

#[test]
fn other_libraries_find_the_same_components_and_lines() {
    let texts = texts();
    assert!(texts.len() > 15);
    for text in &texts {
        compared(text.trim_start_matches('\u{feff}'));
    }
}

fn property() -> impl Strategy<Value = String> {
    let names = ["SUMMARY", "ATTENDEE", "X-ABC", "DESCRIPTION", "CATEGORIES"];
    let params = ["", ";CN=Anna", ";CN=\"B; C:D\";X-P=1", ";X-Q=a,\"b,c\""];
    let (names, params) = (prop::sample::select(names.to_vec()), prop::sample::select(params.to_vec()));
    (names, params, "[a-zA-Zäß:;,. ]{0,90}", 1..70_usize).prop_map(|(name, params, value, fold)| {
        let line = format!("{name}{params}:{value}");
        let fold = (fold..line.len()).find(|at| line.is_char_boundary(*at)).unwrap_or(line.len());
        format!("{}\r\n {}\r\n", &line[..fold], &line[fold..])
    })
}

fn lines() -> impl Strategy<Value = String> {
    prop::collection::vec(property(), 0..8).prop_map(|lines| lines.concat())
}

/// Generates rules with weeks, of which the first is often partial, and with BYSETPOS. Libraries
/// are known to differ in these.
fn rule() -> impl Strategy<Value = String> {
    let days = || prop::sample::subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 1..=4);
    let days = move || days().prop_map(|days| days.join(","));
    let starts = || prop::sample::select(vec!["MO", "SU", "TH"]);
    let positions = prop::sample::select(vec!["1", "-1", "2", "1,-1", "3,-2"]);
    let months = prop::sample::select(vec!["1", "2,8", "12"]);
    prop_oneof![
        (days(), 1..4_u32, starts()).prop_map(|(d, i, w)| format!("FREQ=WEEKLY;INTERVAL={i};BYDAY={d};WKST={w}")),
        (days(), positions.clone(), 1..3_u32)
            .prop_map(|(d, p, i)| format!("FREQ=MONTHLY;INTERVAL={i};BYDAY={d};BYSETPOS={p}")),
        (days(), positions, months).prop_map(|(d, p, m)| format!("FREQ=YEARLY;BYMONTH={m};BYDAY={d};BYSETPOS={p}")),
        (days(), 2..51_i32).prop_map(|(d, week)| format!("FREQ=YEARLY;BYWEEKNO={week};BYDAY={d}")),
        (-31..-27_i32).prop_map(|day| format!("FREQ=MONTHLY;BYMONTHDAY={day}")),
        (-366..-360_i32).prop_map(|day| format!("FREQ=YEARLY;BYYEARDAY={day}")),
    ]
}

const YEARS: i64 = 6 * 366 * 86_400;

fn instances(start: IcalRecurDateTime, rule: &str) -> Vec<i64> {
    let text = specimens::event(
        "1",
        &format!("DTSTART:{:04}{:02}{:02}T090000Z\nRRULE:{rule}", start.year, start.month, start.day),
    );
    let document = Document::parse(text).expect("the text is well-formed");
    let zones = Zones::of(&document);
    let series = Series::of(&document, &zones).remove(0);
    let window = Window::new(start.seconds() + 1, start.seconds() + YEARS);
    let found = recur::instances(&series, &zones, &Zone::Utc, window, &Budget::default()).expect("there are few");
    found.iter().map(|instance| instance.start).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_the_components_and_lines_that_others_find(event in lines(), alarm in lines(), calendar in lines()) {
        compared(&format!(
            "BEGIN:VCALENDAR\r\n{calendar}BEGIN:VEVENT\r\n{event}BEGIN:VALARM\r\n{alarm}END:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        ));
    }

    #[test]
    fn rules_of_weeks_and_positions_give_what_another_library_gives(rule in rule(), day in 10_000..20_000_i64) {
        let start = IcalRecurDateTime::from_seconds(day * 86_400 + 9 * 3600);
        let parsed = IcalRecurRule::parse(&rule).expect("the rule is well-formed");
        let times = IcalRecurExpand::new(parsed, start).map(|time| time.seconds());
        let expected: Vec<_> = times.take_while(|at| *at < start.seconds() + YEARS).filter(|at| *at > start.seconds()).collect();
        prop_assert_eq!(instances(start, &rule), expected, "{}", rule);
    }
}
