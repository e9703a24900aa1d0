//! Walks the hash chain, or the chains, and names the first event that is not what was stored.
//!
//! **Invariant:** believes nothing but the hashes. What no chain can tell by itself is whether somebody who could
//! write the file computed everything anew: for that, compare the head with one kept outside the server.

mod ends;

use std::fmt;

use schemas::Position;

use self::ends::Ends;
use crate::{
    Failure, Journal,
    chain::{Entry, Head},
};

/// Entries looked at together.
const PAGE_ENTRIES: usize = 1_000;

/// What the chain says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Where each stream has a chain of its own, the hash is over all of them in the journal's order, found by this
    /// walk.
    Ok(Head),
    /// The first event that is not what was stored, and as which it now stands in the store.
    Altered { position: Position, stream: String, revision: u64, why: Alteration },
    /// Every event is what was stored, but the end is not the recorded one.
    Ended { found: Head, recorded: Head },
}

/// How an event differs from what was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alteration {
    /// Its data, its metadata, its type, its place or its hash.
    Bytes,
    /// It does not follow the event that stands before it now.
    Gap { after: Position },
    /// It does not follow the event that stands before it in its stream.
    GapInStream,
    /// It lies behind the recorded end of the journal.
    Added,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok(head) => {
                write!(f, "{} events are as they were stored; the last hash is {}", head.events, head.hash)
            }
            Self::Altered { position, stream, revision, why } => {
                write!(f, "the event at position {position} ({stream}, revision {revision}) {why}")
            }
            Self::Ended { found, recorded } => write!(
                f,
                "the chain ends after {} events at position {} with {}, but its recorded end is after {} at {} with {}",
                found.events, found.position, found.hash, recorded.events, recorded.position, recorded.hash
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
        }
    }
}

/// Verifies the whole journal, also while it grows. `progress` hears how many events were good so far.
pub async fn verify(journal: &dyn Journal, mut progress: impl FnMut(u64) + Send) -> Result<Verdict, Failure> {
    let ends = if journal.chain_head().await?.is_none() { Some(Ends::default()) } else { None };
    let mut walk = Walk { journal, head: Head::default(), ends };
    loop {
        if let Some(altered) = walk.until_the_end(&mut progress).await? {
            return Ok(altered);
        }
        let walked = walk.head;
        // Read after the entries: a head that is further means that events came in between, or that they are gone.
        let Some(recorded) = journal.chain_head().await? else { return Ok(Verdict::Ok(walked)) };
        if recorded == walked {
            return Ok(Verdict::Ok(walked));
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

/// How far a walk has come.
struct Walk<'a> {
    journal: &'a dyn Journal,
    head: Head,
    /// Of the chains of streams, if there are such.
    ends: Option<Ends>,
}

impl Walk<'_> {
    /// Goes on to the last entry that is there; answers the first that does not fit.
    async fn until_the_end(&mut self, progress: &mut (impl FnMut(u64) + Send)) -> Result<Option<Verdict>, Failure> {
        loop {
            let page = self.journal.entries(self.head.position, PAGE_ENTRIES).await?;
            if page.is_empty() {
                return Ok(None);
            }
            for entry in page {
                let hash = entry.content().hash(self.head.hash);
                let why = match &mut self.ends {
                    None => (entry.hash != hash.0).then(|| difference(&entry, &self.head)),
                    Some(ends) => ends.add(self.journal, &entry).await?,
                };
                if let Some(why) = why {
                    return Ok(Some(altered(entry, why)));
                }
                self.head = Head { events: self.head.events + 1, position: entry.position, hash };
            }
            progress(self.head.events);
        }
    }
}

/// Only to find the right words: the engines that keep one chain number their positions without gaps.
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
