//! One calendar object: every resource of one home with one UID, and the scheduling messages sent
//! and received for it. State → commands → [`decide`] → [`evolve`].
//!
//! **Invariant:** pure. A PUT and the messages that it causes are decided together, so they become
//! one append.

mod attributes;
mod conflicts;
mod context;
mod decide;
mod diff;
mod earlier_texts;
mod edits;
mod import;
mod limits;
mod look_again;
mod put;
mod receive;
mod relocate;
mod remove;
mod report;
mod scheduling;
#[cfg(test)]
mod scheduling_tests;
mod sent;
mod state;
mod stored;
mod sync_group_members;
mod take_over;
#[cfg(test)]
mod tests;
mod together;

pub use attributes::{ChangeAcl, ChangeProperties};
pub use context::{AddressBook, Availability, DecisionContext};
pub use decide::{Command, decide, decide_all, take_in};
pub use earlier_texts::EarlierTexts;
pub use import::{Import, ImportOutcome, Present};
pub use limits::read;
pub use look_again::LookAgain;
pub(crate) use put::invalid;
pub use put::{NameHolder, Put, SameMeeting};
pub use receive::{CopyText, DefaultCalendars, InboundMessage, ParsedMessage, ReadCopy, Receive, Received};
pub use relocate::{Overwrite, Relocate};
pub use remove::Remove;
pub use sent::{SentBody, TextSource};
pub use state::{Object, RemovedResource, Resource, evolve};
pub use take_over::TakeOver;
pub use together::{Agree, TakeAnswers};
