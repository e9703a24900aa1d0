//! VTIMEZONEs for zones everybody knows (RFC 5545 §3.6.5), and documents with and without them (RFC 7809 §3.1.3).
//!
//! **Invariant:** what is written for a TZID and a time is always the same octets, and says of that time what the data base says.
//! A rule begins where it began, not where the time does: objects of many times share one text.

use super::cache::Cache;
use super::onset::{Onset, onsets, years};
use super::yearly::{Run, runs};
use super::{Zone, name, zones};
use crate::bounds::{self, Bounds};
use crate::time::{DAY, Window};
use crate::value::UtcOffset;
use crate::view::{Timezone, bare};
use crate::{Document, Writer};
use chrono_tz::Tz;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A shorter time is widened to this, so that no text has a summer without a winter.
const SHORTEST_TIME: i64 = 366 * DAY;

/// The VTIMEZONE of a TZID as far as that time needs it; nothing where nobody knows the zone.
///
/// The text is a whole component with CRLF line ends; its TZID is the one asked for, letter for letter.
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

/// The document with a VTIMEZONE for every TZID it names without one, as far as anybody knows it; nothing where none is missing.
pub fn with_timezones(document: &Document) -> Option<String> {
    let root = document.root();
    let told: BTreeSet<_> = root.components().filter_map(Timezone::of).filter_map(Timezone::tzid).collect();
    let missing: BTreeSet<_> = zones::names(document).filter(|name| !told.contains(bare(name))).collect();
    let Bounds { first, last } = if missing.is_empty() { return None } else { bounds::of(document) };
    let window = Window::new(first.unwrap_or(Window::ALL.start), last.unwrap_or(Window::ALL.end));
    let texts: Vec<_> = missing.iter().filter_map(|tzid| vtimezone(tzid, window)).collect();
    let first = root.components().next().filter(|_| !texts.is_empty())?;
    let mut edit = document.edit();
    edit.replace_component(first.id(), &(texts.concat() + first.text()));
    Some(edit.finish())
}

/// The document without the VTIMEZONEs of zones that bear a name of the IANA data base; nothing where there are none.
///
/// Others stay, those with a vendor's path or a name of Windows among them: who reads the document may not know them.
pub fn without_timezones(document: &Document) -> Option<String> {
    let mut edit = document.edit();
    let timezones = document.root().components().filter_map(Timezone::of);
    for timezone in timezones.filter(|timezone| timezone.tzid().is_some_and(name::is_iana)) {
        edit.remove_component(timezone.id());
    }
    (!edit.is_empty()).then(|| edit.finish())
}

/// By the name of the zone: all its changes.
static RUNS: Cache<String, Arc<[Run]>> = Cache::new();

fn known(zone: Tz) -> Arc<[Run]> {
    RUNS.get_or_compute(zone.name(), || runs(onsets(zone)).into())
}

/// The runs that have a change in the window, and the one that says what holds as it begins.
fn needed(runs: &[Run], window: Window) -> Vec<Run> {
    // Where the time is over before anything is known, what held first is told.
    let end = window.end.max(window.start.saturating_add(SHORTEST_TIME)).max(years().start + 1);
    let all = runs.iter().flat_map(|run| &run.onsets);
    let holds = all.map(|onset| onset.at).filter(|at| *at <= window.start).max();
    let begin = holds.unwrap_or(window.start);
    let is_needed = |run: &Run| run.onsets.iter().any(|onset| (begin..end).contains(&onset.at));
    runs.iter().filter(|run| is_needed(run)).cloned().map(|run| run.shortened(window.start)).collect()
}

/// A STANDARD or DAYLIGHT: a rule, or single changes that are alike.
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
