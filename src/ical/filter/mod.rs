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
use crate::recur::{self, Instance};
use crate::series::Series;
use crate::time::TimeRange;
use crate::zone::{Zone, Zones};
use crate::{Component, Document};
use std::cell::OnceCell;

/// Whether the object matches. `floating` is the zone of times without one (RFC 4791 §7.3: the query's, or the calendar's).
pub fn matches(object: &Document, filter: &Filter, floating: &Zone) -> bool {
    let subject = Subject { object, floating, zones: OnceCell::new(), series: OnceCell::new() };
    let root = object.root();
    if !root.is(&filter.component.name) || filter.component.is_not_defined {
        return !root.is(&filter.component.name) && filter.component.is_not_defined;
    }
    subject.fits(root, &filter.component)
}

/// The object being judged. Its times are looked at only where the filter asks for times.
struct Subject<'a> {
    object: &'a Document,
    floating: &'a Zone,
    zones: OnceCell<Zones>,
    series: OnceCell<Vec<Series<'a>>>,
}

impl<'a> Subject<'a> {
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

    fn zones(&self) -> &Zones {
        self.zones.get_or_init(|| Zones::of(self.object))
    }

    /// Whether an instance is accepted that this component, the master or an override, says how it is.
    fn any_instance(
        &self,
        component: Component<'a>,
        range: TimeRange,
        accept: &mut dyn FnMut(&Instance<'a>) -> bool,
    ) -> bool {
        let series = self.series.get_or_init(|| Series::of(self.object, self.zones()));
        let mut own = |instance: &Instance<'a>| instance.component.id() == component.id() && accept(instance);
        // RFC 4791 §9.9: an override counts where it is, the master where no override is.
        series.iter().filter(|series| has(series, component)).any(|series| {
            // Too many to look at: shown rather than hidden.
            recur::any(series, self.zones(), self.floating, range, &mut own).unwrap_or(true)
        })
    }
}

fn has(series: &Series<'_>, component: Component<'_>) -> bool {
    let overrides = series.overrides.iter().map(|one| one.component);
    overrides.chain(series.master).any(|member| member.id() == component.id())
}

#[cfg(test)]
mod tests;
