//! The only module of this crate that reads the system's time of day and makes new ids. Decisions
//! get both as arguments.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use ::delivery::Outbound;
use schemas::{Client, Metadata, PrincipalId, Right, Timestamp, metadata::Ground, object::Role};
use uuid::Uuid;

/// Kinds of scheduling messages that a command may send in the name of the home's owner (RFC 6638
/// §6.2.2, §6.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending {
    /// True if the messages of organizers may be sent, such as invitations and cancellations.
    pub invitations: bool,
    /// True if the replies of attendees may be sent.
    pub replies: bool,
}

impl Sending {
    /// All kinds of messages: owners may send them.
    pub const EVERYTHING: Self = Self { invitations: true, replies: true };

    /// Returns the kinds of messages that both `self` and `other` allow.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { invitations: self.invitations && other.invitations, replies: self.replies && other.replies }
    }

    pub(crate) fn allows(self, role: Role) -> bool {
        match role {
            Role::Organizer => self.invitations,
            Role::Attendee => self.replies,
            Role::None => true,
        }
    }
}

/// Time, actor, client and identity of one command, and the kinds of messages that it may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    pub metadata: Metadata,
    /// Identity of the command. Event ids are derived from it, so that the journal recognises an
    /// append that is repeated.
    pub act: Uuid,
    pub sending: Sending,
}

impl Stamp {
    /// Returns the id of the event at this index, counted from 0, among the events of the command.
    pub(crate) fn event_id(&self, index: usize) -> Uuid {
        Uuid::new_v5(&self.act, &index.to_be_bytes())
    }

    /// Returns the stamp of another command of the same request. `what` names that command, and
    /// gives its events other ids.
    #[must_use]
    pub fn next(&self, what: &str) -> Self {
        Self { act: Uuid::new_v5(&self.act, what.as_bytes()), ..self.clone() }
    }

    /// Returns the stamp of the part of this command that changes the given home. If the command
    /// has an actor who is not the owner of that home, its events say that the actor acts on behalf
    /// of the owner.
    pub(crate) fn in_home(&self, home: PrincipalId) -> Self {
        let on_behalf_of = self.metadata.actor.is_some_and(|actor| actor != home).then_some(home);
        let metadata = Metadata { on_behalf_of, ..self.metadata.clone() };
        Self { metadata, act: Uuid::new_v5(&self.act, home.0.as_bytes()), sending: self.sending }
    }

    /// Returns this stamp with the current time. A command is decided when its locks are held,
    /// which may be later than the arrival of the request.
    pub(crate) fn dated_now(&self) -> Self {
        let metadata = Metadata { at: now(), ..self.metadata.clone() };
        Self { metadata, ..*self }
    }

    /// Returns the stamp of the events that a delivery of the message `cause` appends in the act
    /// `act`. Their time is `at`, or that of the cause if it is later.
    pub(crate) fn reaction(cause: &Outbound, at: Timestamp, act: Uuid) -> Self {
        let metadata = Metadata {
            at: at.max(cause.metadata.at),
            actor: None,
            on_behalf_of: None,
            client: Client { via: "delivery".to_owned(), ..Client::default() },
            request: cause.metadata.request,
            correlation: cause.metadata.correlation,
            causation: Some(cause.event),
            right: Some(Right::of(Ground::Server)),
            ..Metadata::default()
        };
        Self { metadata, act, sending: Sending::EVERYTHING }
    }
}

/// Largest step back of the system clock, in microseconds, for which the server's time stands
/// still. After a larger step, [`now`] follows the system clock.
const MAX_STANDSTILL_MICROSECONDS: i64 = 60_000_000;

/// Latest time that [`now`] returned, in microseconds since the epoch.
static LATEST: AtomicI64 = AtomicI64::new(0);

/// Returns the current time, which stands still when the system clock is set back a little.
/// Otherwise a correction of the clock between two messages about a meeting could make the later
/// one look older (RFC 5546 §2.1.5).
#[expect(clippy::disallowed_methods, reason = "the rim: time is read here and handed on as an argument")]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let read = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    Timestamp(settled(read, &LATEST))
}

fn settled(read: i64, latest: &AtomicI64) -> i64 {
    let before = latest.fetch_max(read, Ordering::Relaxed);
    if before.saturating_sub(read) <= MAX_STANDSTILL_MICROSECONDS {
        return read.max(before);
    }
    latest.store(read, Ordering::Relaxed);
    read
}

/// Tolerated lead of a client's clock over the server's clock, in microseconds.
const MAX_AHEAD_MICROSECONDS: i64 = 300_000_000;

/// Returns true if `moment` is in the past, so that the state at that moment can be queried. A
/// moment up to five minutes in the future counts as past, because a client's clock may be ahead.
pub fn has_come(moment: Timestamp) -> bool {
    moment.0 <= now().0.saturating_add(MAX_AHEAD_MICROSECONDS)
}

/// Returns a new UUID of version 7: such ids sort by the time at which they were made.
#[expect(clippy::disallowed_methods, reason = "the rim: ids are made here and handed on as arguments")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// Returns 32 random bytes for a new secret.
pub fn secret() -> [u8; 32] {
    crate::credentials::random()
}

/// Returns the stamp of a command that begins now and may send all kinds of messages.
pub fn stamp(actor: Option<PrincipalId>, on_behalf_of: Option<PrincipalId>, client: Client, request: Uuid) -> Stamp {
    let (at, correlation) = (now(), request);
    let metadata = Metadata { at, actor, on_behalf_of, client, request, correlation, ..Metadata::default() };
    Stamp { metadata, act: new_id(), sending: Sending::EVERYTHING }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_a_little_stands_still_and_one_that_is_set_back_far_is_believed() {
        let latest = AtomicI64::default();
        let minute = MAX_STANDSTILL_MICROSECONDS;
        let reads = [100 * minute, 100 * minute - 5, 100 * minute + 1, 99 * minute + 1, 98 * minute, 98 * minute - 1];
        let settled = reads.map(|read| settled(read, &latest));
        assert_eq!(settled, [100 * minute, 100 * minute, 100 * minute + 1, 100 * minute + 1, 98 * minute, 98 * minute]);
    }
}
