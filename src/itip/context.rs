//! What a decision needs to know of the world.
//!
//! **Invariant:** all of it is given, none of it asked for.

use ical::Address;
use std::fmt;

/// Is this one of the calendar user addresses of the home's owner? It is, if the one that stands for it is ([`Same`]).
pub type Owns<'a> = &'a dyn Fn(&Address) -> bool;

/// One address for all aliases of a calendar user; the address itself where nobody is known behind it.
pub type Same<'a> = &'a dyn Fn(&Address) -> Address;

/// The moment of a decision, and who is who.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Seconds since the epoch, for `DTSTAMP`.
    pub now: i64,
    pub owns: Owns<'a>,
    pub same: Same<'a>,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Context").field("now", &self.now).finish_non_exhaustive()
    }
}
