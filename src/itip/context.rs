//! The context of a decision: the time, and who owns which calendar user address.
//!
//! **Invariant:** the caller supplies all of it; this crate looks nothing up.

use ical::Address;
use std::fmt;

/// Returns whether an address belongs to the home's owner, compared by canonical address
/// ([`Canonical`]).
pub type Owns<'a> = &'a dyn Fn(&Address) -> bool;

/// Returns the canonical address of the calendar user who owns the given address; the given address
/// itself if no known user owns it.
pub type Canonical<'a> = &'a dyn Fn(&Address) -> Address;

/// Returns whether the address belongs to a calendar user of this system.
pub type Knows<'a> = &'a dyn Fn(&Address) -> bool;

/// The time of a decision, and who owns which address.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The time of the decision, in seconds since the epoch. Messages have it as `DTSTAMP`.
    pub now: i64,
    /// Recognises the addresses of the home's owner.
    pub owns: Owns<'a>,
    /// Maps each address of a calendar user to the user's canonical address.
    pub canonical: Canonical<'a>,
    /// Recognises the addresses of this system's calendar users.
    pub knows: Knows<'a>,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Context").field("now", &self.now).finish_non_exhaustive()
    }
}
