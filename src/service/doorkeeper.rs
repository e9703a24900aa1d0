//! Who may schedule with whom (RFC 6638 §6.1): asked of whoever knows access control.

use std::fmt::Debug;

use schemas::{PrincipalId, object::Method};

/// What one calendar user needs on the inbox of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InboxPrivilege {
    /// `CALDAV:schedule-deliver-invite`: what organizers send.
    DeliverInvite,
    /// `CALDAV:schedule-deliver-reply`: what attendees send.
    DeliverReply,
    /// `CALDAV:schedule-query-freebusy`
    QueryFreeBusy,
}

impl InboxPrivilege {
    /// RFC 6638 appendix A.1, and for the methods it leaves out by who sends them (RFC 5546 §1.4).
    pub(crate) const fn to_deliver(method: Method) -> Self {
        match method {
            Method::Publish | Method::Request | Method::Add | Method::Cancel | Method::DeclineCounter => {
                Self::DeliverInvite
            }
            Method::Reply | Method::Refresh | Method::Counter => Self::DeliverReply,
        }
    }
}

/// Answers for every inbox of this system.
pub trait Doorkeeper: Debug + Send + Sync {
    fn admits(&self, sender: PrincipalId, owner: PrincipalId, privilege: InboxPrivilege) -> bool;
}

/// Admits everybody everywhere, which is what every inbox does at the start: for services that nobody reaches by HTTP.
#[derive(Debug, Clone, Copy)]
pub struct OpenDoors;

impl Doorkeeper for OpenDoors {
    fn admits(&self, _: PrincipalId, _: PrincipalId, _: InboxPrivilege) -> bool {
        true
    }
}
