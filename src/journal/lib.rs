//! The journal: append and read, behind one port.
//!
//! **Invariant:** nothing outside this crate knows which engine keeps the events. Whatever was acknowledged is
//! durable, never rewritten, and part of a hash chain. Deliberately absent: deletion, an "any" expectation, and
//! any understanding of what the events say.

mod address;
pub mod chain;
pub mod engine;
pub mod limits;
pub mod memory;
mod placement;
mod port;
pub mod sqlite;
mod subscription;
mod tail;
mod verify;

pub use address::redacted;
pub use port::{Append, AppendError, Appended, Failure, Journal};
pub use subscription::Subscription;
pub use verify::{Alteration, Verdict, verify};
