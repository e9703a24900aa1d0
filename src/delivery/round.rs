//! One round of deliveries for one meeting: the work of each stream.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use calendar::object::Object;
use schemas::{ObjectId, PrincipalId, Timestamp, object::DeliveryReported};
use uuid::Uuid;

use crate::{Outbound, Progress};

/// Selects the retries and the messages of a [delayed](Outbound::waits) kind that belong to a
/// round. Other messages that were not attempted yet belong to each round, unless an earlier
/// message of their stream waits for a retry. Refreshes are delayed so that many answers change a
/// copy only once, and removals so that they can be withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Retries whose time has come, and delayed messages that have waited long enough.
    At(Timestamp),
    /// All retries, and the delayed messages to this home, because a reader or a change needs them
    /// now. A removal that is also sent to this home is then delivered to all its recipients.
    To(PrincipalId),
    /// All messages that are neither finished nor parked: all retries, and all others without
    /// delay.
    All,
}

impl Due {
    fn includes(self, retry_at: Timestamp) -> bool {
        match self {
            Self::At(now) => retry_at <= now,
            Self::To(_) | Self::All => true,
        }
    }

    /// True if a round for this [`Due`] still delays the first attempt to deliver `message` to
    /// `home`.
    pub(crate) fn gathers(self, message: &Outbound, home: PrincipalId, windows: Windows) -> bool {
        let window = if message.is_refresh() { windows.refreshes } else { windows.removals };
        let waits = match self {
            // If the clock was set back, or the message was issued after `now` was read, the
            // difference is negative. Because of the absolute value, such a message waits for less
            // than twice its window.
            Self::At(now) => now.0.saturating_sub(message.metadata.at.0).saturating_abs() < window,
            // A removal that somebody has received cannot be withdrawn, so nobody else need wait.
            Self::To(reader) => reader != home && !(message.is_removal() && message.is_to(reader)),
            Self::All => false,
        };
        message.waits() && waits
    }
}

/// How long messages of the [delayed](Outbound::waits) kinds wait until a round of [`Due::At`]
/// delivers them, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Windows {
    /// For refreshes, which only update a copy or ask the organizer for the meeting.
    pub refreshes: i64,
    /// For removals, which say that a client has removed the sender's copy by DELETE.
    pub removals: i64,
}

/// The work of one stream: messages to receive, in the order of issue, and reports about its own
/// messages.
#[derive(Debug, Clone)]
pub struct Work {
    pub stream: ObjectId,
    pub home: PrincipalId,
    pub messages: Vec<Arc<Outbound>>,
    pub reports: Vec<DeliveryReported>,
    /// The messages that caused this work: those that arrive, and those whose delivery is reported.
    /// In a [recorded](Self::recorded) work, only those that arrive.
    causes: Vec<Arc<Outbound>>,
}

impl Work {
    /// Returns the size of the texts of all messages to receive, in bytes.
    pub fn bytes(&self) -> usize {
        self.messages.iter().map(|message| message.issued.ics.len()).sum()
    }

    /// Returns the work that a recorded act has done: it received these messages and reported these
    /// outcomes.
    pub fn recorded(
        stream: ObjectId,
        home: PrincipalId,
        messages: Vec<Arc<Outbound>>,
        reports: Vec<DeliveryReported>,
    ) -> Self {
        let causes = messages.clone();
        Self { stream, home, messages, reports, causes }
    }

    /// Returns the first message of this work that `copy` has not processed; the first of all if it
    /// has processed them all. That message becomes the cause of the events that the stream
    /// appends.
    ///
    /// Ids of events are derived from their cause. After a crash, the same message gives the same
    /// ids, even if more messages are due by then.
    pub fn cause(&self, copy: &Object) -> &Arc<Outbound> {
        let is_new = |cause: &&Arc<Outbound>| {
            let id = cause.issued.message;
            let arrives = self.messages.iter().any(|message| message.issued.message == id);
            if arrives { !copy.received.contains(&id) } else { !copy.reported.contains(&id) }
        };
        self.causes.iter().find(is_new).unwrap_or(&self.causes[0])
    }

    /// Returns the id of the act in which the stream does the work that `cause` caused. The id is
    /// the same if the work is repeated with the same cause.
    pub fn act(&self, cause: &Outbound) -> Uuid {
        Uuid::new_v5(&cause.event, self.stream.to_string().as_bytes())
    }
}

/// The work of one round of deliveries, sorted by the id of the stream that does it.
#[derive(Debug)]
pub(crate) struct Round {
    due: Due,
    windows: Windows,
    work: BTreeMap<ObjectId, Work>,
    /// Cache of the stream id of each home. The id is a hash, and every message to the home needs
    /// it.
    streams: BTreeMap<PrincipalId, ObjectId>,
    /// Delayed messages by stream. A later message that is due takes them along, because no message
    /// may overtake another.
    gathering: BTreeMap<ObjectId, Vec<Arc<Outbound>>>,
    /// Streams with a failed message or report whose retry is not due yet. Nothing later may
    /// overtake it.
    blocked: BTreeSet<ObjectId>,
}

impl Round {
    pub(crate) fn new(due: Due, windows: Windows) -> Self {
        let (work, streams, gathering, blocked) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { due, windows, work, streams, gathering, blocked }
    }

    pub(crate) fn arrive(&mut self, home: PrincipalId, message: &Arc<Outbound>, progress: &Progress) {
        if progress.is_settled() {
            return;
        }
        let stream = self.stream(home, message);
        // The first message that has waited long enough takes the later ones along.
        let is_first = self.work.get(&stream).is_none_or(|work| work.messages.is_empty());
        if *progress == Progress::Due && is_first && self.due.gathers(message, home, self.windows) {
            self.gathering.entry(stream).or_default().push(Arc::clone(message));
            return;
        }
        let earlier = self.gathering.remove(&stream).unwrap_or_default();
        if let Some(work) = self.work(home, message, progress) {
            for arriving in earlier.iter().chain([message]) {
                work.causes.push(Arc::clone(arriving));
                work.messages.push(Arc::clone(arriving));
            }
        } else if !earlier.is_empty() {
            self.gathering.insert(stream, earlier);
        }
    }

    pub(crate) fn report(&mut self, report: DeliveryReported, message: &Arc<Outbound>, progress: &Progress) {
        if let Some(work) = self.work(message.issued.sender_home, message, progress) {
            work.causes.push(Arc::clone(message));
            work.reports.push(report);
        }
    }

    fn stream(&mut self, home: PrincipalId, message: &Outbound) -> ObjectId {
        *self.streams.entry(home).or_insert_with(|| ObjectId::derive(home, &message.issued.uid))
    }

    pub(crate) fn into_work(self) -> Vec<Work> {
        self.work.into_values().collect()
    }

    /// Returns the work of the stream in `home`, for a message or its report, whose state is
    /// `progress`. `None` if that is done or parked, or if it, or an earlier message or report of
    /// the stream, waits for a retry that is not due.
    fn work(&mut self, home: PrincipalId, message: &Arc<Outbound>, progress: &Progress) -> Option<&mut Work> {
        let stream = self.stream(home, message);
        match progress {
            Progress::Due => {}
            Progress::Failing(failure) if self.due.includes(failure.retry_at) => {}
            Progress::Failing(_) => drop(self.blocked.insert(stream)),
            Progress::Parked(_) | Progress::Done => return None,
        }
        if self.blocked.contains(&stream) {
            return None;
        }
        let new = || Work { stream, home, messages: vec![], reports: vec![], causes: vec![] };
        Some(self.work.entry(stream).or_insert_with(new))
    }
}
