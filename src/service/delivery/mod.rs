//! The runner of the delivery process: executes the actions of the process on the journal, and
//! folds the resulting events into its state.
//!
//! The crate `delivery` decides what is delivered to whom. This module adds the clock, the journal
//! and the read models.

pub(crate) mod availability;
mod outbox;
#[cfg(test)]
mod parking;
mod redelivery;
#[cfg(test)]
mod refreshes;
mod routes;
mod runner;
#[cfg(test)]
mod tests;

pub(crate) use outbox::Outbox;
pub use outbox::{Listing, list_outbox};
pub(crate) use redelivery::{deliver_waiting, redeliver, resume};
pub(crate) use runner::{MeetingLock, Runner};
