//! Does an object match a calendar query (RFC 4791 §9.7)?
//!
//! **Invariant:** looks at no more instances than the answer needs, within the budgets of [`recur`]; an object that needs more
//! matches, so that a client is shown too much rather than too little.

mod alarm;
mod moment;
mod text;

use crate::query::{CompFilter, Filter, ParamFilter, PropFilter};
use crate::recur::{self, Instance};
use crate::series::Series;
use crate::time::TimeRange;
use crate::value::PeriodEnd;
use crate::zone::{Zone, Zones};
use crate::{Component, Document, Property};

/// Whether the object matches. `floating` is the zone of times without one (RFC 4791 §7.8: the query's, or the calendar's).
pub fn matches(object: &Document, filter: &Filter, floating: &Zone) -> bool {
    let zones = Zones::of(object);
    let series = Series::of(object, &zones);
    let subject = Subject { zones, series, floating };
    let root = object.root();
    root.is(&filter.component.name) != filter.component.is_not_defined && subject.fits(root, None, &filter.component)
}

/// The object being judged.
struct Subject<'a> {
    zones: Zones,
    series: Vec<Series<'a>>,
    floating: &'a Zone,
}

impl<'a> Subject<'a> {
    /// RFC 4791 §9.7.1: all that the filter says holds for this component. `parent` is what an alarm belongs to.
    fn fits(&self, component: Component<'a>, parent: Option<Component<'a>>, filter: &CompFilter) -> bool {
        filter.time_range.is_none_or(|range| self.is_within(component, parent, range))
            && filter.prop_filters.iter().all(|filter| self.property(component, filter))
            && filter.comp_filters.iter().all(|filter| self.child(component, filter))
    }

    fn child(&self, component: Component<'a>, filter: &CompFilter) -> bool {
        let mut children = component.components().filter(|child| child.is(&filter.name));
        if filter.is_not_defined {
            return children.next().is_none();
        }
        children.any(|child| self.fits(child, Some(component), filter))
    }

    /// RFC 4791 §9.9.
    fn is_within(&self, component: Component<'a>, parent: Option<Component<'a>>, range: TimeRange) -> bool {
        if component.is("VALARM") {
            return parent.is_some_and(|parent| self.alarm(component, parent, range));
        }
        if component.is("VFREEBUSY") {
            return moment::free_busy(component, &self.zones, self.floating, range);
        }
        if component.is("VTODO") && moment::is_single(component) {
            return moment::task(component, &self.zones, self.floating, range);
        }
        self.any_instance(component, range, &mut |instance| match component.is("VTODO") {
            true => moment::task_instance(instance, component, range),
            false => range.overlaps(instance.start, instance.end),
        })
    }

    /// Whether an instance that this component describes is accepted.
    fn any_instance(
        &self,
        component: Component<'a>,
        range: TimeRange,
        accept: &mut dyn FnMut(&Instance<'a>) -> bool,
    ) -> bool {
        self.series.iter().any(|series| {
            let mut own = |instance: &Instance<'a>| instance.component.id() == component.id() && accept(instance);
            // Too many to look at: shown rather than hidden.
            recur::any(series, &self.zones, self.floating, range, &mut own).unwrap_or(true)
        })
    }

    fn property(&self, component: Component<'a>, filter: &PropFilter) -> bool {
        let mut properties = component.properties_named(&filter.name);
        if filter.is_not_defined {
            return properties.next().is_none();
        }
        properties.any(|property| {
            filter.time_range.is_none_or(|range| self.property_is_within(property, range))
                && filter.text_match.as_ref().is_none_or(|wanted| text::matches(&property.text(), wanted))
                && filter.param_filters.iter().all(|filter| parameter(property, filter))
        })
    }

    /// RFC 4791 §9.9: a property with a time is in the range if its value is; a period if it overlaps.
    fn property_is_within(&self, property: Property<'a>, range: TimeRange) -> bool {
        let instant = |time: &crate::value::DateTime| self.zones.instant(time, self.floating);
        if let Ok(times) = property.date_times() {
            return times.iter().map(instant).any(|time| range.overlaps(time, time));
        }
        let Ok(periods) = property.periods() else { return false };
        periods.iter().any(|period| {
            let start = instant(&period.start);
            let end = match &period.end {
                PeriodEnd::At(end) => instant(end),
                PeriodEnd::After(duration) => start.saturating_add(duration.nominal_seconds()),
            };
            range.overlaps(start, end)
        })
    }

    fn alarm(&self, alarm: Component<'a>, parent: Component<'a>, range: TimeRange) -> bool {
        let Some(trigger) = alarm::Trigger::of(alarm, &self.zones, self.floating) else { return false };
        match trigger.absolute {
            Some(at) => trigger.rings_within(at, range),
            None => {
                let wide = trigger.reach(range);
                self.any_instance(parent, wide, &mut |instance| trigger.rings_within(trigger.first(instance), range))
            }
        }
    }
}

fn parameter(property: Property<'_>, filter: &ParamFilter) -> bool {
    let mut parameters = property.params().filter(|parameter| parameter.is(&filter.name)).peekable();
    if filter.is_not_defined {
        return parameters.peek().is_none();
    }
    parameters.any(|parameter| {
        let fits = |wanted| parameter.values().any(|value| text::matches(&value, wanted));
        filter.text_match.as_ref().is_none_or(fits)
    })
}

#[cfg(test)]
mod tests;
