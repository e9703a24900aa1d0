//! The rim of time and chance: the one place that reads the clock and makes ids.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use ::delivery::Outbound;
use schemas::{Client, Metadata, PrincipalId, Right, Timestamp, metadata::Ground, object::Role};
use uuid::Uuid;

/// Which scheduling messages an act may send in the name of the owner of the home (RFC 6638 §6.2.2,
/// §6.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending {
    /// What organizers send.
    pub invitations: bool,
    /// What attendees send.
    pub replies: bool,
}

impl Sending {
    /// What owners may.
    pub const EVERYTHING: Self = Self { invitations: true, replies: true };

    /// What may be sent in both names.
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

/// One command's time, actor, client and identity. Everything a decision may know of the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    pub metadata: Metadata,
    /// The command's identity: event ids derive from it, so that a repeated append is recognised.
    pub act: Uuid,
    pub sending: Sending,
}

impl Stamp {
    /// The id of this act's event number `index`.
    pub(crate) fn event_id(&self, index: usize) -> Uuid {
        Uuid::new_v5(&self.act, &index.to_be_bytes())
    }

    /// A further command of the same request: its events need ids of their own.
    #[must_use]
    pub fn next(&self, what: &str) -> Self {
        Self { act: Uuid::new_v5(&self.act, what.as_bytes()), ..self.clone() }
    }

    /// The part of this act that happens in another home, where the actor may be somebody else's
    /// hand.
    pub(crate) fn in_home(&self, home: PrincipalId) -> Self {
        let on_behalf_of = self.metadata.actor.is_some_and(|actor| actor != home).then_some(home);
        let metadata = Metadata { on_behalf_of, ..self.metadata.clone() };
        Self { metadata, act: Uuid::new_v5(&self.act, home.0.as_bytes()), sending: self.sending }
    }

    /// Returns this stamp dated now: the act is decided once its locks are held, which may be later
    /// than when it was asked for.
    pub(crate) fn dated_now(&self) -> Self {
        let metadata = Metadata { at: now(), ..self.metadata.clone() };
        Self { metadata, ..*self }
    }

    /// Returns the stamp of an act that the message `cause` brings about. It is not dated before
    /// its cause.
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

/// How far the machine's clock may be set back while ours stands still. Beyond, it is believed.
const MAX_STANDSTILL_MICROSECONDS: i64 = 60_000_000;

/// The latest time that was read.
static LATEST: AtomicI64 = AtomicI64::new(0);

/// The time now. It does not go back by a little: of two messages about a meeting the later one
/// must not look older (RFC 5546 §2.1.5), only because a clock was corrected between them.
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

/// How much a caller's clock may be ahead of ours.
const MAX_AHEAD_MICROSECONDS: i64 = 300_000_000;

/// Returns whether a moment of the past can be asked about: it has come, as far as the clocks of
/// the caller and the server agree.
pub fn has_come(moment: Timestamp) -> bool {
    moment.0 <= now().0.saturating_add(MAX_AHEAD_MICROSECONDS)
}

/// A new identity, ordered by time.
#[expect(clippy::disallowed_methods, reason = "the rim: ids are made here and handed on as arguments")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// Random bytes for a secret.
pub fn secret() -> [u8; 32] {
    crate::credentials::random()
}

/// The stamp of a command that begins now.
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
