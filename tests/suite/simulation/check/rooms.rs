//! Checks that a room accepts only one meeting at a time.

use std::ops::Range;

use projections::ReadModels;
use schemas::CollectionId;

use crate::simulation::people::{MEETINGS, id, object};

const LAKE: &str = "mailto:lake@example.org";

pub(super) fn check(models: &ReadModels) -> Result<(), String> {
    let calendar = CollectionId::derive(id("lake"), "calendar", 0);
    let mut taken: Vec<(usize, Range<u32>)> = vec![];
    for meeting in 0..MEETINGS.len() {
        let places = models.object_places(object("lake", meeting)).map_err(|failure| failure.to_string())?;
        for place in places.into_iter().filter(|place| place.collection == calendar) {
            let found = models.member_with_body(calendar, &place.name).map_err(|failure| failure.to_string())?;
            let text = found.map(|(_, ics)| ics.replace("\r\n ", "")).unwrap_or_default();
            taken.extend(accepted(&text).into_iter().map(|hours| (meeting, hours)));
        }
    }
    for (index, (one, hours)) in taken.iter().enumerate() {
        let overlaps = |(other, others): &&(usize, Range<u32>)| {
            other != one && hours.start < others.end && others.start < hours.end
        };
        if let Some((other, others)) = taken[index + 1..].iter().find(overlaps) {
            return Err(format!("the lake accepted meeting {one} at {hours:?} and meeting {other} at {others:?}"));
        }
    }
    Ok(())
}

/// Returns the times of the instances that the room Lake accepted, in hours since the start of the
/// month.
fn accepted(text: &str) -> Vec<Range<u32>> {
    let components: Vec<_> = text.split("BEGIN:VEVENT").skip(1).collect();
    let overridden: Vec<u32> = components.iter().flat_map(|component| hours(component, "RECURRENCE-ID")).collect();
    let mut taken = vec![];
    for component in components {
        let accepts = component
            .lines()
            .any(|line| line.starts_with("ATTENDEE") && line.contains("PARTSTAT=ACCEPTED") && line.ends_with(LAKE));
        let (start, end) = (hours(component, "DTSTART"), hours(component, "DTEND"));
        let (Some(start), Some(end)) = (start.first(), end.first()) else { continue };
        if !accepts || component.contains("STATUS:CANCELLED") {
            continue;
        }
        let count =
            component.split_once("COUNT=").and_then(|(_, count)| count.lines().next()?.parse().ok()).unwrap_or(1);
        let is_instance = !component.contains("RECURRENCE-ID");
        let excluded = hours(component, "EXDATE");
        let starts = (0..count).map(|day| start + 24 * day);
        let is_its = |start: &u32| !is_instance || (!overridden.contains(start) && !excluded.contains(start));
        taken.extend(starts.filter(is_its).map(|first| first..first + end - start));
    }
    taken
}

/// Returns the values of a date-time property, in hours since the start of the month.
fn hours(component: &str, name: &str) -> Vec<u32> {
    let lines = component.lines().filter_map(|line| line.strip_prefix(name)?.split_once(':'));
    let hour = |value: &str| Some(value.get(6..8)?.parse::<u32>().ok()? * 24 + value.get(9..11)?.parse::<u32>().ok()?);
    lines.flat_map(|(_, values)| values.split(',')).filter_map(hour).collect()
}
