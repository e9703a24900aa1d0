//! Recurrence: the instances of a component (RFC 5545 §3.8.5, RFC 4791 §9.9).
//!
//! **Invariant:** a [`Budget`] bounds the work of each query. The cost depends on the window of the
//! query, not on the age of the series, except for the rules with COUNT that module `occurrences`
//! names.

mod budget;
mod calendar;
mod clock;
mod compare;
mod days;
mod expander;
mod expanders;
mod instances;
mod occurrences;
mod pattern;
mod set;
#[cfg(test)]
mod tests;
mod timing;

pub use compare::{InstanceChange, compare_rules, same_instances, same_on_both_clocks};
pub use instances::{Instance, Recurrence, any, exists, instances};
pub(crate) use instances::{instances_where, instances_within};

pub(crate) use budget::OCTETS_OF_WORK;
pub use budget::{Budget, MAX_WORK};
pub(crate) use clock::{Clock, Form, Mark};
pub(crate) use expanders::Expanders;
pub(crate) use occurrences::Occurrences;
pub(crate) use pattern::{Occurrence, Pattern};
pub(crate) use set::RecurrenceSet;
pub(crate) use timing::Timing;

/// Maximum number of instances of one series that a query returns.
pub const MAX_INSTANCES: usize = 50_000;

/// An error: a query has more instances than its limit, or its budget is exhausted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the object has more than {limit} instances, or expanding them needs too much work")]
pub struct TooManyInstances {
    /// The maximum number of instances.
    pub limit: usize,
}
