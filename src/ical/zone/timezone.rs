//! Generated VTIMEZONEs for known zones (RFC 5545 §3.6.5), and functions that add VTIMEZONEs to
//! documents or remove them (RFC 7809 §3.1.3).
//!
//! **Invariant:** the same TZID and window always give the same octets. Within the window, the
//! VTIMEZONE agrees with the IANA database from the year 1900 on. A rule starts at its first onset
//! instead of the window's start, so that objects at many different times get the same text.

use super::cache::Cache;
use super::onset::{Onset, onsets, years};
use super::yearly::{Run, runs};
use super::{Zone, name, zones};
use crate::bounds::{self, Bounds};
use crate::time::{DAY, Window};
use crate::value::UtcOffset;
use crate::view::{Timezone, bare};
use crate::{Document, PRODID, Writer};
use chrono_tz::Tz;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Shortest window that a VTIMEZONE covers, in seconds: more than a year, so that the text of a
/// zone with summer time has winter time too.
const SHORTEST_TIME: i64 = 366 * DAY;
/// 2000-01-01T00:00:00Z, in seconds since the epoch.
const SINCE_2000: i64 = 946_684_800;

/// Returns the text of a VTIMEZONE for a TZID and a window of time.
///
/// The result is a whole component with CRLF line ends; the TZID is written as given. Returns
/// `None` if the zone is unknown.
pub fn vtimezone(tzid: &str, window: Window) -> Option<String> {
    let zone = match zones::named(tzid)? {
        Zone::Iana(zone) => zone,
        Zone::Utc | Zone::Floating | Zone::Custom(_) => Tz::UTC,
    };
    let mut writer = Writer::new();
    writer.begin("VTIMEZONE").property(&format!("TZID:{tzid}"));
    for observance in observances(needed(&known(zone), window)) {
        observance.write(&mut writer);
    }
    Some(writer.finish())
}

/// Returns an iCalendar object with the time zone of a TZID since the year 2000, for
/// `CALDAV:calendar-timezone` (RFC 4791 §5.2.2).
///
/// Returns `None` if the zone is unknown.
pub fn timezone_object(tzid: &str) -> Option<String> {
    let timezone = vtimezone(tzid, Window::new(SINCE_2000, Window::ALL.end))?;
    Some(format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODID}\r\n{timezone}END:VCALENDAR\r\n"))
}

/// Adds a VTIMEZONE for every known TZID that the document uses but does not define.
///
/// Returns the new text; `None` if there is no such TZID.
pub fn with_timezones(document: &Document) -> Option<String> {
    let root = document.root();
    let told: BTreeSet<_> = root.components().filter_map(Timezone::of).filter_map(Timezone::tzid).collect();
    let missing: BTreeSet<_> = zones::names(document).filter(|name| !told.contains(&bare(name))).collect();
    let Bounds { first, last } = if missing.is_empty() { return None } else { bounds::of(document) };
    let window = Window::new(first.unwrap_or(Window::ALL.start), last.unwrap_or(Window::ALL.end));
    let texts: Vec<_> = missing.iter().filter_map(|tzid| vtimezone(tzid, window)).collect();
    let first = root.components().next().filter(|_| !texts.is_empty())?;
    let mut edit = document.edit();
    edit.replace_component(first.id(), &(texts.concat() + first.text()));
    Some(edit.finish())
}

/// Removes the VTIMEZONEs whose TZID is a name of the IANA database.
///
/// VTIMEZONEs with other names stay, such as those with a vendor's path or a Windows name, because
/// other programs may not know the names. Returns the new text; `None` if there is none to remove.
pub fn without_timezones(document: &Document) -> Option<String> {
    let mut edit = document.edit();
    let timezones = document.root().components().filter_map(Timezone::of);
    for timezone in timezones.filter(|timezone| timezone.tzid().is_some_and(|tzid| name::is_iana(&tzid))) {
        edit.remove_component(timezone.id());
    }
    (!edit.is_empty()).then(|| edit.finish())
}

/// A cache of each zone's runs of transitions, by zone name.
static RUNS: Cache<String, Arc<[Run]>> = Cache::new();

/// Returns the transitions of a zone, grouped into runs.
pub(super) fn known(zone: Tz) -> Arc<[Run]> {
    RUNS.get_or_compute(zone.name(), || runs(onsets(zone)).into())
}

/// Returns the runs that have a transition in the window, and the run that holds when the window
/// starts.
fn needed(runs: &[Run], window: Window) -> Vec<Run> {
    // If the window ends before the first known transition, the initial offset is still written.
    let end = window.end.max(window.start.saturating_add(SHORTEST_TIME)).max(years().start + 1);
    let all = runs.iter().flat_map(|run| &run.onsets);
    let holds = all.map(|onset| onset.at).filter(|at| *at <= window.start).max();
    let begin = holds.unwrap_or(window.start);
    let is_needed = |run: &Run| run.onsets.iter().any(|onset| (begin..end).contains(&onset.at));
    runs.iter().filter(|run| is_needed(run)).cloned().map(|run| run.shortened(window.start)).collect()
}

/// A STANDARD or DAYLIGHT component: either a rule, or single transitions with the same offsets.
struct Observance {
    onsets: Vec<Onset>,
    rule: Option<String>,
}

fn observances(runs: Vec<Run>) -> Vec<Observance> {
    let mut observances: Vec<Observance> = Vec::new();
    for run in runs {
        let rule = run.rule();
        let onset = &run.onsets[0];
        let alike = |other: &&mut Observance| {
            let other = &other.onsets[0];
            (other.from, other.to, &other.name) == (onset.from, onset.to, &onset.name)
                && other.is_daylight == onset.is_daylight
        };
        let single = observances.iter_mut().filter(|other| rule.is_none() && other.rule.is_none()).find(alike);
        match single {
            Some(single) => single.onsets.extend(run.onsets),
            None => observances.push(Observance { onsets: run.onsets, rule }),
        }
    }
    observances
}

impl Observance {
    fn write(&self, writer: &mut Writer) {
        let first = &self.onsets[0];
        let offset = |seconds: i64| UtcOffset(i32::try_from(seconds).unwrap_or(0));
        writer.begin(if first.is_daylight { "DAYLIGHT" } else { "STANDARD" });
        writer.property(&format!("DTSTART:{}", shown(first)));
        writer.property(&format!("TZOFFSETFROM:{}", offset(first.from)));
        writer.property(&format!("TZOFFSETTO:{}", offset(first.to)));
        if let Some(name) = &first.name {
            writer.property(&format!("TZNAME:{name}"));
        }
        if let Some(rule) = &self.rule {
            writer.property(&format!("RRULE:{rule}"));
        } else if let [_, others @ ..] = self.onsets.as_slice()
            && !others.is_empty()
        {
            let dates: Vec<_> = others.iter().map(shown).collect();
            writer.property(&format!("RDATE:{}", dates.join(",")));
        }
        writer.end();
    }
}

fn shown(onset: &Onset) -> String {
    onset.local().format("%Y%m%dT%H%M%S").to_string()
}

#[cfg(test)]
mod tests;
