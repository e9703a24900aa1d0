//! Verifies the hash chains, and finds the first event that was altered.
//!
//! **Invariant:** trusts nothing but the hashes. An intruder who can write the file could compute
//! the whole chain again; to detect that, compare the head with one that was kept outside of the
//! server.

mod ends;

use std::fmt;

use schemas::{Position, Timestamp};

use self::ends::Ends;
use crate::{
    Failure, Journal,
    chain::{Entry, Head},
};

/// Entries read at a time.
const PAGE_ENTRIES: usize = 1_000;

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No event was altered.
    Ok {
        /// The end of the chain. Where each stream has a chain of its own, the hash is over all
        /// events in the journal's order.
        head: Head,
        /// Position of the first event in version 2 of the chain, if others are in version 1.
        seam: Option<Position>,
    },
    /// An event was altered; this is the first.
    Altered {
        /// Its position.
        position: Position,
        /// Name of the stream it is in now.
        stream: String,
        /// Its number there.
        revision: u64,
        /// How it differs.
        why: Alteration,
    },
    /// No event was altered, but the journal does not end at the recorded or the last acknowledged
    /// end.
    Ended {
        /// The end of the chain.
        found: Head,
        /// The end that was recorded.
        recorded: Head,
    },
    /// No event was altered, but the storage finds faults in its files, in an index for example.
    Damaged {
        /// The end of the chain.
        head: Head,
        /// The messages of the storage.
        faults: Vec<String>,
    },
    /// No event up to the end that was found was altered, but the storage cannot read what follows.
    Unreadable {
        /// The last event that can be read.
        found: Head,
        /// The message of the storage.
        why: String,
    },
}

/// How an event was altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alteration {
    /// Its data, its metadata, its type, its place or its hash.
    Bytes,
    /// It does not follow the event that is before it now.
    Gap {
        /// Position of the event before it.
        after: Position,
    },
    /// It does not follow the event that is before it in its stream.
    GapInStream,
    /// It is beyond the recorded end of the journal.
    Added,
    /// Another event was acknowledged at its position: the journal has another history.
    Replaced,
    /// It is in version 1 of the chain, which covers fewer fields, and follows one in
    /// version 2.
    Downgraded,
    /// Its time of storage is earlier than that of the event before it.
    Backdated,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok { head, seam } => {
                write!(f, "{} events are as they were stored; the last hash is {}", head.events, head.hash)?;
                seam.map_or(Ok(()), |seam| write!(f, "; from position {seam} on in version 2 of the chain"))
            }
            Self::Altered { position, stream, revision, why } => {
                write!(f, "the event at position {position} ({stream}, revision {revision}) {why}")
            }
            Self::Ended { found, recorded } => write!(
                f,
                "the chain ends after {} events at position {} with {}, but its recorded end is after {} at {} with {}",
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
            Self::Gap { after } => write!(f, "does not follow position {after}: events between them are missing"),
            Self::GapInStream => f.write_str("does not follow the event before it in its stream: some are missing"),
            Self::Added => f.write_str("was added behind the recorded end"),
            Self::Replaced => {
                f.write_str("is not the one that was acknowledged there: the journal has another history")
            }
            Self::Downgraded => f.write_str(
                "is in version 1 of the chain, but events before it are in version 2: another program wrote it",
            ),
            Self::Backdated => f.write_str("says that it was stored before the event before it"),
        }
    }
}

/// Verifies the whole journal, also while it grows: the hash of every event, the last acknowledged
/// end, and the storage's own structures. `progress` is called with the number of events verified
/// so far.
pub async fn verify(journal: &dyn Journal, mut progress: impl FnMut(u64) + Send) -> Result<Verdict, Failure> {
    verify_each(journal, |_, events| progress(events)).await
}

/// Does the same, and hands each entry to `each`, as it is stored, with the number of events up to
/// it.
pub async fn verify_each(journal: &dyn Journal, mut each: impl FnMut(&Entry, u64) + Send) -> Result<Verdict, Failure> {
    let verdict = verify_chain(journal, &mut each).await?;
    let Verdict::Ok { head, .. } = verdict else { return Ok(verdict) };
    let faults = journal.storage_faults().await?;
    Ok(if faults.is_empty() { verdict } else { Verdict::Damaged { head, faults } })
}

async fn verify_chain(journal: &dyn Journal, each: &mut (impl FnMut(&Entry, u64) + Send)) -> Result<Verdict, Failure> {
    let ends = if journal.chain_head().await?.is_none() { Some(Ends::default()) } else { None };
    // Read first: everything it vouches for is in the journal by now.
    let witness = journal.witness().await?.filter(|witness| witness.position > Position::START);
    let mut walk = Walk { journal, head: Head::default(), ends, witness, latest: None, version_1: 0, seam: None };
    loop {
        if let Some(altered) = walk.until_the_end(each).await? {
            return Ok(altered);
        }
        let walked = walk.head;
        // Read after the entries: a later head means that events were appended meanwhile, or that
        // they are gone.
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

/// A walk along the chain.
struct Walk<'a> {
    journal: &'a dyn Journal,
    head: Head,
    /// The ends of the chains of streams, if there are such chains.
    ends: Option<Ends>,
    /// The end that was acknowledged last when the walk began.
    witness: Option<Head>,
    /// When the last event in version 2 was stored.
    latest: Option<Timestamp>,
    /// Number of events in version 1.
    version_1: u64,
    /// Position of the first event in version 2.
    seam: Option<Position>,
}

impl Walk<'_> {
    /// Verifies all remaining entries; returns the first fault.
    async fn until_the_end(&mut self, each: &mut (impl FnMut(&Entry, u64) + Send)) -> Result<Option<Verdict>, Failure> {
        let mut wanted = PAGE_ENTRIES;
        loop {
            let page = match self.journal.entries(self.head.position, wanted).await {
                // The entries of the page are read one by one, so that the place is found.
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

    /// Verifies the next entry; returns how it was altered, or `None`.
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

/// Compares an event with the one before it in its chain, by their times of storage: `None` is the
/// version 1.
fn disorder(before: Option<Timestamp>, stored_at: Option<Timestamp>) -> Option<Alteration> {
    match (before, stored_at) {
        (Some(_), None) => Some(Alteration::Downgraded),
        (Some(before), Some(stored_at)) if stored_at < before => Some(Alteration::Backdated),
        _ => None,
    }
}

/// Chooses the words. Engines with one chain number their positions without gaps.
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
