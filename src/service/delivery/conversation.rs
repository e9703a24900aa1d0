//! Conversations: one meeting's changes and messages, in the order they were decided.
//!
//! **Invariant:** who changes an object with a UID holds the turn of that UID until what the change says is delivered.
//! Otherwise an older message could overtake a newer one on the way to the same copy: within one second, and within one
//! revision, nothing in an iTIP message tells which is the later (RFC 5546 §2.1.5). What could not be delivered in its
//! turn is left to the next one, which carries it before it decides anything of its own.

use std::collections::HashMap;

use parking_lot::Mutex;
use uuid::Uuid;

use super::letter::Letter;
use crate::{
    clock::Stamp,
    locks::{Held, Keyed},
};

/// Held from the decision to the last delivery.
pub(crate) type Turn = Held<Uuid>;

/// Everybody's objects of one UID.
#[derive(Debug, Default)]
pub(crate) struct Conversations {
    turns: Keyed<Uuid>,
    /// By UID, what waits to be carried again.
    left: Mutex<HashMap<String, Left>>,
}

/// Letters, in the order in which they were issued, and what brought about the first of them.
#[derive(Debug, Clone)]
pub(super) struct Left {
    pub origin: Stamp,
    pub letters: Vec<Letter>,
}

impl Conversations {
    pub(crate) async fn turn(&self, uid: &str) -> Turn {
        self.turns.lock(Uuid::new_v5(&Uuid::NAMESPACE_OID, uid.as_bytes())).await
    }

    /// What was left of a conversation.
    pub(super) fn left(&self, uid: &str) -> Option<Left> {
        self.left.lock().get(uid).cloned()
    }

    /// What was left of a conversation and what is to be carried now, each message once.
    pub(super) fn with_left(&self, uid: &str, letters: Vec<Letter>) -> Vec<Letter> {
        let mut all = self.left(uid).map(|left| left.letters).unwrap_or_default();
        for letter in letters {
            if all.iter().all(|left| left.issued.message != letter.issued.message) {
                all.push(letter);
            }
        }
        all.sort_by_key(|letter| letter.at);
        all
    }

    /// Leaves this, and nothing else, to the next turn.
    pub(super) fn leave(&self, uid: String, left: Left) {
        let mut all = self.left.lock();
        if left.letters.is_empty() {
            all.remove(&uid);
        } else {
            all.insert(uid, left);
        }
    }
}
