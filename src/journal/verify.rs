//! Verifies the hash chains, and finds the first altered event.
//!
//! **Invariant:** only the hashes are trusted. An intruder who can write the file could compute a
//! whole new chain. To detect that, compare the head with one that was kept outside the server.

mod ends;

use std::fmt;

use schemas::{Position, Timestamp};

use self::ends::Ends;
use crate::{
    Failure, Journal,
    chain::{Entry, Head},
};

/// Number of entries read at a time.
const PAGE_ENTRIES: usize = 1_000;

/// The result of [`verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No event was altered.
    Ok {
        /// The end of the chain. If each stream has its own chain, the hash of this head is
        /// computed over all events in the journal's order.
        head: Head,
        /// Position of the first event in version 2 of the chain; `None` unless the journal has
        /// events of both versions.
        seam: Option<Position>,
    },
    /// An event was altered. If there are several, this is the first.
    Altered {
        /// Position of the altered event.
        position: Position,
        /// Name of the stream in which the altered event is now.
        stream: String,
        /// Revision of the altered event: its number in that stream.
        revision: u64,
        /// The kind of the alteration.
        why: Alteration,
    },
    /// No event was altered, but the journal does not end at the recorded head, or ends before the
    /// one that was acknowledged last.
    Ended {
        /// The end of the verified chain.
        found: Head,
        /// The end that was recorded or acknowledged.
        recorded: Head,
    },
    /// No event was altered, but the storage finds faults in its files, for example in an index.
    Damaged {
        /// The end of the verified chain.
        head: Head,
        /// The messages of the storage.
        faults: Vec<String>,
    },
    /// The events that could be read are unaltered, but reading the next event failed with
    /// [`Failure::Storage`].
    Unreadable {
        /// The chain up to the last event that can be read.
        found: Head,
        /// The message of the storage.
        why: String,
    },
}

/// The way in which an event was altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alteration {
    /// The event's hash, or a field that the hash covers, was changed.
    Bytes,
    /// Events are missing between the event and the event that is now before it, or the event was
    /// not stored at its position.
    Gap {
        /// Position of the event that is now before it.
        after: Position,
    },
    /// The event does not continue its stream: events of the stream were removed, repeated or
    /// reordered, or the event's stream or revision was altered.
    GapInStream,
    /// The event is after the recorded end of the journal.
    Added,
    /// Another event was acknowledged at the event's position: the journal has another history.
    Replaced,
    /// The event is in version 1 of the chain, which covers fewer fields, but follows an event in
    /// version 2.
    Downgraded,
    /// The event's time of storage is earlier than that of the event before it in its chain.
    Backdated,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok { head, seam } => {
                write!(f, "{} events are as they were stored; the last hash is {}", head.events, head.hash)?;
                seam.map_or(Ok(()), |seam| write!(f, "; from position {seam} on, the chain has version 2"))
            }
            Self::Altered { position, stream, revision, why } => {
                write!(f, "the event at position {position} ({stream}, revision {revision}) {why}")
            }
            Self::Ended { found, recorded } => write!(
                f,
                "the chain ends after {} events, at position {} with the hash {}, but its recorded end is after {} \
                 events, at position {} with the hash {}",
                found.events, found.position, found.hash, recorded.events, recorded.position, recorded.hash
            ),
            Self::Damaged { head, faults } => write!(
                f,
                "{} events are as they were stored, but the file is damaged: {}. Restore a copy",
                head.events,
                faults.join("; ")
            ),
            Self::Unreadable { found, why } => write!(
                f,
                "{} events up to position {} are as they were stored, and the event after it cannot be read: {why}. The \
                 file is damaged or was cut there. Restore a copy",
                found.events, found.position
            ),
        }
    }
}

impl fmt::Display for Alteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes => f.write_str("is not what was stored there"),
            Self::Gap { after } => write!(
                f,
                "does not follow position {after}: events between them are missing, or it was not stored at its position"
            ),
            Self::GapInStream => f.write_str(
                "does not continue its stream: events were removed, repeated or reordered, or its stream or revision was \
                 altered",
            ),
            Self::Added => f.write_str("was added after the recorded end of the chain"),
            Self::Replaced => {
                f.write_str("is not the one that was stored there last: this is another journal, or an altered one")
            }
            Self::Downgraded => {
                f.write_str("has version 1 of the chain, but events before it have version 2: another program wrote it")
            }
            Self::Backdated => f.write_str("states an earlier time of storage than the event before it"),
        }
    }
}

/// Verifies the whole journal, also while events are appended: the hash of every event, the last
/// acknowledged head, and the storage's own structures. `progress` is called after each event with
/// the number of events verified so far. Returns [`Failure::Unreadable`] if SQLite finds that a
/// page of the file is damaged.
pub async fn verify(journal: &dyn Journal, mut progress: impl FnMut(u64) + Send) -> Result<Verdict, Failure> {
    verify_each(journal, |_, events| progress(events)).await
}

/// Verifies the journal like [`verify`], and passes each verified entry to `each`, with the number
/// of events up to and including it.
pub async fn verify_each(journal: &dyn Journal, mut each: impl FnMut(&Entry, u64) + Send) -> Result<Verdict, Failure> {
    let verdict = verify_chain(journal, &mut each).await?;
    let Verdict::Ok { head, .. } = verdict else { return Ok(verdict) };
    let faults = journal.storage_faults().await?;
    Ok(if faults.is_empty() { verdict } else { Verdict::Damaged { head, faults } })
}

async fn verify_chain(journal: &dyn Journal, each: &mut (impl FnMut(&Entry, u64) + Send)) -> Result<Verdict, Failure> {
    let ends = if journal.chain_head().await?.is_none() { Some(Ends::default()) } else { None };
    // The witness is read before the entries, so that every event it covers is already in the
    // journal.
    let witness = journal.witness().await?.filter(|witness| witness.position > Position::START);
    let mut walk = Walk { journal, head: Head::default(), ends, witness, latest: None, version_1: 0, seam: None };
    loop {
        if let Some(altered) = walk.until_the_end(each).await? {
            return Ok(altered);
        }
        let walked = walk.head;
        // The recorded head is read after the entries. If it is later than the last entry, events
        // were appended meanwhile, or events are missing.
        let Some(recorded) = journal.chain_head().await? else { return Ok(walk.ok()) };
        if recorded == walked {
            let missing = witness.filter(|witness| witness.position > walked.position);
            return Ok(missing.map_or(walk.ok(), |recorded| Verdict::Ended { found: walked, recorded }));
        }
        if recorded.position < walked.position
            && let Some(entry) = journal.entries(recorded.position, 1).await?.pop()
        {
            return Ok(altered(entry, Alteration::Added));
        }
        if journal.entries(walked.position, 1).await?.is_empty() {
            return Ok(Verdict::Ended { found: walked, recorded });
        }
    }
}

/// The state of a verification, which goes along the chain event by event.
struct Walk<'a> {
    journal: &'a dyn Journal,
    head: Head,
    /// The last event of each stream, if each stream has its own chain; otherwise `None`.
    ends: Option<Ends>,
    /// The head that was acknowledged last before the walk began; `None` if it is not known, or has
    /// no event.
    witness: Option<Head>,
    /// The time of storage of the last verified event; `None` if that event is in version 1, or
    /// there is none yet.
    latest: Option<Timestamp>,
    /// Number of events in version 1.
    version_1: u64,
    /// Position of the first event in version 2; `None` before such an event.
    seam: Option<Position>,
}

impl Walk<'_> {
    /// Verifies all remaining entries. Returns the first fault, or `None`.
    async fn until_the_end(&mut self, each: &mut (impl FnMut(&Entry, u64) + Send)) -> Result<Option<Verdict>, Failure> {
        let mut wanted = PAGE_ENTRIES;
        loop {
            let page = match self.journal.entries(self.head.position, wanted).await {
                // The entries of the page are read again one by one, to find the one that cannot be
                // read.
                Err(Failure::Storage(_)) if wanted > 1 => {
                    wanted = 1;
                    continue;
                }
                Err(Failure::Storage(why)) => {
                    return Ok(Some(Verdict::Unreadable { found: self.head, why: why.to_string() }));
                }
                page => page?,
            };
            if page.is_empty() {
                return Ok(None);
            }
            for entry in page {
                if let Some(why) = self.add(&entry).await? {
                    return Ok(Some(altered(entry, why)));
                }
                each(&entry, self.head.events);
            }
        }
    }

    /// Verifies the next entry. Returns how it was altered; `None` if it was not.
    async fn add(&mut self, entry: &Entry) -> Result<Option<Alteration>, Failure> {
        let Some(content) = entry.content() else { return Ok(Some(Alteration::Bytes)) };
        let hash = content.hash(self.head.hash);
        let is_replaced = self.witness.is_some_and(|seen| seen.position == entry.position && seen.hash != hash);
        let stored_at = content.second.map(|second| second.stored_at);
        let why = match &mut self.ends {
            _ if is_replaced && entry.hash == hash.0 => Some(Alteration::Replaced),
            None if entry.hash != hash.0 => Some(difference(entry, &self.head)),
            None => disorder(self.latest, stored_at),
            Some(ends) => ends.add(self.journal, entry, &content).await?,
        };
        self.latest = stored_at;
        match stored_at {
            Some(_) => self.seam = self.seam.or(Some(entry.position)),
            None => self.version_1 += 1,
        }
        self.head = Head { events: self.head.events + 1, position: entry.position, hash };
        Ok(why)
    }

    fn ok(&self) -> Verdict {
        Verdict::Ok { head: self.head, seam: self.seam.filter(|_| self.version_1 > 0) }
    }
}

/// Compares the times of storage of an event and of the event before it in its chain. A time is
/// `None` for an event in version 1, and before the first event. Returns [`Alteration::Downgraded`]
/// or [`Alteration::Backdated`], or `None` if the order is right.
fn disorder(before: Option<Timestamp>, stored_at: Option<Timestamp>) -> Option<Alteration> {
    match (before, stored_at) {
        (Some(_), None) => Some(Alteration::Downgraded),
        (Some(before), Some(stored_at)) if stored_at < before => Some(Alteration::Backdated),
        _ => None,
    }
}

/// Returns the kind of alteration. In engines with a single chain, positions have no gaps unless
/// the journal was altered.
fn difference(entry: &Entry, before: &Head) -> Alteration {
    if entry.position.0 > before.position.0 + 1 {
        Alteration::Gap { after: before.position }
    } else {
        Alteration::Bytes
    }
}

fn altered(entry: Entry, why: Alteration) -> Verdict {
    Verdict::Altered { position: entry.position, stream: entry.stream, revision: entry.revision, why }
}
