//! Delivery of scheduling messages between the homes of this system, as one process manager (ADR
//! 25).
//!
//! [`State`] is folded from four events: message issued, message received, message withdrawn,
//! delivery reported. [`State::round`] returns the due work of each stream of one meeting, and
//! [`step`] decides the events that each stream appends. A runner executes these actions and folds
//! the new events, in one or more rounds. The server, the simulation and the scheduling tests are
//! three runners of this code.
//!
//! **Invariant:** pure, and idempotent: recipients recognise a repeated message by its id, and
//! senders recognise a repeated report by the id of its message.

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
pub use state::{Delays, State};
pub use step::{Action, Copy, Environment, decide_again, step};
