//! The delivery reactor: issued messages become received ones, and what came of them a `SCHEDULE-STATUS`.
//!
//! **Invariant:** everything here is harmless twice. Recipients know a message by its id, senders a report by the
//! message it is of; a crash between any two steps is made good from the checkpoint at the next start.

mod again;
mod availability;
mod conversation;
mod courier;
mod letter;
mod readings;
mod resume;
mod status;
#[cfg(test)]
mod tests;
mod tracker;
mod transport;
mod wave;

pub(crate) use again::look_after;
pub(crate) use conversation::{Conversations, Turn};
pub(crate) use courier::Courier;
pub(crate) use resume::{in_turn, resume, waiting};
pub(crate) use tracker::Tracker;
pub(crate) use transport::Transports;
