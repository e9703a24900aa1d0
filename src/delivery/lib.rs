//! Delivery of scheduling messages between the homes of this system, as one process manager (ADR 25).
//!
//! [`State`] is folded from three events: message issued, message received, delivery reported. [`State::round`] says which
//! streams have something to take in, [`step`] decides what each of them appends, and a runner executes the actions and
//! feeds the results back, round after round, until nothing is due. The server, the simulation and the golden tests of
//! scheduling are three runners of this code.
//!
//! **Invariant:** pure. Everything is harmless twice: recipients know a message by its id, and senders know a report by
//! the message that it is about.

mod message;
mod outbox;
mod progress;
mod round;
mod route;
mod state;
pub mod status;
mod step;

pub use message::Outbound;
pub use outbox::{Entry, Recipient, Saved, SavedMessage, Standing, Unreadable};
pub use progress::{Failure, Progress};
pub use round::{Due, Work};
pub use route::{Route, Routes};
pub use state::State;
pub use step::{Action, Copy, Environment, decide_again, step};
