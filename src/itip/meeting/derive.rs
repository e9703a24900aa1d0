//! Derives single instances from their series.
//!
//! **Invariant:** an instance has the duration of the component that describes it, unless an
//! `RDATE` gives it a period (RFC 5545 §3.8.5.2).

use super::{Meeting, Part};
use crate::body::Body;
use crate::line::Line;
use crate::times::InstanceKey;
use ical::value::{DateTime, Period, PeriodEnd};
use ical::{Component, Property};
use std::collections::BTreeMap;

/// The properties that define the end of a component.
const ENDS: [&str; 3] = ["DTEND", "DUE", "DURATION"];

impl<'a> Meeting<'a> {
    /// Returns an instance as its series describes it, ignoring its override; `None` if the series
    /// has no such instance.
    pub(crate) fn derive(&self, key: InstanceKey) -> Option<Body<'a>> {
        let master = self.master.as_ref().filter(|_| self.recurs_at(key))?;
        let first = self.start()?;
        let original = self.times.spelled(key, &first);
        let mut id = Line::of(master.component.property("DTSTART")?);
        id.rename("RECURRENCE-ID");
        id.set_value(&original.to_string());
        let (mut body, template_is_of) = match self.ranging(key) {
            Some((key, part)) => (instance_of(part), self.times.spelled(key, &first)),
            None => (instance_of(master), first),
        };
        let moved = original.local().signed_duration_since(template_is_of.local());
        let start = body.line("DTSTART").and_then(time_of)?;
        let starts = start.at(start.local().checked_add_signed(moved)?);
        let is_end = |line: &&mut Line<'_>| ["DTEND", "DUE"].into_iter().any(|name| line.is(name));
        for line in body.lines.iter_mut().filter(is_end) {
            let ends = self.times.moved(&time_of(line)?, &start, &starts)?;
            if ends.tzid().is_none() {
                line.remove_param("TZID");
            }
            line.set_value(&ends.to_string());
        }
        body.lines.iter_mut().find(|line| line.is("DTSTART"))?.set_value(&starts.to_string());
        if let Some(end) = self.end_of_period(key) {
            body.lines.retain(|line| !ENDS.into_iter().any(|name| line.is(name)));
            body.lines.push(end);
        }
        body.lines.insert(1.min(body.lines.len()), id);
        Some(body)
    }

    /// Returns the content line with the end of an instance whose RDATE is a period; `None` for any
    /// other instance.
    fn end_of_period(&self, key: InstanceKey) -> Option<Line<'a>> {
        let ends = self.period_ends.get_or_init(|| self.read_period_ends());
        ends.get(&key).cloned().map(Line::written)
    }

    fn read_period_ends(&self) -> BTreeMap<InstanceKey, String> {
        let (start, Some(master)) = (self.start(), &self.master) else { return BTreeMap::new() };
        let dates = master.component.properties_named("RDATE").filter(|dates| dates.value().contains('/'));
        let periods =
            dates.flat_map(|dates| dates.periods().unwrap_or_default().into_iter().map(move |period| (dates, period)));
        let end = |(dates, period): (Property<'_>, Period)| {
            let end = end_of(master.component, dates, &period.end);
            (self.times.instance_key(&period.start, start.as_ref()), end.as_str().to_owned())
        };
        periods.map(end).collect()
    }
}

/// Returns the content line for the end of an instance whose RDATE is a period with this `end`:
/// DURATION, DTEND or DUE.
fn end_of<'a>(master: Component<'_>, dates: Property<'a>, end: &PeriodEnd) -> Line<'a> {
    match end {
        PeriodEnd::After(duration) => Line::new("DURATION", &duration.to_string()),
        PeriodEnd::At(end) => {
            let mut line = Line::of(dates);
            line.remove_params(|name| !name.eq_ignore_ascii_case("TZID"));
            line.rename(if master.is("VTODO") { "DUE" } else { "DTEND" });
            line.set_value(&end.to_string());
            line
        }
    }
}

fn time_of(line: &Line<'_>) -> Option<DateTime> {
    DateTime::parse(line.value(), line.param("TZID")).ok()
}

/// Returns the properties of this component that its instances share: all except the rules and
/// dates of the series, and RECURRENCE-ID.
fn instance_of<'a>(part: &Part<'a>) -> Body<'a> {
    let of_series = ["RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"];
    Body::with(part.component, |property| !of_series.into_iter().any(|name| property.is(name)))
}
