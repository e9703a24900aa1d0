//! Reads streams and `$all`.
//!
//! **Invariant:** pages of `$all` are bounded in events and bytes. An operation that fails halfway
//! is repeated from its start.

use eventstore::{Client, Error, ReadAllOptions, ReadStream, ReadStreamOptions, RecordedEvent, StreamPosition};
use schemas::{Position, Revision, Stored, Stream};

use super::{Engine, connection::failure, record};
use journal::{Failure, chain::Entry, limits::PAGE_BYTES};

/// Maximum number of events in one page of `$all`, including events of other programs.
const PAGE_EVENTS: usize = 1_000;
/// Number of events that are requested at a time while reading backwards to the last event of
/// Daybook.
const BACK_EVENTS: usize = 64;
/// Largest revision and position, because KurrentDB uses signed numbers.
const LAST: u64 = i64::MAX as u64;

/// A page of events of any program. `is_last`: no more events follow.
struct Page {
    events: Vec<RecordedEvent>,
    is_last: bool,
}

impl Engine {
    pub(super) async fn read_stream(
        &self,
        stream: Stream,
        from: Revision,
        limit: usize,
    ) -> Result<Vec<Stored>, Failure> {
        if limit == 0 || from.0 > LAST {
            return Ok(vec![]);
        }
        let options = ReadStreamOptions::default().position(StreamPosition::Position(from.0)).max_count(limit);
        self.of_stream(stream, options).await
    }

    pub(super) async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure> {
        let options = ReadStreamOptions::default().position(StreamPosition::End).backwards().max_count(1);
        Ok(self.of_stream(stream, options).await?.pop())
    }

    async fn of_stream(&self, stream: Stream, options: ReadStreamOptions) -> Result<Vec<Stored>, Failure> {
        let name = stream.to_string();
        let read = |client: Client| {
            let (name, options) = (name.clone(), options.clone());
            async move {
                let stream = client.read_stream(name, &options).await.map_err(not_an_answer)?;
                match whole(stream).await {
                    // "Not found" means that the stream does not exist, so it has no events.
                    Err(Error::ResourceNotFound) => Ok(vec![]),
                    events => events,
                }
            }
        };
        let recorded = self.connection.call(read).await.map_err(failure)?;
        let stored: Vec<_> = stored(&recorded)?;
        if let Some(last) = stored.last() {
            self.ends.saw(last);
        }
        Ok(stored)
    }

    /// Returns at most `limit` events of Daybook after a position. The result is empty only at the
    /// end of the journal, and for a `limit` of 0.
    pub(super) async fn page(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure> {
        let (mut seen, mut count) = (after, limit.min(PAGE_EVENTS));
        while seen.0 <= LAST && limit > 0 {
            let page = self.raw(seen, count).await?;
            let is_new = |entry: &Entry| entry.position > after;
            let entries: Vec<_> = entries(&page.events)?.into_iter().filter(is_new).take(limit).collect();
            if !entries.is_empty() || page.is_last {
                return Ok(entries);
            }
            // The page has only events of other programs. There may be many more, so the next page
            // is larger.
            count = PAGE_EVENTS;
            seen = page.events.last().map_or(seen, |last| Position(last.position.commit));
        }
        Ok(vec![])
    }

    /// Returns the events of any program after a position. KurrentDB also returns the event at the
    /// position, which is left out.
    async fn raw(&self, from: Position, limit: usize) -> Result<Page, Failure> {
        let position = if from == Position::START { StreamPosition::Start } else { place(from.0) };
        let count = limit + 1;
        let options = ReadAllOptions::default().position(position).max_count(count);
        let read = |client: Client| {
            let options = options.clone();
            async move { drain(client.read_all(&options).await.map_err(not_an_answer)?, count, from).await }
        };
        self.connection.call(read).await.map_err(failure)
    }

    /// Returns the position of the last event of Daybook, at least `known`.
    pub(super) async fn head(&self, known: Position) -> Result<Position, Failure> {
        // Reading backwards starts with the event before the given position. From the maximum, it
        // starts with the last event.
        let mut before = Position(u64::MAX);
        loop {
            let position = if before.0 > LAST { StreamPosition::End } else { place(before.0) };
            let options = ReadAllOptions::default().position(position).backwards().max_count(BACK_EVENTS);
            let read = |client: Client| {
                let options = options.clone();
                async move { drain(client.read_all(&options).await.map_err(not_an_answer)?, BACK_EVENTS, before).await }
            };
            let page = self.connection.call(read).await.map_err(failure)?;
            if let Some(newest) = entries(&page.events)?.first() {
                return Ok(newest.position.max(known));
            }
            match page.events.last() {
                Some(oldest) if !page.is_last && oldest.position.commit > known.0 => {
                    before = Position(oldest.position.commit);
                }
                _ => return Ok(known),
            }
        }
    }
}

fn place(position: u64) -> StreamPosition<eventstore::Position> {
    StreamPosition::Position(eventstore::Position { commit: position, prepare: position })
}

/// Reads up to `count` events, or until the size of a page is reached. The event that crosses this
/// size is included. The event at the position `seen` is left out.
async fn drain(mut stream: ReadStream, count: usize, seen: Position) -> Result<Page, Error> {
    let (mut events, mut bytes, mut received) = (vec![], 0, 0);
    while let Some(resolved) = stream.next().await? {
        received += 1;
        let event = resolved
            .event
            .ok_or_else(|| Error::InternalParsingError("KurrentDB sent an event without content".to_owned()))?;
        if event.position.commit == seen.0 {
            continue;
        }
        bytes += event.data.len();
        events.push(event);
        if bytes >= PAGE_BYTES {
            return Ok(Page { events, is_last: false });
        }
    }
    Ok(Page { events, is_last: received < count })
}

/// Reads a response to its end, and returns all of its events.
async fn whole(mut stream: ReadStream) -> Result<Vec<RecordedEvent>, Error> {
    let mut events = vec![];
    while let Some(resolved) = stream.next().await? {
        events.extend(resolved.event);
    }
    Ok(events)
}

/// Converts the error "not found" of a call that begins to read to an error that is retried: a node
/// that does not know the leader answers so.
fn not_an_answer(error: Error) -> Error {
    match error {
        Error::ResourceNotFound => Error::ServerError("the KurrentDB node knows no leader of its cluster".to_owned()),
        error => error,
    }
}

fn entries(recorded: &[RecordedEvent]) -> Result<Vec<Entry>, Failure> {
    recorded.iter().filter_map(|recorded| record::entry(recorded).transpose()).collect()
}

fn stored(recorded: &[RecordedEvent]) -> Result<Vec<Stored>, Failure> {
    entries(recorded)?.into_iter().map(Entry::stored).collect()
}
