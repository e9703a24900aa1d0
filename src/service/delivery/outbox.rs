//! The outbox of this process: the state of all deliveries, which several tasks share, and the file
//! that saves this state.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use ::delivery::{Delays, Due, Entry, Outbound, Routes, Saved, State, Unreadable, Work};
use calendar::object::Object;
use journal::{Figure, Journal};
use parking_lot::Mutex;
use schemas::{Metadata, ObjectEvent, Position, PrincipalId, Recorded, Revision, Stored};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{clock, error::Error, store::Executed};

/// Maximum number of events that are read from the journal at a time.
const PAGE_EVENTS: usize = 1_000;
/// Number of events after which the outbox's file is written again.
const SAVE_EVERY: usize = 256;
/// Prefixes of the types of all events about deliveries.
const KINDS: [&str; 2] = ["scheduling-message-", "delivery-reported."];

#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<Kept>,
    /// Signals that a message was issued whose delivery is delayed on purpose, such as an update of
    /// the other attendees' answers in a copy.
    waiting: watch::Sender<()>,
    file: Option<PathBuf>,
    /// Content that this process wrote last to the outbox's file; empty before. The lock is held
    /// while the file is written, so that only one task writes.
    saved: Mutex<Saved>,
}

/// The messages of an outbox, and the events about deliveries that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    pub messages: Vec<Entry>,
    pub unreadable: Vec<Unreadable>,
}

#[derive(Debug)]
struct Kept {
    state: State,
    /// Number of events since the outbox's file was written; [`SAVE_EVERY`] if it is to be written
    /// at the next event.
    unsaved: usize,
}

impl Outbox {
    /// Loads the file that an earlier process saved, and folds the events of the journal after its
    /// checkpoint. Parked messages are due again.
    ///
    /// Starts at the first event if there is no readable file, or if the file is ahead of `head`
    /// and so belongs to another journal.
    pub(crate) async fn open(
        file: Option<PathBuf>,
        journal: &dyn Journal,
        head: Position,
        delays: Delays,
    ) -> Result<Self, Error> {
        let found = file.as_deref().and_then(load);
        let saved = found.clone().filter(|saved| saved.checkpoint <= head).unwrap_or_default();
        if found.is_some_and(|found| found != saved) {
            // Removes the file, which belongs to another journal. That could no longer be detected
            // after this journal has grown beyond the file's checkpoint.
            file.as_deref().map(std::fs::remove_file);
        }
        let mut state = read(&saved, journal, delays).await?;
        state.retry_parked();
        let (state, waiting) = (Mutex::new(Kept { state, unsaved: 0 }), watch::Sender::new(()));
        Ok(Self { state, waiting, file, saved: Mutex::default() })
    }

    /// Folds events of the journal, in order.
    pub(crate) fn saw(&self, batch: &[Recorded]) {
        let now = clock::now();
        let mut kept = self.state.lock();
        for recorded in batch {
            kept.state.apply(recorded, now);
        }
        kept.unsaved += batch.len();
        if kept.unsaved >= SAVE_EVERY {
            drop(kept);
            self.save();
        }
    }

    /// Records the messages that an append issued, and drops those that it withdrew. Returns true
    /// if it issued at least one.
    pub(crate) fn issued(&self, executed: &Executed<Object>, metadata: &Metadata) -> bool {
        let Some(Revision(last)) = executed.revision else { return false };
        let (count, now) = (executed.events.len() as u64, clock::now());
        let mut kept = self.state.lock();
        let mut found = false;
        for (index, happened) in (0..).zip(&executed.events) {
            if let ObjectEvent::MessageWithdrawn(withdrawn) = &happened.event {
                kept.state.withdrawn(withdrawn.message);
            }
            if let ObjectEvent::MessageIssued(issued) = &happened.event {
                let revision = Revision(last + 1 + index - count);
                let (id, position) = (happened.id, executed.position);
                let message = Outbound::new(issued.clone(), id, metadata.clone(), revision, position);
                if message.waits() {
                    self.waiting.send_replace(());
                }
                kept.state.issued(message, now);
                found = true;
            }
        }
        found
    }

    pub(crate) fn round(&self, uid: &str, routes: &dyn Routes, due: Due) -> Vec<Work> {
        self.state.lock().state.round(uid, routes, due)
    }

    pub(crate) fn taken_in(&self, work: &Work, copy: &Object) {
        self.state.lock().state.taken_in(work, copy);
    }

    /// Records that the delivery to one stream failed. Its messages are parked if a retry would
    /// fail in the same way, and retried later otherwise.
    pub(crate) fn failed(&self, work: &Work, error: &Error) {
        let mut kept = self.state.lock();
        if error.is_final() {
            kept.state.park_all(work, &error.to_string());
        } else {
            kept.state.failed(work, &error.to_string(), clock::now());
        }
        // The outbox's file is written at the next event, so that it shows the failure.
        kept.unsaved = SAVE_EVERY;
    }

    pub(crate) fn park(&self, message: Uuid, home: PrincipalId, reason: &str) {
        let mut kept = self.state.lock();
        kept.state.park(message, home, reason);
        kept.unsaved = SAVE_EVERY;
    }

    pub(crate) fn park_all(&self, work: &Work, reason: &str) {
        let mut kept = self.state.lock();
        kept.state.park_all(work, reason);
        kept.unsaved = SAVE_EVERY;
    }

    /// Returns true if a message or report about the meeting is unfinished. Parked ones do not
    /// count, and of the delayed messages only those that `due` selects.
    pub(crate) fn is_open(&self, uid: &str, due: Due) -> bool {
        self.state.lock().state.is_open(uid, due)
    }

    /// Returns the UIDs of meetings with messages that were delayed on purpose and are due now.
    /// `None`: no unfinished message is of a kind that is delayed on purpose.
    pub(crate) fn gathered(&self) -> Option<Vec<String>> {
        let kept = self.state.lock();
        kept.state.waits().then(|| kept.state.gathered(clock::now()).into_iter().collect())
    }

    /// Returns true if an unfinished message is of a kind that is delayed on purpose.
    pub(crate) fn waits(&self) -> bool {
        self.state.lock().state.waits()
    }

    /// Returns the UIDs of meetings with delayed messages that this home has not received. Parked
    /// messages do not count.
    pub(crate) fn waiting_for(&self, home: PrincipalId) -> Vec<String> {
        self.state.lock().state.waiting_for(home).into_iter().collect()
    }

    /// Returns the ids of the messages about a removal of the meeting by DELETE that no recipient
    /// has received. None will receive them while the caller holds the lock of the meeting.
    pub(crate) fn withdrawable(&self, uid: &str) -> Vec<Uuid> {
        self.state.lock().state.withdrawable(uid)
    }

    /// Returns a receiver that is notified when a message is issued whose delivery is delayed. It
    /// closes when the outbox is dropped.
    pub(crate) fn waiting(&self) -> watch::Receiver<()> {
        self.waiting.subscribe()
    }

    /// Returns the UIDs of meetings with due messages: retries whose time has come, and messages
    /// older than `patience` without a failed attempt.
    pub(crate) fn due(&self, patience: Duration) -> Vec<String> {
        let now = clock::now();
        let patience = i64::try_from(patience.as_micros()).unwrap_or(i64::MAX);
        let noted_before = schemas::Timestamp(now.0.saturating_sub(patience));
        self.state.lock().state.due(now, noted_before).into_iter().collect()
    }

    /// Returns two numbers: of unfinished messages that are not parked, and of parked messages and
    /// unreadable events about deliveries together.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let kept = self.state.lock();
        (kept.state.open(), kept.state.parked())
    }

    /// Returns the figures of the outbox: the same numbers as [`Self::counts`], and the age in
    /// seconds of the oldest unfinished message that is not parked; 0 if there is no such message.
    pub(crate) fn figures(&self) -> [Figure; 3] {
        let kept = self.state.lock();
        let issued = kept.state.oldest().unwrap_or_else(clock::now);
        let age = clock::now().seconds().saturating_sub(issued.seconds()).max(0).unsigned_abs();
        let (pending, parked) = (kept.state.open() as u64, kept.state.parked() as u64);
        [
            Figure::gauge(
                "outbox_pending",
                "Undelivered scheduling messages, without those that wait for the next start of the server",
                pending,
            ),
            Figure::gauge(
                "outbox_parked",
                "Scheduling messages that could not be delivered and wait for the next start of the server, and \
                 events about messages that cannot be read",
                parked,
            ),
            Figure::gauge(
                "outbox_oldest_seconds",
                "Age of the oldest undelivered scheduling message, without those that wait for the next start; 0: none",
                age,
            ),
        ]
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.state.lock().state.entries()
    }

    /// Locks the state: until the returned value is dropped, no other task can read or change it.
    #[cfg(test)]
    pub(crate) fn hold(&self) -> impl Sized + '_ {
        self.state.lock()
    }

    /// Writes the outbox's file, if it has one and the state has changed. If the file is lost, the
    /// next start reads the journal from its beginning.
    pub(crate) fn save(&self) {
        let Some(file) = &self.file else { return };
        let mut saved = self.saved.lock();
        let now = {
            let mut kept = self.state.lock();
            kept.unsaved = 0;
            kept.state.saved()
        };
        if *saved == now {
            return;
        }
        match write(file, &now) {
            Ok(()) => *saved = now,
            Err(error) => {
                tracing::warn!(%error, file = %file.display(), "cannot save the list of undelivered scheduling \
                    messages; no message is lost, but the next start reads more of the journal");
            }
        }
    }
}

/// Reads the outbox while a server may be running: the server's file, and the events after it;
/// without a readable file, the whole journal.
///
/// Returns an error if the journal cannot be read.
pub async fn list_outbox(journal: &dyn Journal, file: &Path) -> Result<Listing, Error> {
    let saved = load(file).unwrap_or_default();
    let state = read(&saved, journal, Delays::default()).await?;
    Ok(Listing { messages: state.entries(), unreadable: state.unreadable().to_vec() })
}

/// Folds the events after the saved checkpoint. The parked messages before the checkpoint are named
/// in the file and are read one by one.
async fn read(saved: &Saved, journal: &dyn Journal, delays: Delays) -> Result<State, Error> {
    let mut state = State::new(saved.checkpoint, delays);
    saved.unreadable.iter().for_each(|unreadable| state.skip(unreadable.clone()));
    for message in saved.messages.iter().filter(|message| message.before < saved.checkpoint) {
        if let Some(stored) = journal.read_all(message.before, 1).await?.pop()
            && let Ok(recorded) = stored.read()
        {
            state.restore(&recorded, message.before, clock::now());
        }
    }
    loop {
        let page = journal.read_all(state.seen(), PAGE_EVENTS).await?;
        if page.is_empty() {
            saved.messages.iter().for_each(|message| state.adopt(message));
            return Ok(state);
        }
        for stored in page {
            fold(&mut state, stored);
        }
    }
}

/// Folds an event of the journal. An unreadable event about a delivery is recorded as such and
/// skipped.
fn fold(state: &mut State, stored: Stored) {
    let (position, is_ours) = (stored.position, KINDS.iter().any(|kind| stored.kind.starts_with(kind)));
    match stored.read() {
        Ok(recorded) => state.apply(&recorded, clock::now()),
        Err(error) if is_ours => {
            tracing::error!(%position, %error, "an event about the delivery of scheduling messages cannot be read \
                and is skipped; `daybook outbox` lists it");
            state.skip(Unreadable { position, reason: error.to_string() });
        }
        Err(_) => state.pass(position),
    }
}

fn load(file: &Path) -> Option<Saved> {
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

fn write(file: &Path, saved: &Saved) -> std::io::Result<()> {
    let new = file.with_extension("new");
    std::fs::write(&new, serde_json::to_vec(saved)?)?;
    std::fs::rename(&new, file)
}
