//! What a decision needs to know of the world: all of it given, none of it asked for.

use ical::Address;
use itip::groups::Member;
use schemas::{PrincipalId, Timestamp};
use uuid::Uuid;

use crate::Limits;

/// Who is behind a calendar user address on this system.
pub trait AddressBook {
    /// The principal with this address; `None`: external or unknown.
    fn principal(&self, address: &Address) -> Option<PrincipalId>;
    /// One address for all aliases of a principal; the address itself where nobody is behind it.
    fn canonical(&self, address: &Address) -> Address;
    /// Everybody in the group with this address; `None`: it is none that is known here.
    fn members(&self, _group: &Address) -> Option<Vec<Member>> {
        None
    }
}

/// Whether a home is busy, as far as the journal has been read.
pub trait Availability {
    /// Does an opaque event other than those with `except_uid` overlap `start..end` (seconds, UTC)?
    fn is_busy(&self, start: i64, end: i64, except_uid: &str) -> bool;
}

/// The moment and the place of one decision.
#[derive(Clone, Copy)]
pub struct World<'a> {
    pub now: Timestamp,
    /// Identity of the act: ids of messages and Schedule-Tags derive from it.
    pub act: Uuid,
    /// Whose home the object is in.
    pub home: PrincipalId,
    pub limits: &'a Limits,
    pub book: &'a dyn AddressBook,
}

impl std::fmt::Debug for World<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("now", &self.now).field("act", &self.act).field("home", &self.home).finish()
    }
}

impl World<'_> {
    /// Is this an address of the home's owner?
    pub(super) fn owns(&self, address: &Address) -> bool {
        self.book.principal(address) == Some(self.home)
    }
}
