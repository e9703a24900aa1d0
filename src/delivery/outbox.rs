//! Undelivered messages as operators see them, and the progress of deliveries that a process saves
//! outside the journal.

use schemas::{Position, PrincipalId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Failure, Progress, State, state::Pending};

/// One message that is not finished: a recipient still waits for it, or the sender for its report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub message: Uuid,
    /// The position of the message in the journal.
    pub position: Position,
    pub method: &'static str,
    pub uid: String,
    pub sender: String,
    pub standing: Standing,
    /// The recipients on this server that have not received the message, without those to whom
    /// there was no route in the last round; after them the sender, if the report is not appended
    /// yet.
    pub waiting: Vec<Recipient>,
}

/// The state of an undelivered message, or of one of its parts. A message is parked if all its
/// unfinished parts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// An attempt is still to be made, without a restart of the server.
    Pending,
    /// The delivery is set aside, because another attempt would probably fail in the same way, such
    /// as for a message that this version of the program cannot read. The next start of the server
    /// attempts it again.
    Parked,
}

/// One home that waits for a message, or for its report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recipient {
    /// The calendar user address of the recipient; for a report, that of the sender.
    pub address: String,
    pub attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
    pub standing: Standing,
}

/// An event about a delivery that this version of the program cannot read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    pub position: Position,
    pub reason: String,
}

/// The part of the delivery state that the journal does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Saved {
    /// A position in the journal: every readable message issued up to it is finished, or is among
    /// `messages`.
    pub checkpoint: Position,
    pub messages: Vec<SavedMessage>,
    pub unreadable: Vec<Unreadable>,
}

/// The progress of a delivery of which at least one part is failing or parked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedMessage {
    pub message: Uuid,
    /// The last position before the event that issued the message.
    pub before: Position,
    /// The progress of each part of the delivery. A part is named by the home at which the message
    /// arrives; `None` is the report to the sender.
    pub parts: Vec<(Option<PrincipalId>, Progress)>,
}

impl State {
    /// Returns every unfinished message, also the parked ones, in the order they were issued.
    pub fn entries(&self) -> Vec<Entry> {
        let mut pending: Vec<_> = self.messages.values().collect();
        pending.sort_unstable_by_key(|pending| pending.order());
        pending.into_iter().map(entry).collect()
    }

    /// Returns the events about deliveries that this version of the program cannot read.
    pub fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }

    /// Returns the part of the state that the journal does not hold.
    pub fn saved(&self) -> Saved {
        let messages = self.messages.values().filter_map(saved).collect();
        Saved { checkpoint: self.checkpoint(), messages, unreadable: self.unreadable.clone() }
    }

    /// Adopts the progress of a delivery that a process saved. Parts that are done stay done. Does
    /// nothing if the state does not contain the message.
    pub fn adopt(&mut self, saved: &SavedMessage) {
        let Some(pending) = self.messages.get_mut(&saved.message) else { return };
        // A part is saved only after a round, and a round finds all routes first.
        pending.is_routed = true;
        for (home, progress) in &saved.parts {
            let part = match home {
                Some(home) => &mut pending.arrival(*home).progress,
                None => &mut pending.report,
            };
            if *part != Progress::Done {
                part.clone_from(progress);
            }
        }
    }

    /// Makes every parked part of a delivery (an arrival at a home, or the report to the sender)
    /// due again, for the start of the server: the reason for which it was parked may be gone, for
    /// example because a new version of the program can read the message.
    pub fn retry_parked(&mut self) {
        for pending in self.messages.values_mut() {
            let arrivals = pending.arrivals.values_mut().map(|arrival| &mut arrival.progress);
            for part in arrivals.chain([&mut pending.report]).filter(|part| part.is_parked()) {
                *part = Progress::Due;
            }
        }
    }
}

fn saved(pending: &Pending) -> Option<SavedMessage> {
    let arrivals = pending.arrivals.iter().map(|(home, arrival)| (Some(*home), arrival.progress.clone()));
    let parts = arrivals.chain([(None, pending.report.clone())]);
    let parts: Vec<_> = parts.collect();
    let is_kept = parts.iter().any(|(_, part)| matches!(part, Progress::Failing(_) | Progress::Parked(_)));
    let message = pending.message.issued.message;
    is_kept.then_some(SavedMessage { message, before: pending.before?, parts })
}

fn entry(pending: &Pending) -> Entry {
    let issued = &pending.message.issued;
    let unknown = Progress::Due;
    let arrival = |recipient: &schemas::object::Recipient| {
        let progress = match pending.arrivals.get(&recipient.principal?) {
            Some(arrival) => &arrival.progress,
            // The message goes to no home of this recipient: a group, or somebody without a route.
            None if pending.is_routed => return None,
            None => &unknown,
        };
        waiting(&recipient.address, progress)
    };
    let mut parts: Vec<_> = issued.recipients.iter().filter_map(arrival).collect();
    parts.extend(waiting(&issued.sender, &pending.report));
    let is_parked = parts.iter().all(|part| part.standing == Standing::Parked);
    Entry {
        message: issued.message,
        position: pending.message.position,
        method: issued.method.as_str(),
        uid: issued.uid.clone(),
        sender: issued.sender.clone(),
        standing: if is_parked { Standing::Parked } else { Standing::Pending },
        waiting: parts,
    }
}

/// Returns a part of a delivery (one arrival, or the report) as operators see it; `None` if the
/// part is done.
fn waiting(address: &str, progress: &Progress) -> Option<Recipient> {
    let address = address.to_owned();
    let due = Recipient { address, attempts: 0, last_error: None, retry_at: None, standing: Standing::Pending };
    match progress {
        Progress::Done => None,
        Progress::Due => Some(due),
        Progress::Failing(Failure { attempts, error, retry_at }) => {
            let (attempts, last_error, retry_at) = (*attempts, Some(error.clone()), Some(*retry_at));
            Some(Recipient { attempts, last_error, retry_at, ..due })
        }
        Progress::Parked(reason) => {
            Some(Recipient { last_error: Some(reason.clone()), standing: Standing::Parked, ..due })
        }
    }
}
