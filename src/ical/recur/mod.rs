//! Recurrence: which instances a component has (RFC 5545 §3.8.5, RFC 4791 §9.9).
//!
//! **Invariant:** a query costs what its window holds, whatever the age of the series; every loop has a named bound.

mod clock;
mod days;
mod occurrences;
mod pattern;
#[cfg(test)]
mod tests;

pub(crate) use clock::{Clock, Form, Mark};
pub(crate) use occurrences::Occurrences;
pub(crate) use pattern::{Pattern, Slot};
