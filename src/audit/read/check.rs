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
///
/// An event whose bytes and hash were altered looks like one whose successor in a single chain was
/// altered. If both are among `links`, the successor is returned; otherwise the one that is.
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
        let is_checked = |position| links.binary_search_by_key(&position, Link::position).is_ok();
        faults.extend(run.iter().filter_map(|link| fault(link, &entries, head, is_checked(link.position.next()))));
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
/// `None` if the event agrees with the chain. `is_next_checked`: the event after it is checked,
/// too, so that a fault that may be that of either is reported there.
fn fault(link: &Link, entries: &BTreeMap<Position, Entry>, head: Head, is_next_checked: bool) -> Option<Fault> {
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
        Some(after) if is_altered_itself(after, hash(entry), entries.get(&next.next()), head) => {
            if is_next_checked {
                None
            } else {
                of("the event or the next one is not what was stored")
            }
        }
        Some(_) => of("the next event does not follow it in the hash chain"),
        None if head.position == link.position && head.hash == link.hash => None,
        None if head.position > link.position => of("the next event is missing"),
        None => of("the event is the last one, but not the recorded end of the journal"),
    }
}

/// Returns true if an entry that does not follow `before`, the hash of the event before it, may
/// have been altered itself. If its bytes were altered, the chain goes on from its stored hash; if
/// its stored hash was altered, the chain goes on from the hash of its bytes. After the last event,
/// the chain goes on to `head`.
fn is_altered_itself(entry: &Entry, before: Option<Hash>, after: Option<&Entry>, head: Head) -> bool {
    let of_bytes = before.zip(entry.content()).map(|(before, content)| content.hash(before));
    [hash(entry), of_bytes].into_iter().flatten().any(|own| match after {
        Some(after) => after.follows(own),
        None => head.position == entry.position && head.hash == own,
    })
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

#[cfg(test)]
mod tests {
    use journal::chain::Added;
    use schemas::ObjectId;
    use uuid::Uuid;

    use super::*;

    const EVENTS: u64 = 4;
    const LAST: Position = Position(EVENTS);

    type Entries = BTreeMap<Position, Entry>;

    fn positions() -> impl Iterator<Item = Position> {
        (1..=EVENTS).map(Position)
    }

    /// Returns the entries of a journal with a single chain, and its head.
    fn whole() -> (Entries, Head) {
        let entry = |position: Position| Entry {
            position,
            stream: "object-1".to_owned(),
            revision: position.0 - 1,
            id: vec![1],
            kind: "put.v1".to_owned(),
            metadata: b"{}".to_vec(),
            data: b"lunch".to_vec(),
            hash: vec![],
            version: 1,
            added: Added::default(),
        };
        let mut entries: Entries = positions().map(|position| (position, entry(position))).collect();
        compute_hashes(&mut entries, Position(1));
        let head = Head { events: EVENTS, position: LAST, hash: hash(&entries[&LAST]).unwrap() };
        (entries, head)
    }

    /// Computes the hashes of the entries from `first` to the end again.
    fn compute_hashes(entries: &mut Entries, first: Position) {
        let mut before = entries.get(&first.previous()).and_then(hash).unwrap_or_default();
        for (_, entry) in entries.range_mut(first..) {
            before = entry.content().unwrap().hash(before);
            entry.hash = before.0.to_vec();
        }
    }

    fn link(entry: &Entry) -> Link {
        let stream = Stream::Object(ObjectId(Uuid::from_u128(1)));
        let (position, revision) = (entry.position, Revision(entry.revision));
        Link { position, stream, revision, hash: hash(entry).unwrap() }
    }

    /// Returns the positions of the events for which [`fault`] returns a fault.
    fn faults(entries: &Entries, head: Head) -> Vec<Position> {
        let found = entries.values().filter_map(|entry| fault(&link(entry), entries, head, true));
        found.map(|fault| fault.position).collect()
    }

    /// Returns true if an event is reported although the one after it is not checked.
    fn is_reported(entries: &Entries, head: Head, position: Position) -> bool {
        let link = link(&entries[&position]);
        fault(&link, entries, head, false).is_some()
    }

    fn alter(entries: &mut Entries, position: Position) {
        entries.get_mut(&position).unwrap().data = b"lynch".to_vec();
    }

    #[test]
    fn only_the_event_with_altered_bytes_is_reported_also_if_it_is_the_last() {
        let (entries, head) = whole();
        assert_eq!(faults(&entries, head), []);
        for position in positions() {
            let (mut entries, head) = whole();
            alter(&mut entries, position);
            assert_eq!(faults(&entries, head), [position]);
        }
    }

    #[test]
    fn an_event_whose_own_hash_was_computed_again_is_reported_by_itself_or_its_successor() {
        for position in positions() {
            let (mut entries, head) = whole();
            alter(&mut entries, position);
            let before = entries.get(&position.previous()).and_then(hash).unwrap_or_default();
            let entry = entries.get_mut(&position).unwrap();
            entry.hash = entry.content().unwrap().hash(before).0.to_vec();
            assert!(is_reported(&entries, head, position), "{position}");
            assert_eq!(faults(&entries, head), [position.next().min(LAST)]);
        }
    }

    #[test]
    fn of_an_altered_hash_at_the_end_only_the_last_event_is_reported() {
        let (mut entries, head) = whole();
        entries.get_mut(&LAST).unwrap().hash = vec![0; 32];
        assert_eq!(faults(&entries, head), [LAST]);
    }

    #[test]
    fn events_whose_hashes_were_computed_again_do_not_end_at_the_recorded_head() {
        for position in positions() {
            let (mut entries, head) = whole();
            alter(&mut entries, position);
            compute_hashes(&mut entries, position);
            assert_eq!(faults(&entries, head), [LAST]);
        }
    }
}
