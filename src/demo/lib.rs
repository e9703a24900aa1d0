//! The conversation that `daybook demo` plays: the CalDAV clients of three people and a room, over
//! HTTP.
//!
//! **Invariant:** each line that begins with `✓` was checked in resources that were read over HTTP.
//! One wrong answer ends the conversation with an error. The server does not depend on this crate,
//! which is behind the program's feature `demo`.

mod client;
mod connect;
mod copy;
mod meeting;
mod people;
mod story;

pub use connect::instructions;
pub use people::ACCOUNTS;
pub use story::play;
