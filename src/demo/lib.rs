//! The conversation that `daybook demo` plays: the CalDAV clients of four people, over HTTP.
//!
//! **Invariant:** every fact that is printed was read over HTTP and checked. One wrong answer ends
//! the conversation with an error. The server does not depend on this crate, which is behind the
//! program's feature `demo`.

mod client;
mod connect;
mod copy;
mod meeting;
mod people;
mod story;

pub use connect::instructions;
pub use people::ACCOUNTS;
pub use story::play;
