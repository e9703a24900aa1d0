//! Every instance in a window as a component of its own, in UTC (RFC 4791 §9.6.5).

use crate::recur::{self, Instance, MAX_INSTANCES, TooMany};
use crate::series::Series;
use crate::time::{self, Window};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use crate::{Component, Document, Property, Writer};

/// What describes a recurrence set, and goes.
const RULES: [&str; 4] = ["RRULE", "RDATE", "EXDATE", "EXRULE"];
const RECURRING: [&str; 3] = ["RRULE", "RDATE", "RECURRENCE-ID"];

pub(super) fn expand(object: &Document, window: Window, floating: &Zone) -> Result<String, TooMany> {
    let zones = Zones::of(object);
    let mut writer = Writer::new();
    writer.begin("VCALENDAR");
    for property in object.root().properties() {
        writer.property(property.content_line());
    }
    for series in Series::of(object, &zones) {
        let recurs = series.overrides.iter().map(|own| own.component).chain(series.master).any(recurring);
        for instance in recur::instances(&series, &zones, floating, window, MAX_INSTANCES)? {
            let expansion = Expansion { zones: &zones, floating, recurs };
            expansion.write(&instance, &mut writer);
        }
    }
    Ok(writer.end().finish())
}

fn recurring(component: Component<'_>) -> bool {
    RECURRING.into_iter().any(|name| component.property(name).is_some())
}

struct Expansion<'a> {
    zones: &'a Zones,
    floating: &'a Zone,
    recurs: bool,
}

impl Expansion<'_> {
    fn write(&self, instance: &Instance<'_>, writer: &mut Writer) {
        let component = instance.component;
        writer.begin(component.name());
        for property in component.properties().filter(|property| !RULES.into_iter().any(|name| property.is(name))) {
            if property.is("RECURRENCE-ID") {
                continue;
            }
            writer.property(&self.line(property, instance));
        }
        if self.recurs {
            writer.property(&self.recurrence_id(instance));
        }
        for alarm in component.components() {
            writer.raw(alarm.text());
        }
        writer.end();
    }

    fn recurrence_id(&self, instance: &Instance<'_>) -> String {
        match instance.key.date_time() {
            date @ DateTime::Date(_) => format!("RECURRENCE-ID;VALUE=DATE:{date}"),
            time => format!("RECURRENCE-ID:{}", self.utc(&time)),
        }
    }

    /// A property with its time moved to the instance, and into UTC. Days stay days.
    fn line(&self, property: Property<'_>, instance: &Instance<'_>) -> String {
        let is_start = property.is("DTSTART");
        let is_end = property.is("DTEND") || property.is("DUE") && instance.component.property("DTSTART").is_some();
        let Ok(time) = property.date_time() else { return property.content_line().to_owned() };
        match time {
            DateTime::Date(_) if is_start => with_value(property, &DateTime::Date(instance.local.date()).to_string()),
            DateTime::Date(date) if is_end => {
                let moved = property_start(instance).map_or(0, |start| (date - start.date()).num_days());
                let day = instance.local.date().checked_add_signed(chrono::TimeDelta::days(moved)).unwrap_or(date);
                with_value(property, &DateTime::Date(day).to_string())
            }
            DateTime::Date(_) => property.content_line().to_owned(),
            _ if is_start => format!("{}:{}", name(property), utc(instance.start)),
            _ if is_end => format!("{}:{}", name(property), utc(instance.end)),
            DateTime::Zoned(..) => format!("{}:{}", name(property), self.utc(&time)),
            DateTime::Floating(_) | DateTime::Utc(_) => property.content_line().to_owned(),
        }
    }

    fn utc(&self, time: &DateTime) -> String {
        utc(self.zones.instant(time, self.floating))
    }
}

fn property_start(instance: &Instance<'_>) -> Option<DateTime> {
    instance.component.property("DTSTART")?.date_time().ok()
}

/// The property's name with its parameters, but for those of the value's form.
fn name(property: Property<'_>) -> String {
    let kept = property.params().filter(|param| !param.is("TZID") && !param.is("VALUE"));
    let kept: String = kept.map(|param| format!(";{}={}", param.name(), param.raw_value())).collect();
    format!("{}{kept}", property.name())
}

fn with_value(property: Property<'_>, value: &str) -> String {
    let line = property.content_line();
    let end = line.len().saturating_sub(property.value().len());
    format!("{}{value}", line.get(..end).unwrap_or_default())
}

fn utc(instant: i64) -> String {
    DateTime::Utc(time::local(instant)).to_string()
}
