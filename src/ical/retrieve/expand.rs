//! Expansion: each instance in a window becomes a component of its own, in UTC (RFC 4791 §9.6.5).
//!
//! **Invariant:** an expanded instance has no recurrence and refers to no zone. Dates and floating
//! times keep their form, because they have no zone from which they could be converted.

use super::{MAX_EXPANDED_BYTES, TooLong};
use crate::filter;
use crate::recur::{self, Budget, Instance, MAX_INSTANCES, OCTETS_OF_WORK, Timing, TooManyInstances};
use crate::series::Series;
use crate::time::{Instant, TimeRange, Window, local};
use crate::value::{DateTime, Duration};
use crate::view::FreeBusy;
use crate::zone::{Zone, Zones};
use crate::{Component, Document, Property, Writer};

/// The properties that are not copied to instances: those that define a recurrence set, and
/// RECURRENCE-ID, which is generated.
const RECURRENCE: [&str; 5] = ["RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"];

pub(super) fn expand(object: &Document, window: Window, floating: &Zone, budget: &Budget) -> Result<String, TooLong> {
    let expansion = Expansion { zones: Zones::of(object), floating, range: window.into() };
    let mut writer = Writer::new();
    writer.begin("VCALENDAR");
    for property in object.root().properties() {
        writer.raw(property.raw());
    }
    let (mut left, limit) = (MAX_INSTANCES, MAX_EXPANDED_BYTES + object.as_str().len());
    for series in Series::of(object, &expansion.zones) {
        let instances = recur::instances_within(&series, &expansion.zones, floating, window, (left, budget))
            .map_err(|_| TooManyInstances { limit: MAX_INSTANCES })?;
        left -= instances.len();
        let recurs = is_recurring(&series);
        for instance in instances.iter().filter(|instance| expansion.shows(instance)) {
            let before = writer.len();
            expansion.write(instance, recurs, &mut writer);
            if writer.len() > limit || !budget.spend((writer.len() - before) / OCTETS_OF_WORK) {
                return Err(TooLong::Octets { limit });
            }
        }
        for component in series.master.into_iter().filter(|master| expansion.shows_as_it_is(*master)) {
            writer.raw(component.text());
        }
    }
    Ok(writer.finish())
}

fn is_recurring(series: &Series<'_>) -> bool {
    !series.overrides.is_empty() || series.master.is_some_and(Component::recurs)
}

struct Expansion<'z> {
    zones: Zones,
    floating: &'z Zone,
    range: TimeRange,
}

impl Expansion<'_> {
    fn shows(&self, instance: &Instance<'_>) -> bool {
        match instance.component {
            component if component.is("VFREEBUSY") => false,
            component if component.is("VTODO") => filter::task(instance, self.range),
            _ => true,
        }
    }

    /// True for a component without instances that overlaps the window: a VFREEBUSY, or a task
    /// without DTSTART and DUE. The expansion contains it unchanged.
    fn shows_as_it_is(&self, component: Component<'_>) -> bool {
        if let Some(published) = FreeBusy::of(component) {
            return filter::published(published, &self.zones, self.floating, self.range);
        }
        let is_task = component.is("VTODO");
        is_task && filter::task_without_start(component, &self.zones, self.floating, self.range).unwrap_or(false)
    }

    fn write(&self, instance: &Instance<'_>, recurs: bool, writer: &mut Writer) {
        let component = instance.component;
        let lasting = Lasting::of(instance, &self.zones, self.floating);
        writer.begin(component.name());
        for property in component.properties().filter(|property| !RECURRENCE.iter().any(|name| property.is(name))) {
            match self.time_of(property, instance, &lasting) {
                Some(line) => writer.property(&line),
                None => writer.raw(property.raw()),
            };
        }
        if lasting.is_unsaid {
            let name = if component.is("VTODO") { "DUE" } else { "DTEND" };
            writer.property(&line(name, &utc(instance.end)));
        }
        if recurs {
            // RFC 4791 §9.6.5 requires RECURRENCE-ID for all instances except the first, where it
            // does no harm.
            writer.property(&line("RECURRENCE-ID", &instance.key.date_time()));
        }
        for inner in component.components() {
            self.write_inner(inner, writer);
        }
        writer.end();
    }

    /// Writes a nested component, such as an alarm, with its times in a zone
    /// [`converted`](Self::converted).
    fn write_inner(&self, component: Component<'_>, writer: &mut Writer) {
        writer.begin(component.name());
        for property in component.properties() {
            match self.converted(property) {
                Some(line) => writer.property(&line),
                None => writer.raw(property.raw()),
            };
        }
        for inner in component.components() {
            self.write_inner(inner, writer); // the depth is bounded by text::limits::MAX_NESTING
        }
        writer.end();
    }

    /// Returns the property's line with the value for this instance.
    ///
    /// Returns `None` if the line stays unchanged.
    fn time_of(&self, property: Property<'_>, instance: &Instance<'_>, lasting: &Lasting) -> Option<String> {
        let time = property.date_time().ok();
        let moved = match time {
            Some(time) if property.is("DTSTART") => self.moved(&time, instance.start),
            Some(time) if property.is("DTEND") || property.is("DUE") => self.moved(&time, instance.end),
            Some(_) | None if property.is("DURATION") => return lasting.duration.map(|it| format!("DURATION:{it}")),
            Some(_) | None => return self.converted(property),
        };
        Some(relined(property, &moved.to_string(), moved.is_date()))
    }

    /// Returns an instant in the form of the value that it replaces: a date, a floating time, or
    /// UTC.
    fn moved(&self, value: &DateTime, instant: Instant) -> DateTime {
        let local = || self.floating.to_local(instant);
        match value {
            DateTime::Date(_) => DateTime::Date(local().date()),
            _ if self.zones.floats(value) => DateTime::Floating(local()),
            DateTime::Floating(_) | DateTime::Utc(_) | DateTime::Zoned(..) => utc(instant),
        }
    }

    /// Returns the line of a property with a TZID without that TZID: its times in UTC, or floating
    /// if the zone is unknown. Returns `None` for a property without TZID.
    fn converted(&self, property: Property<'_>) -> Option<String> {
        property.param("TZID")?;
        let Ok(times) = property.date_times() else { return Some(relined(property, property.value(), false)) };
        let moved = times.iter().map(|time| self.moved(time, self.zones.instant(time, self.floating)).to_string());
        let moved: Vec<String> = moved.collect();
        Some(relined(property, &moved.join(","), times.iter().any(DateTime::is_date)))
    }
}

/// The properties with which the length of an instance is written.
struct Lasting {
    /// The DURATION to write in place of the component's; `None` if the component has none, or one
    /// that is right for the instance.
    duration: Option<Duration>,
    /// True if the length is that of an RDATE period, and the component has no DTEND, DUE or
    /// DURATION that could state it. An end is then added.
    is_unsaid: bool,
}

impl Lasting {
    fn of(instance: &Instance<'_>, zones: &Zones, floating: &Zone) -> Self {
        let component = instance.component;
        let says = |name: &str| component.property(name).is_some();
        let seconds = instance.end - instance.start;
        // The result is in UTC, where every day has 24 hours.
        let other = component
            .duration()
            .filter(|said| said.nominal_seconds() != seconds)
            .map(|_| Duration::of_seconds(seconds));
        let times = Timing::of(component, zones, floating);
        let usual = times.is_none_or(|times| times.end_of(instance.local, times.length) == instance.end);
        let is_unsaid = !usual && !says("DURATION") && !says("DTEND") && !says("DUE");
        Self { duration: other, is_unsaid }
    }
}

/// Returns the property's line with another value, without the parameters TZID and VALUE of the old
/// value. VALUE stays if the value is a date.
fn relined(property: Property<'_>, value: &str, is_date: bool) -> String {
    let mut line = property.name().to_owned();
    for param in property.params().filter(|param| !param.is("TZID") && (is_date || !param.is("VALUE"))) {
        line.extend([";", param.name(), "=", param.raw_value()]);
    }
    line.extend([":", value]);
    line
}

fn line(name: &str, time: &DateTime) -> String {
    if time.is_date() { format!("{name};VALUE=DATE:{time}") } else { format!("{name}:{time}") }
}

fn utc(instant: Instant) -> DateTime {
    DateTime::Utc(local(instant))
}
