//! Matching of conditions on a property (RFC 4791 §9.7.2, §9.7.3).

use super::{Subject, text};
use crate::query::{ParamFilter, PropFilter, TextMatch};
use crate::recur::{Budget, Instance, OCTETS_OF_WORK};
use crate::time::{Instant, TimeRange};
use crate::{Component, Property};
use std::borrow::Cow;

/// An edge of an instance, its start or its end, to which the time range of a property filter
/// refers.
#[derive(Debug, Clone, Copy)]
enum Edge {
    Start,
    End,
}

impl<'a> Subject<'_, 'a> {
    pub(super) fn property(&self, component: Component<'a>, filter: &PropFilter) -> bool {
        let mut properties = component.properties_named(&filter.name);
        if filter.is_not_defined {
            return properties.next().is_none();
        }
        if let (Some(range), Some(edge)) = (filter.time_range, edge(component, filter, self.budget)) {
            return self.any_instance(component, around(range), &mut |instance| {
                let at = edge.of(instance);
                range.overlaps(at, at)
            });
        }
        properties.any(|property| {
            filter.text_match.as_ref().is_none_or(|wanted| has_text(|| property.text(), wanted, self.budget))
                && has_params(property, filter, self.budget)
                && filter.time_range.is_none_or(|range| self.value_is_within(property, range))
        })
    }

    fn value_is_within(&self, property: Property<'a>, range: TimeRange) -> bool {
        let times = property.date_times().unwrap_or_default();
        times.iter().map(|time| self.zones().instant(time, self.floating)).any(|at| range.overlaps(at, at))
    }
}

impl Edge {
    fn of(self, instance: &Instance<'_>) -> Instant {
        match self {
            Self::Start => instance.start,
            Self::End => instance.end,
        }
    }
}

/// Returns the edge of instances with which the time range of a property filter is compared: the
/// start for DTSTART, the end for DTEND and DUE, also if a DURATION states it (RFC 4791 §9.9).
/// Returns `None` if the property's own value is compared.
fn edge(component: Component<'_>, filter: &PropFilter, budget: &Budget) -> Option<Edge> {
    if component.parent().is_none_or(|parent| parent.parent().is_some()) {
        return None; // a deeper component, such as an observance, has no instances
    }
    let (edge, has_duration) = match filter.name.as_str() {
        "DTSTART" => (Edge::Start, false),
        "DTEND" if component.is("VEVENT") => (Edge::End, true),
        "DUE" if component.is("VTODO") => (Edge::End, component.property("DTSTART").is_some()),
        _ => return None,
    };
    let recurs = ["VEVENT", "VTODO", "VJOURNAL"].into_iter().any(|name| component.is(name));
    let said = component.properties_named(&filter.name).any(|property| has_params(property, filter, budget));
    let effective = || has_duration && component.property("DURATION").is_some() && filter.param_filters.is_empty();
    (recurs && (said || effective())).then_some(edge)
}

/// Starts the range a second earlier, to include instances that end exactly when it begins.
fn around(range: TimeRange) -> TimeRange {
    TimeRange { start: range.start.map(|start| start.saturating_sub(1)), end: range.end }
}

fn has_params(property: Property<'_>, filter: &PropFilter, budget: &Budget) -> bool {
    filter.param_filters.iter().all(|filter| param(property, filter, budget))
}

fn param(property: Property<'_>, filter: &ParamFilter, budget: &Budget) -> bool {
    let mut params = property.params().filter(|param| param.is(&filter.name)).peekable();
    if filter.is_not_defined || params.peek().is_none() {
        return filter.is_not_defined && params.peek().is_none();
    }
    let Some(wanted) = &filter.text_match else { return true };
    // If the match is negated, none of several values may match.
    let mut values = params.flat_map(crate::Param::values);
    let mut matches = |value| has_text(|| value, wanted, budget);
    if wanted.negate { values.all(&mut matches) } else { values.any(&mut matches) }
}

/// True if a text satisfies the condition `wanted`. If the budget is exhausted, every text does.
fn has_text<'t>(text: impl FnOnce() -> Cow<'t, str>, wanted: &TextMatch, budget: &Budget) -> bool {
    if budget.is_spent() {
        return true;
    }
    let text = text();
    let is_within = budget.spend(1 + (text.len() + wanted.text.len()) / OCTETS_OF_WORK);
    !is_within || text::matches(&text, wanted)
}
