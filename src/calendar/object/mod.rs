//! One calendar object: every resource of one home with one UID, and the scheduling messages sent and received
//! for it. State → commands → [`decide`] → [`evolve`].
//!
//! **Invariant:** pure. A put and the messages it causes are one answer, so they become one append.

mod attributes;
mod decide;
mod put;
mod receive;
mod regroup;
mod relocate;
mod remove;
mod report;
mod scheduling;
mod state;
#[cfg(test)]
mod tests;
mod wording;
mod world;

pub use attributes::{ChangeAcl, ChangeProperties};
pub use decide::{Command, decide};
pub use put::{Invitation, Occupant, Put, read};
pub use receive::{Arrivals, Incoming, Reading, Receive};
pub use relocate::{Overwrite, Relocate};
pub use remove::Remove;
pub use report::Report;
pub use state::{Object, Resource, evolve};
pub use world::{AddressBook, Availability, World};
