//! Does an object match a calendar query (RFC 4791 §9.7)?
//!
//! **Invariant:** looks at no more instances than the answer needs, within the budgets of [`recur`](crate::recur); an object
//! that needs more matches, so that a client is shown too much rather than too little. Descends no deeper than the object.

mod alarm;
mod property;
mod range;
mod text;

pub(crate) use range::{published, task, task_without_start};

use crate::query::{CompFilter, Filter};
use crate::recur::{Expanders, Instance};
use crate::series::Series;
use crate::time::TimeRange;
use crate::zone::{Zone, Zones};
use crate::{Component, Document};
use std::cell::OnceCell;

/// Whether the object matches. `floating` is the zone of times without one (RFC 4791 §7.3: the query's, or the calendar's).
pub fn matches(object: &Document, filter: &Filter, floating: &Zone) -> bool {
    let (zones, series) = (OnceCell::new(), OnceCell::new());
    let subject = Subject { object, floating, zones: &zones, series: &series, expanders: OnceCell::new() };
    let root = object.root();
    if !root.is(&filter.component.name) || filter.component.is_not_defined {
        return !root.is(&filter.component.name) && filter.component.is_not_defined;
    }
    subject.fits(root, &filter.component)
}

/// The object being judged. Its times are looked at only where the filter asks for times.
struct Subject<'s, 'a> {
    object: &'a Document,
    floating: &'s Zone,
    zones: &'s OnceCell<Zones>,
    series: &'s OnceCell<Vec<Series<'a>>>,
    expanders: OnceCell<Expanders<'s, 'a>>,
}

impl<'s, 'a> Subject<'s, 'a> {
    /// RFC 4791 §9.7.1: all that the filter says holds for this one component. What costs most is asked last.
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

    /// Whether an instance is accepted that this component, the master or an override, says how it is.
    fn any_instance(
        &self,
        component: Component<'a>,
        range: TimeRange,
        accept: &mut dyn FnMut(&Instance<'a>) -> bool,
    ) -> bool {
        let expanders = self.expanders.get_or_init(|| {
            let series = self.series.get_or_init(|| Series::of(self.object, self.zones()));
            Expanders::of(series, self.zones(), self.floating)
        });
        // RFC 4791 §9.9: an override counts where it is, the master where no override is. Too many to look at: shown rather
        // than hidden.
        expanders.any(component, range.window(), accept).unwrap_or(true)
    }
}

#[cfg(test)]
mod tests;
