//! One round of deliveries for one meeting: the work of each stream.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use calendar::object::Object;
use schemas::{ObjectId, PrincipalId, Timestamp, object::DeliveryReported};
use uuid::Uuid;

use crate::{Outbound, Progress};

/// Which failed attempts are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Those whose time has come.
    At(Timestamp),
    /// All of them.
    All,
}

impl Due {
    fn includes(self, retry_at: Timestamp) -> bool {
        match self {
            Self::At(now) => retry_at <= now,
            Self::All => true,
        }
    }
}

/// The work of one stream: messages to receive, in the order of issue, and reports about its own messages.
#[derive(Debug, Clone)]
pub struct Work {
    pub stream: ObjectId,
    pub home: PrincipalId,
    pub messages: Vec<Arc<Outbound>>,
    pub reports: Vec<DeliveryReported>,
    /// The messages that brought this about: those that arrive, and those that are reported.
    causes: Vec<Arc<Outbound>>,
}

impl Work {
    /// Returns the first message of this work that is new to `copy`. It becomes the cause of the events.
    ///
    /// Ids of events are derived from their cause. After a crash, the same message gives the same ids, even if more
    /// messages are due by then.
    pub fn cause(&self, copy: &Object) -> &Arc<Outbound> {
        let is_new = |cause: &&Arc<Outbound>| {
            let id = cause.issued.message;
            let arrives = self.messages.iter().any(|message| message.issued.message == id);
            if arrives { !copy.received.contains(&id) } else { !copy.reported.contains(&id) }
        };
        self.causes.iter().find(is_new).unwrap_or(&self.causes[0])
    }

    /// Returns the identity of the act in which the stream takes in what `cause` brought about: the same each time.
    pub fn act(&self, cause: &Outbound) -> Uuid {
        Uuid::new_v5(&cause.event, self.stream.to_string().as_bytes())
    }
}

/// Work by stream, in an order that depends on identities alone.
#[derive(Debug, Default)]
pub(crate) struct Round {
    work: BTreeMap<ObjectId, Work>,
    /// Streams with a message that failed and is not due yet: nothing overtakes it.
    blocked: BTreeSet<ObjectId>,
}

impl Round {
    pub(crate) fn arrive(&mut self, home: PrincipalId, message: &Arc<Outbound>, progress: &Progress, due: Due) {
        if let Some(work) = self.work(home, message, progress, due) {
            work.messages.push(Arc::clone(message));
        }
    }

    pub(crate) fn report(&mut self, report: DeliveryReported, message: &Arc<Outbound>, progress: &Progress, due: Due) {
        if let Some(work) = self.work(message.issued.sender_home, message, progress, due) {
            work.reports.push(report);
        }
    }

    pub(crate) fn into_work(self) -> Vec<Work> {
        self.work.into_values().collect()
    }

    /// Returns the work of the stream in `home`, with `message` among its causes; `None` if it has to wait.
    fn work(&mut self, home: PrincipalId, message: &Arc<Outbound>, progress: &Progress, due: Due) -> Option<&mut Work> {
        let stream = ObjectId::derive(home, &message.issued.uid);
        match progress {
            Progress::Due => {}
            Progress::Failing(failure) if due.includes(failure.retry_at) => {}
            Progress::Failing(_) => drop(self.blocked.insert(stream)),
            Progress::Parked(_) | Progress::Done => return None,
        }
        if self.blocked.contains(&stream) {
            return None;
        }
        let new = || Work { stream, home, messages: vec![], reports: vec![], causes: vec![] };
        let work = self.work.entry(stream).or_insert_with(new);
        work.causes.push(Arc::clone(message));
        Some(work)
    }
}
