//! Compares RDATE and EXDATE of two versions of a series.
//!
//! **Invariant:** an RDATE or EXDATE is compared by the instance that it adds or excludes; an RDATE
//! with a period is compared by its end too (RFC 5545 §3.8.5.2).

use crate::body::Body;
use crate::times::{End, InstanceKey, Times};
use ical::value::{DateTime, Period, PeriodEnd};
use std::collections::BTreeSet;

/// The maximum number of changed RDATEs, and of changed EXDATEs, that are looked up in both
/// versions of a series.
const MAX_COMPARED_DATES: usize = 500;

/// The maximum number of instances of a series that are compared one by one. They are compared if a
/// change of the rules or dates, taken alone, would add or remove instances.
pub(crate) const MAX_COMPARED_INSTANCES: usize = 500;

/// Functions that look up the instances of a series before a change (`was`) and after it (`is`).
pub(crate) struct Recurs<'r> {
    pub(crate) was: &'r dyn Fn(InstanceKey) -> bool,
    pub(crate) is: &'r dyn Fn(InstanceKey) -> bool,
    /// Returns all instances before and after the change. `None` if they are not known: a version
    /// has more than the given number or no series, or counting takes too much work.
    pub(crate) all: &'r dyn Fn(usize) -> Option<[BTreeSet<InstanceKey>; 2]>,
    /// Returns whether an instance that both versions have ends at different times in them.
    pub(crate) ends_elsewhere: &'r dyn Fn(InstanceKey) -> bool,
}

/// The change of the instances of a series.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Growth {
    pub(super) grows: bool,
    pub(super) shrinks: bool,
}

impl Recurs<'_> {
    /// For a comparison that cannot look up instances: each date counts as a new instance.
    pub(super) const UNKNOWN: Recurs<'static> =
        Recurs { was: &|_| false, is: &|_| true, all: &|_| None, ends_elsewhere: &|_| true };

    /// Returns whether the series has new instances, and whether it has lost some. `seems` is what
    /// its rules and dates, each taken alone, would do; taken together they may do neither. It is
    /// returned as it is if `all` does not know the instances.
    pub(super) fn changes(&self, seems: Growth) -> Growth {
        if seems == Growth::default() {
            return seems;
        }
        let all = (self.all)(MAX_COMPARED_INSTANCES);
        all.map_or(seems, |[was, is]| Growth { grows: !is.is_subset(&was), shrinks: !was.is_subset(&is) })
    }

    /// Returns whether one of these instances is new; true also if there are more than
    /// [`MAX_COMPARED_DATES`].
    pub(super) fn gains<'k>(&self, keys: impl Iterator<Item = &'k InstanceKey>) -> bool {
        let is_new = |key: InstanceKey| (self.is)(key) && !(self.was)(key);
        keys.enumerate().any(|(index, key)| index >= MAX_COMPARED_DATES || is_new(*key))
    }

    /// Returns whether one of these RDATEs, which only one version has, changes the end of an
    /// instance that both versions have. A period with the duration of the series changes nothing.
    /// True also if there are more than [`MAX_COMPARED_DATES`] periods.
    pub(super) fn resizes<'k>(&self, dates: impl Iterator<Item = &'k AddedDate>) -> bool {
        let is_resized = |key: InstanceKey| (self.is)(key) && (self.was)(key) && (self.ends_elsewhere)(key);
        let mut periods = dates.filter(|(_, end)| end.is_some()).enumerate();
        periods.any(|(index, (start, _))| index >= MAX_COMPARED_DATES || is_resized(*start))
    }
}

/// An instance that an RDATE adds, and its end if the RDATE is a period (RFC 5545 §3.8.5.2).
pub(crate) type AddedDate = (InstanceKey, Option<InstanceKey>);

pub(crate) fn added_dates(body: &Body<'_>, times: &Times) -> BTreeSet<AddedDate> {
    let start = start_of(body);
    let read = |(value, tzid)| match Period::parse(value, tzid) {
        Ok(Period { start: from, end }) => {
            let end = match &end {
                PeriodEnd::At(end) => times.end(&from, End::At(end)),
                PeriodEnd::After(duration) => times.end(&from, End::After(*duration)),
            };
            Some((times.instance_key(&from, start.as_ref()), end))
        }
        Err(_) => Some((times.instance_key(&DateTime::parse(value, tzid).ok()?, start.as_ref()), None)),
    };
    values(body, "RDATE").filter_map(read).collect()
}

/// Returns whether `after` has an RDATE that `before` lacks. An RDATE that had a period before and
/// has only its start now is not new.
pub(super) fn adds_dates(before: &Body<'_>, after: &Body<'_>, was: &Times, is: &Times) -> bool {
    let before = added_dates(before, was);
    let is_known = |(start, end): &AddedDate| {
        before.contains(&(*start, *end)) || end.is_none() && before.iter().any(|(known, _)| known == start)
    };
    !added_dates(after, is).iter().all(is_known)
}

pub(super) fn excluded(body: &Body<'_>, times: &Times) -> BTreeSet<InstanceKey> {
    let start = start_of(body);
    let read = values(body, "EXDATE").filter_map(|(value, tzid)| DateTime::parse(value, tzid).ok());
    read.map(|time| times.instance_key(&time, start.as_ref())).collect()
}

pub(super) fn start_of(body: &Body<'_>) -> Option<DateTime> {
    body.line("DTSTART").and_then(|line| DateTime::parse(line.value(), line.param("TZID")).ok())
}

/// Iterates over the values of all properties with this name, each with its TZID.
fn values<'b>(body: &'b Body<'_>, name: &'static str) -> impl Iterator<Item = (&'b str, Option<&'b str>)> {
    let lines = body.lines.iter().filter(move |line| line.is(name));
    lines.flat_map(|line| line.value().split(',').map(move |value| (value.trim(), line.param("TZID"))))
}
