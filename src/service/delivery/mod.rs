//! The runner of the delivery process: executes its actions on the journal and feeds the results back.
//!
//! What is delivered to whom is decided by the crate `delivery`; this module does what needs a clock, a journal and read
//! models.

mod availability;
mod outbox;
#[cfg(test)]
mod parking;
mod redelivery;
mod routes;
mod runner;
#[cfg(test)]
mod tests;

pub(crate) use outbox::Outbox;
pub use outbox::{Listing, list_outbox};
pub(crate) use redelivery::{redeliver, resume};
pub(crate) use runner::{MeetingLock, Runner};
