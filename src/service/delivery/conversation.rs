//! Conversations: one meeting's changes and messages, in the order they were decided.
//!
//! **Invariant:** who changes an object with a UID holds the turn of that UID until what the change says is delivered.
//! Otherwise an older message could overtake a newer one on the way to the same copy: within one second, and within one
//! revision, nothing in an iTIP message tells which is the later (RFC 5546 §2.1.5).

use uuid::Uuid;

use crate::locks::{Held, Keyed};

/// Held from the decision to the last delivery.
pub(crate) type Turn = Held<Uuid>;

/// Everybody's objects of one UID.
#[derive(Debug, Default)]
pub(crate) struct Conversations(Keyed<Uuid>);

impl Conversations {
    pub(crate) async fn turn(&self, uid: &str) -> Turn {
        self.0.lock(Uuid::new_v5(&Uuid::NAMESPACE_OID, uid.as_bytes())).await
    }
}
