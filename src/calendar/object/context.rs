//! The context of a decision. The caller supplies all of it.

use ical::{Address, time::Window, zone::Zone};
use itip::{automatic::Takes, groups::Member};
use schemas::{PrincipalId, Timestamp};
use uuid::Uuid;

use crate::Limits;

/// Resolves calendar user addresses to the principals of this system.
pub trait AddressBook {
    /// Returns the principal with this address; `None` if it is external or unknown.
    fn principal(&self, address: &Address) -> Option<PrincipalId>;
    /// Returns the canonical address of the principal with this address; the given address itself
    /// if no principal has it.
    fn canonical(&self, address: &Address) -> Address;
    /// Returns the preferred address of a principal; `None` if there is none.
    fn address_of(&self, _principal: PrincipalId) -> Option<Address> {
        None
    }
    /// Returns the members of the group with this address; `None` if it is not a known group.
    fn members(&self, _group: &Address) -> Option<Vec<Member>> {
        None
    }
}

/// The busy times of a home.
pub trait Availability {
    /// Returns for each window in `times` whether the owner is busy or unavailable in it. The
    /// object with the UID `except_uid` does not count. If the busy times cannot be read, all
    /// windows get the same value.
    fn are_busy(&self, times: &[Window], except_uid: &str) -> Vec<bool>;
    /// Returns how accepted meetings make the owner busy: as their TRANSP states, or always.
    fn takes(&self) -> Takes {
        Takes::AsWritten
    }
    /// Returns the time zone in which the home's dates and floating times are read.
    fn zone(&self) -> Zone {
        Zone::Utc
    }
}

/// The arguments that all decisions about a calendar object share.
#[derive(Clone, Copy)]
pub struct DecisionContext<'a> {
    pub now: Timestamp,
    /// The id of the command, from which message ids and Schedule-Tags derive.
    pub act: Uuid,
    /// The owner of the home that contains the object.
    pub home: PrincipalId,
    /// The principal who gives the command; `None` for the server itself and for an operator.
    pub actor: Option<PrincipalId>,
    pub limits: &'a Limits,
    pub address_book: &'a dyn AddressBook,
}

impl std::fmt::Debug for DecisionContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DecisionContext")
            .field("now", &self.now)
            .field("act", &self.act)
            .field("home", &self.home)
            .finish()
    }
}

impl DecisionContext<'_> {
    /// Returns whether a person other than the owner of the home gives the command.
    pub(super) fn is_foreign(&self) -> bool {
        self.actor.is_some_and(|actor| actor != self.home)
    }

    /// Returns the address of a caller who acts in the owner's name; `None` for the owner, the
    /// server and an operator, and if the caller has no address.
    pub(super) fn delegate(&self) -> Option<Address> {
        let actor = self.actor.filter(|actor| *actor != self.home)?;
        self.address_book.address_of(actor)
    }

    /// Returns whether the address belongs to the home's owner.
    pub(super) fn owns(&self, address: &Address) -> bool {
        self.address_book.principal(address) == Some(self.home)
    }
}
