//! The way of a message to one recipient.

use schemas::{
    PrincipalId,
    object::{MessageIssued, Recipient},
};

use crate::status::Status;

/// Where a message goes for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// To a home of this system.
    Home(PrincipalId),
    /// To everybody in a group: they are attendees of their own (RFC 5545 §3.2.11).
    Members,
    /// There is no route. The report to the sender has this status.
    Nowhere(Status),
}

/// Finds the way to a recipient, by the directory and the scheduling policy of the moment.
pub trait Routes {
    fn route(&self, message: &MessageIssued, recipient: &Recipient) -> Route;
}
