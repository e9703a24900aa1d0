//! Checks the recurrence of an event with any lines: parts of a window contain the same instances
//! as the whole window, and all instances lie within the bounds.

use super::{component, origin};
use ical::recur::{self, Budget, Instance};
use ical::series::{RecurrenceKey, Series};
use ical::time::{TimeRange, Window};
use ical::zone::{Zone, Zones};
use ical::{bounds, rule::Rule};

const DAY: i64 = 86_400;
/// Windows near the start, one year later, and 30 years later, as days from the start of the event.
const WINDOWS: [(i64, i64); 4] = [(-1, 40), (20, 200), (365, 800), (11_000, 11_060)];

pub fn run(data: &[u8]) {
    let Ok(lines) = std::str::from_utf8(data) else { return };
    lines.lines().for_each(|line| drop(Rule::parse(line)));
    let Some(document) = component("VEVENT", lines) else { return };
    let zones = Zones::of(&document);
    let origin = origin(&document);
    let bounds = bounds::of(&document);
    for series in Series::of(&document, &zones) {
        for (from, to) in WINDOWS {
            let window = Window::new(origin.saturating_add(from * DAY), origin.saturating_add(to * DAY));
            let Some(all) = found(&series, &zones, window) else { continue };
            assert!(all.iter().all(|one| bounds.first.is_none_or(|first| first <= one.1)), "{bounds:?}");
            assert!(all.iter().all(|one| bounds.last.is_none_or(|last| one.2 <= last)), "{bounds:?}");
            let middle = window.start.saturating_add((window.end - window.start) / 3);
            for part in [Window::new(window.start, middle), Window::new(middle, window.end)] {
                let range = TimeRange::from(part);
                let expected: Vec<_> =
                    all.iter().filter(|(_, start, end)| range.overlaps(*start, *end)).copied().collect();
                if let Some(part) = found(&series, &zones, part) {
                    assert_eq!(part, expected, "{lines}");
                }
            }
        }
        let open = TimeRange::new(Some(origin), None);
        let _ = recur::any(&series, &zones, &Zone::Utc, open, &Budget::default(), &mut |_: &Instance<'_>| false);
    }
}

type Found = (RecurrenceKey, i64, i64);

fn found(series: &Series<'_>, zones: &Zones, window: Window) -> Option<Vec<Found>> {
    let found = recur::instances(series, zones, &Zone::Utc, window, &Budget::default()).ok()?;
    Some(found.iter().map(|instance| (instance.key, instance.start, instance.end)).collect())
}
