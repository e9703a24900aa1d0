//! Policy that decides who may send scheduling messages to whom, and who may query whose busy times
//! (RFC 6638 §6.1). It is implemented by the crate `http`, which evaluates access control.

use std::fmt::Debug;

use schemas::{PrincipalId, object::Method};

/// The privilege on the recipient's inbox that a scheduling operation requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InboxPrivilege {
    /// `CALDAV:schedule-deliver-invite`, for messages of organizers.
    DeliverInvite,
    /// `CALDAV:schedule-deliver-reply`, for messages of attendees.
    DeliverReply,
    /// `CALDAV:schedule-query-freebusy`, for free-busy requests.
    QueryFreeBusy,
}

impl InboxPrivilege {
    /// Returns the privilege to deliver a message (RFC 6638 appendix A.1). For methods that the
    /// appendix leaves out, the role of their sender decides (RFC 5546 §1.4).
    pub(crate) const fn to_deliver(method: Method) -> Self {
        match method {
            Method::Publish | Method::Request | Method::Add | Method::Cancel | Method::DeclineCounter => {
                Self::DeliverInvite
            }
            Method::Reply | Method::Refresh | Method::Counter => Self::DeliverReply,
        }
    }
}

/// Policy for all inboxes of this server.
pub trait SchedulingPolicy: Debug + Send + Sync {
    /// Returns true if `sender` has the privilege on the inbox of `owner`.
    fn admits(&self, sender: PrincipalId, owner: PrincipalId, privilege: InboxPrivilege) -> bool;
}

/// Policy that allows everything. For services without HTTP.
#[derive(Debug, Clone, Copy)]
pub struct AllowAll;

impl SchedulingPolicy for AllowAll {
    fn admits(&self, _: PrincipalId, _: PrincipalId, _: InboxPrivilege) -> bool {
        true
    }
}
