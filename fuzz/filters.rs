//! Checks queries of any kind on any object: an object that matches a time range has bounds that
//! overlap it, and the results can be parsed.

use super::{head_and_text, origin};
use ical::free_busy::{self, merge};
use ical::query::{
    CalendarData, Collation, CompFilter, Filter, MatchType, ParamFilter, PropFilter, Recurrence, TextMatch,
};
use ical::recur::Budget;
use ical::time::{TimeRange, Window};
use ical::zone::Zone;
use ical::{Document, bounds, filter, retrieve};

const DAY: i64 = 86_400;
const COMPONENTS: [&str; 6] = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY", "X-A"];
const INNER: [&str; 3] = ["VALARM", "AVAILABLE", "STANDARD"];
const PROPERTIES: [&str; 8] = ["SUMMARY", "DTSTART", "DTEND", "DUE", "ATTENDEE", "RDATE", "CATEGORIES", "UID"];

pub fn run(data: &[u8]) {
    let Some((head, text)) = head_and_text(data) else { return };
    let Ok(object) = Document::parse(text) else { return };
    let octet = |at: usize| head.get(at).copied().unwrap_or(0);
    let floating =
        [Zone::Utc, Zone::named("America/New_York").expect("it is known")][usize::from(octet(0) % 2)].clone();
    let start = origin(&object).saturating_add((i64::from(octet(1)) - 128) * DAY);
    let window = Window::new(start, start.saturating_add(i64::from(octet(2)) * DAY / 4 + 1));
    filtered(&object, head, &floating, window);
    shown(text, &floating, window);
    busy(&object, &floating, window);
}

fn filtered(object: &Document, head: &[u8], floating: &Zone, window: Window) {
    for name in COMPONENTS {
        let inner = chosen(head, 3, &INNER);
        let filter = calendar(component(name, vec![prop_filter(head, window)], vec![component(inner, vec![], vec![])]));
        filter::matches(object, &filter, floating, &Budget::default());
        let in_time = CompFilter { time_range: Some(window.into()), ..component(name, vec![], vec![]) };
        if filter::matches(object, &calendar(in_time), floating, &Budget::default()) && name != "X-A" {
            let bounds = bounds::of(object);
            assert!(bounds.first.is_none_or(|first| first <= window.end), "{name}: {bounds:?} {window:?}");
            assert!(bounds.last.is_none_or(|last| last >= window.start), "{name}: {bounds:?} {window:?}");
        }
        let rings = CompFilter { time_range: Some(window.into()), ..component("VALARM", vec![], vec![]) };
        filter::matches(object, &calendar(component(name, vec![], vec![rings])), floating, &Budget::default());
    }
}

fn chosen<'n>(head: &[u8], at: usize, names: &[&'n str]) -> &'n str {
    names[usize::from(head.get(at).copied().unwrap_or(0)) % names.len()]
}

fn calendar(inner: CompFilter) -> Filter {
    Filter { component: component("VCALENDAR", vec![], vec![inner]) }
}

fn component(name: &str, prop_filters: Vec<PropFilter>, comp_filters: Vec<CompFilter>) -> CompFilter {
    CompFilter { name: name.to_owned(), is_not_defined: false, time_range: None, prop_filters, comp_filters }
}

fn prop_filter(head: &[u8], window: Window) -> PropFilter {
    let octet = usize::from(head.get(4).copied().unwrap_or(0));
    let text = String::from_utf8_lossy(head.get(5..).unwrap_or_default()).into_owned();
    let collation = Collation::ALL[octet % Collation::ALL.len()];
    let match_type = MatchType::ALL[(octet >> 4) % MatchType::ALL.len()];
    let text_match = Some(TextMatch { text, match_type, collation, negate: octet & 8 > 0 });
    let in_time = octet & 16 > 0;
    PropFilter {
        name: chosen(head, 4, &PROPERTIES).to_owned(),
        is_not_defined: octet & 32 > 0,
        time_range: in_time.then(|| TimeRange::from(window)),
        text_match: text_match.clone().filter(|_| !in_time),
        param_filters: vec![ParamFilter { name: "CN".to_owned(), is_not_defined: octet & 64 > 0, text_match }],
    }
}

fn shown(text: &str, floating: &Zone, window: Window) {
    for recurrence in [Recurrence::Expand(window), Recurrence::Limit(window)] {
        let wanted = CalendarData { recurrence: Some(recurrence), limit_freebusy_set: Some(window), selection: None };
        let Ok(once) = retrieve::render(text, &wanted, floating, &Budget::default()) else { continue };
        Document::parse(once.as_ref()).expect("what is shown is well-formed");
        if matches!(recurrence, Recurrence::Limit(_)) {
            let twice = retrieve::render(&once, &wanted, floating, &Budget::default());
            assert_eq!(twice.as_deref(), Ok(once.as_ref()));
        }
    }
}

fn busy(object: &Document, floating: &Zone, window: Window) {
    let periods = free_busy::periods(object, window.into(), floating, &|_| true, &Budget::default());
    assert!(periods.iter().all(|one| window.start <= one.start && one.start < one.end && one.end <= window.end));
    let merged = merge(periods, window.into());
    assert!(merged.windows(2).all(|pair| pair[0].start <= pair[1].start));
    assert_eq!(merge(merged.clone(), window.into()), merged);
    let availabilities = free_busy::availabilities(object, window.into(), floating, &Budget::default());
    let away = free_busy::unavailable(availabilities, window.into());
    assert!(away.iter().all(|one| one.start < one.end));
}
