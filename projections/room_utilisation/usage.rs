//! Computes for how long an object uses a room in each week.

use std::collections::BTreeMap;

use ical::{
    Address, Component, Document,
    recur::{self, Budget},
    series::Series,
    time::Window,
    view::Event,
    zone::{Zone, Zones},
};

use crate::week;

/// Seconds before and after the time of storing within which instances are counted, because a
/// series may have no end.
const COUNTED: i64 = 400 * 86_400;
/// Maximum work for expanding one object. A series that needs more is not counted.
const MAX_WORK: u32 = 20_000;

/// The seconds of one week for which a room was booked, and those that it refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Usage {
    pub booked: i64,
    pub refused: i64,
}

/// Returns for each week, by its number, the seconds for which the object books the room, and those
/// that the room refused. `addresses` are those of the room, one on each line. `at` is when the
/// object was stored, in seconds since the epoch. Instances more than [`COUNTED`] seconds away from
/// it are not counted.
pub(super) fn by_week(ics: &str, addresses: &str, at: i64) -> BTreeMap<i64, Usage> {
    let mut usage: BTreeMap<i64, Usage> = BTreeMap::new();
    let Ok(document) = Document::parse(ics) else { return usage };
    let own: Vec<_> = addresses.lines().filter_map(Address::parse).collect();
    let zones = Zones::of(&document);
    let window = Window { start: at - COUNTED, end: at + COUNTED };
    let budget = Budget::new(MAX_WORK);
    for series in Series::of(&document, &zones) {
        let Ok(instances) = recur::instances(&series, &zones, &Zone::Utc, window, &budget) else { continue };
        for instance in instances {
            let Some(answer) = answer(instance.component, &own) else { continue };
            for (week, seconds) in week::split(instance.start, instance.end) {
                let of_week = usage.entry(week).or_default();
                match answer {
                    Booking::Booked => of_week.booked += seconds,
                    Booking::Refused => of_week.refused += seconds,
                }
            }
        }
    }
    usage
}

#[derive(Debug, Clone, Copy)]
enum Booking {
    Booked,
    Refused,
}

/// Returns [`Booking::Refused`] if the room has declined, and [`Booking::Booked`] if it has
/// accepted (also tentatively) and the event is not transparent. `None` otherwise, and for a
/// cancelled event. An event that does not invite the room counts as booked unless it is
/// transparent.
fn answer(component: Component<'_>, own: &[Address]) -> Option<Booking> {
    let event = Event::of(component).filter(|event| !event.is_cancelled())?;
    let invited = component.properties_named("ATTENDEE").find(|attendee| {
        attendee.address().is_some_and(|address| own.iter().any(|own| own.canonical() == address.canonical()))
    });
    let Some(attendee) = invited else { return (!event.is_transparent()).then_some(Booking::Booked) };
    match attendee.param("PARTSTAT").unwrap_or_default().to_ascii_uppercase().as_str() {
        // A declined copy may be transparent, but the room was requested nevertheless.
        "DECLINED" => Some(Booking::Refused),
        "ACCEPTED" | "TENTATIVE" if !event.is_transparent() => Some(Booking::Booked),
        _ => None,
    }
}
