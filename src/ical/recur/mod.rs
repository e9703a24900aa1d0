//! Recurrence: which instances a component has (RFC 5545 §3.8.5, RFC 4791 §9.9).
//!
//! **Invariant:** a query costs what its window holds, whatever the age of the series; every loop has a named bound.

mod budget;
mod calendar;
mod clock;
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

pub use instances::{Instance, any, exists, instances};

pub(crate) use budget::Budget;
pub(crate) use clock::{Clock, Form, Mark};
pub(crate) use expanders::Expanders;
pub(crate) use occurrences::Occurrences;
pub(crate) use pattern::{Occurrence, Pattern};
pub(crate) use set::RecurrenceSet;
pub(crate) use timing::Timing;

/// No query gives more instances of one series.
pub const MAX_INSTANCES: usize = 50_000;

/// There are more instances than a query may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are more than {limit} instances")]
pub struct TooManyInstances {
    pub limit: usize,
}
