//! The route of a message to one recipient.

use schemas::{
    PrincipalId,
    object::{MessageIssued, Recipient},
};

use crate::status::Status;

/// The destination of a message for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// A home of this system.
    Home(PrincipalId),
    /// A group: its members are attendees themselves, and get their own messages.
    Members,
    /// There is no route. The report to the sender has this status.
    Nowhere(Status),
}

/// Finds the route to a recipient, by the current directory and scheduling policy.
pub trait Routes {
    fn route(&self, message: &MessageIssued, recipient: &Recipient) -> Route;
}
