//! Checks single events against the hash chain. An event must follow the one before it; in a single
//! chain, the next event must also follow it.

use std::collections::BTreeMap;

use journal::{
    Failure, Journal,
    chain::{Entry, Head},
};
use schemas::{Hash, Position, Recorded, Revision, Stream};

use crate::Fault;

/// Events whose positions differ by at most this number are read together.
const NEAR: u64 = 16;
/// Approximate maximum number of entries that are read together.
const PAGE_ENTRIES: usize = 1_024;

/// The place and hash of an event that was read, to be compared with the chain.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    position: Position,
    stream: Stream,
    revision: Revision,
    hash: Hash,
}

impl Link {
    pub(super) fn of(recorded: &Recorded) -> Self {
        let Recorded { position, stream, revision, hash, .. } = recorded;
        Self { position: *position, stream: *stream, revision: *revision, hash: *hash }
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }
}

/// Returns the altered events among `links`, which must be ordered by position. They may be any
/// events of their streams.
///
/// If an intruder computes all hashes again from an event to the end, this check cannot detect it.
/// To detect that, compare the head with one that was kept outside the server.
pub async fn against_the_chain(journal: &dyn Journal, links: &[Link]) -> Result<Vec<Fault>, Failure> {
    match journal.chain_head().await? {
        Some(head) => along_one_chain(journal, links, head).await,
        None => along_streams(journal, links).await,
    }
}

async fn along_one_chain(journal: &dyn Journal, links: &[Link], head: Head) -> Result<Vec<Fault>, Failure> {
    let mut faults = vec![];
    let mut rest = links;
    while let Some(first) = rest.first() {
        let near = rest.windows(2).take_while(|pair| pair[1].position.0 - pair[0].position.0 <= NEAR).count();
        let (run, later) = rest.split_at((near + 1).min(PAGE_ENTRIES / usize::try_from(NEAR).unwrap_or(1)));
        rest = later;
        let last = run.last().unwrap_or(first).position;
        let after = Position(first.position.0.saturating_sub(2));
        let wanted = usize::try_from(last.0 - after.0 + 2).unwrap_or(PAGE_ENTRIES);
        let entries = entries(journal, after, wanted).await?;
        faults.extend(run.iter().filter_map(|link| fault(link, &entries, head)));
    }
    Ok(faults)
}

async fn entries(
    journal: &dyn Journal,
    mut after: Position,
    wanted: usize,
) -> Result<BTreeMap<Position, Entry>, Failure> {
    let mut found = BTreeMap::new();
    while found.len() < wanted {
        let page = journal.entries(after, wanted - found.len()).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        found.extend(page.into_iter().map(|entry| (entry.position, entry)));
    }
    Ok(found)
}

/// Returns the fault of an event in a journal with a single chain, whose positions have no gaps;
/// `None` if the event agrees with the chain.
fn fault(link: &Link, entries: &BTreeMap<Position, Entry>, head: Head) -> Option<Fault> {
    let of = |why: &str| Some(Fault { position: link.position, why: why.to_owned() });
    let Some(entry) = entries.get(&link.position) else {
        return of("the event is in its stream, but missing when the journal is read in order");
    };
    if entry.hash != link.hash.0 {
        return of("the event has another hash when the journal is read in order");
    }
    let before = match link.position.0.checked_sub(1) {
        Some(0) | None => Some(Hash::default()),
        Some(before) => entries.get(&Position(before)).and_then(hash),
    };
    let Some(before) = before else { return of("the event before this one is missing") };
    if !entry.follows(before) {
        return of("the bytes of the event are not those that were stored");
    }
    let next = link.position.next();
    match entries.get(&next) {
        Some(after) if hash(entry).is_some_and(|own| after.follows(own)) => None,
        // The event after it may be the altered one. Then the chain goes on from its hash.
        Some(after) if is_altered_itself(after, entries.get(&next.next())) => None,
        Some(_) => of("the next event does not follow it in the hash chain"),
        None if head.position == link.position && head.hash == link.hash => None,
        None if head.position > link.position => of("the next event is missing"),
        None => of("the event is the last one, but not the recorded end of the journal"),
    }
}

/// Returns true if the event `after` continues the chain from the hash of `entry`. If `entry` does
/// not follow the event before it, `entry` itself was then altered, not that event.
fn is_altered_itself(entry: &Entry, after: Option<&Entry>) -> bool {
    let Some(after) = after else { return false };
    hash(entry).is_some_and(|own| after.follows(own))
}

fn hash(entry: &Entry) -> Option<Hash> {
    Some(Hash(entry.hash.as_slice().try_into().ok()?))
}

/// Checks events where each stream has its own chain. Each event is compared with the one before it
/// in its stream, which is read unless it is among `links`.
async fn along_streams(journal: &dyn Journal, links: &[Link]) -> Result<Vec<Fault>, Failure> {
    let mut ends: BTreeMap<Stream, Link> = BTreeMap::new();
    let mut faults = vec![];
    for link in links {
        let after = link.position.previous();
        let entry = journal.entries(after, 1).await?.pop().filter(|entry| entry.position == link.position);
        let before = match link.revision.0.checked_sub(1).map(Revision) {
            None => Some(Hash::default()),
            Some(revision) => match ends.get(&link.stream).filter(|end| end.revision == revision) {
                Some(end) => Some(end.hash),
                None => hash_of(journal, link.stream, revision).await?,
            },
        };
        let follows = |entry: &Entry| before.is_some_and(|before| entry.follows_in_stream(before));
        let fits = entry.is_some_and(|entry| entry.hash == link.hash.0 && follows(&entry));
        if !fits {
            faults.push(Fault {
                position: link.position,
                why: "the event does not follow the one before it in its stream".into(),
            });
        }
        ends.insert(link.stream, *link);
    }
    Ok(faults)
}

/// Returns the stored hash of an event, also if the rest of it cannot be read; `None` if there is
/// no such event.
async fn hash_of(journal: &dyn Journal, stream: Stream, revision: Revision) -> Result<Option<Hash>, Failure> {
    match journal.read_stream(stream, revision, 1).await {
        Ok(page) => Ok(page.first().filter(|stored| stored.revision == revision).map(|stored| stored.hash)),
        Err(Failure::Damaged { position, .. }) => Ok(journal.entries_at(&[position]).await?.first().and_then(hash)),
        Err(failure) => Err(failure),
    }
}
