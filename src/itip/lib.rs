//! Who must be told what: iTIP messages (RFC 5546) from changes, and changes from messages (RFC 6638).
//!
//! [`organizer`] and [`attendee`] look at an object before and after its owner changed it, [`inbound`] at a message and the
//! recipient's copy. Absence is an argument: creating, changing and removing are one function.
//!
//! **Invariant:** pure. Time, addresses and objects arrive as arguments; the same arguments give the same octets. Nobody is
//! told of an instance he is not invited to, and nobody is told twice.

pub mod attendee;
pub mod automatic;
pub mod context;
pub mod groups;
pub mod inbound;
pub mod merge;
pub mod message;
pub mod organizer;
pub mod refusal;
pub mod standing;
pub mod status;

mod body;
mod diff;
mod inner;
mod line;
mod meeting;
mod outgoing;
mod people;
mod progress;
mod times;

pub use attendee::ScheduleReply;
pub use context::{Context, Owns, Same};
pub use message::{Change, Draft, Method, Suppressed, Visibility};
pub use refusal::{Condition, Refusal};
pub use standing::{Standing, standing};

#[cfg(test)]
mod scenarios;
