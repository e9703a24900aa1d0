//! Recurrence: which instances a component has (RFC 5545 §3.8.5, RFC 4791 §9.9).
//!
//! **Invariant:** a query costs what its window holds, whatever the age of the series; every loop has a named bound.

mod budget;
mod calendar;
mod clock;
mod days;
mod instances;
mod occurrences;
mod pattern;
mod plan;
mod plans;
mod set;
#[cfg(test)]
mod tests;
mod times;

pub use instances::{Instance, any, exists, instances};

pub(crate) use budget::Budget;
pub(crate) use clock::{Clock, Form, Mark};
pub(crate) use occurrences::Occurrences;
pub(crate) use pattern::{Pattern, Slot};
pub(crate) use plans::Plans;
pub(crate) use set::RecurrenceSet;
pub(crate) use times::Times;

/// No query gives more instances of one series.
pub const MAX_INSTANCES: usize = 50_000;

/// There are more instances than a query may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are more than {limit} instances")]
pub struct TooMany {
    pub limit: usize,
}
