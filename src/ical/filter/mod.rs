//! Matching of objects against a calendar query (RFC 4791 §9.7).
//!
//! **Invariant:** expansion stops once an instance matches, and stays within the budgets of
//! [`recur`](crate::recur). A condition that exceeds the budget or the limit of instances counts as
//! fulfilled, so that the client gets too many objects rather than too few. Recursion is bounded by
//! the nesting depth of the object.

mod alarm;
mod property;
mod range;
mod text;

pub(crate) use range::{published, task, task_without_start};

use crate::query::{CompFilter, Filter};
use crate::recur::{Budget, Expanders, Instance};
use crate::series::Series;
use crate::time::TimeRange;
use crate::zone::{Zone, Zones};
use crate::{Component, Document};
use std::cell::OnceCell;

/// True if the object matches the filter.
///
/// A condition that exceeds the budget or the limit of instances counts as fulfilled. `floating` is
/// the zone for floating times: that of the query or of the calendar (RFC 4791 §7.3).
///
/// # Examples
///
/// ```
/// use ical::query::{CompFilter, Filter};
/// use ical::recur::Budget;
/// use ical::zone::Zone;
/// use ical::{Document, TimeRange, filter};
///
/// let component = |name: &str, time_range, comp_filters| CompFilter {
///     name: name.to_owned(),
///     is_not_defined: false,
///     time_range,
///     prop_filters: vec![],
///     comp_filters,
/// };
/// let object = Document::parse(
///     "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260105T120000Z\nEND:VEVENT\nEND:VCALENDAR\n",
/// )?;
/// let day = TimeRange { start: Some(1_767_571_200), end: Some(1_767_657_600) };
/// let events = component("VEVENT", Some(day), vec![]);
/// let query = Filter { component: component("VCALENDAR", None, vec![events]) };
/// assert!(filter::matches(&object, &query, &Zone::Utc, &Budget::default()));
/// # Ok::<(), ical::SyntaxError>(())
/// ```
pub fn matches(object: &Document, filter: &Filter, floating: &Zone, budget: &Budget) -> bool {
    let (zones, series) = (OnceCell::new(), OnceCell::new());
    let subject = Subject { object, floating, zones: &zones, series: &series, expanders: OnceCell::new(), budget };
    let root = object.root();
    if !root.is(&filter.component.name) || filter.component.is_not_defined {
        return !root.is(&filter.component.name) && filter.component.is_not_defined;
    }
    subject.fits(root, &filter.component)
}

/// The object that is matched. Its zones and instances are computed only if the filter has a time
/// range.
struct Subject<'s, 'a> {
    object: &'a Document,
    floating: &'s Zone,
    zones: &'s OnceCell<Zones>,
    series: &'s OnceCell<Vec<Series<'a>>>,
    expanders: OnceCell<Expanders<'s, 'a>>,
    budget: &'s Budget,
}

impl<'s, 'a> Subject<'s, 'a> {
    /// True if the component satisfies the conditions of the filter (RFC 4791 §9.7.1). Its own time
    /// range is checked last, because that is expensive.
    fn fits(&self, component: Component<'a>, filter: &CompFilter) -> bool {
        filter.prop_filters.iter().all(|filter| self.property(component, filter))
            && filter.comp_filters.iter().all(|filter| self.child(component, filter))
            && filter.time_range.is_none_or(|range| self.is_within(component, range))
    }

    fn child(&self, component: Component<'a>, filter: &CompFilter) -> bool {
        let mut children = component.components_named(&filter.name);
        if filter.is_not_defined {
            return children.next().is_none();
        }
        children.any(|child| self.fits(child, filter))
    }

    fn zones(&self) -> &'s Zones {
        self.zones.get_or_init(|| Zones::of(self.object))
    }

    /// True if `accept` returns true for an instance that `component` defines and that is in the
    /// range. The component is a master or an override. Also true if the search exceeds the budget
    /// or the limit of instances.
    fn any_instance(
        &self,
        component: Component<'a>,
        range: TimeRange,
        accept: &mut dyn FnMut(&Instance<'a>) -> bool,
    ) -> bool {
        let expanders = self.expanders.get_or_init(|| {
            let series = self.series.get_or_init(|| Series::of(self.object, self.zones()));
            Expanders::of(series, self.zones(), self.floating, self.budget)
        });
        // An override counts at its own time, and the master for all other instances (RFC 4791
        // §9.9).
        expanders.any(component, range.window(), self.budget, accept).unwrap_or(true)
    }
}

#[cfg(test)]
mod tests;
