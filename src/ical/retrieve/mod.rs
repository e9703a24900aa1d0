//! Retrieval of calendar data (RFC 4791 §9.6): selected parts, expanded instances, or a reduced set
//! of overrides and busy periods.
//!
//! **Invariant:** without expansion, lines to which no option applies keep their stored octets. An
//! expansion has at most [`MAX_INSTANCES`](crate::recur::MAX_INSTANCES) instances, which have at
//! most [`MAX_EXPANDED_BYTES`] octets more than the object.

mod expand;
mod limit;
mod select;
#[cfg(test)]
mod tests;

use crate::query::{CalendarData, Recurrence};
use crate::recur::{Budget, TooManyInstances};
use crate::zone::Zone;
use crate::{Document, Edit};
use std::borrow::Cow;

/// Maximum number of octets by which the expanded instances of an object may exceed the object.
pub const MAX_EXPANDED_BYTES: usize = 4 << 20;

/// An error: the instances of an object exceed a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooLong {
    /// The object has too many instances.
    #[error(transparent)]
    Instances(#[from] TooManyInstances),
    /// The text of the instances is too long, or longer than the rest of the budget allows.
    #[error(
        "the expanded instances have more than {limit} octets, or do not fit into the response; request a shorter range"
    )]
    Octets {
        /// The limit: [`MAX_EXPANDED_BYTES`] plus the length of the object.
        limit: usize,
    },
}

impl CalendarData {
    /// True if the client requests the whole object as it is stored.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

/// Returns the requested parts of an object.
///
/// `floating` is the zone for floating times. A text that cannot be parsed is returned unchanged.
/// Returns an error if an expansion, or the search for the overrides in a window, exceeds a limit.
pub fn render<'i>(
    ics: &'i str,
    wanted: &CalendarData,
    floating: &Zone,
    budget: &Budget,
) -> Result<Cow<'i, str>, TooLong> {
    if wanted.is_everything() {
        return Ok(Cow::Borrowed(ics));
    }
    let Ok(object) = Document::parse(ics) else { return Ok(Cow::Borrowed(ics)) };
    let shown = match wanted.recurrence {
        // A VAVAILABILITY is not expanded: only its AVAILABLE components recur, and they have no
        // meaning without it (RFC 7953).
        Some(Recurrence::Expand(_)) if object.root().components_named("VAVAILABILITY").next().is_some() => {
            reduced(object.edit(), &object, wanted, floating)
        }
        Some(Recurrence::Expand(window)) => {
            let text = expand::expand(&object, window, floating, budget)?;
            let expanded = Document::parse(text).expect("an expansion of a well-formed object is well-formed");
            reduced(expanded.edit(), &expanded, wanted, floating)
        }
        Some(Recurrence::Limit(window)) => {
            let mut edit = object.edit();
            limit::overrides(&mut edit, &object, window, (floating, budget))?;
            reduced(edit, &object, wanted, floating)
        }
        None => reduced(object.edit(), &object, wanted, floating),
    };
    Ok(Cow::Owned(shown))
}

fn reduced<'a>(mut edit: Edit<'a>, object: &'a Document, wanted: &CalendarData, floating: &Zone) -> String {
    if let Some(window) = wanted.limit_freebusy_set {
        limit::busy_times(&mut edit, object, window, floating);
    }
    if let Some(selection) = &wanted.selection {
        select::select(&mut edit, object, selection);
    }
    edit.finish()
}
