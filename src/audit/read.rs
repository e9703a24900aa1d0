//! Reading what a timeline tells: every stream that holds a copy, whole.

use journal::Journal;
use projections::ReadModels;
use schemas::{Recorded, Revision, Stream};

use crate::{Names, Timeline};

/// Events read from a stream at a time.
const PAGE_EVENTS: usize = 256;

/// Why a story cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error(transparent)]
    Journal(#[from] journal::Failure),
    #[error(transparent)]
    ReadModels(#[from] projections::Failure),
    #[error("the event at position {0}: {1}")]
    Event(schemas::Position, schemas::Unreadable),
}

/// What happened to the meeting with this UID, in every home.
pub async fn timeline(journal: &dyn Journal, models: &ReadModels, uid: &str) -> Result<Timeline, Unreadable> {
    let mut events = vec![];
    for stream in models.streams_of_uid(uid)? {
        events.extend(whole(journal, stream).await?);
    }
    events.sort_by_key(|recorded| recorded.position);
    Ok(Timeline::of(uid, &events, &Names::of(&models.directory())))
}

async fn whole(journal: &dyn Journal, stream: Stream) -> Result<Vec<Recorded>, Unreadable> {
    let mut events: Vec<Recorded> = vec![];
    loop {
        let from = Revision(events.last().map_or(0, |last| last.revision.0 + 1));
        let page = journal.read_stream(stream, from, PAGE_EVENTS).await?;
        let is_last = page.len() < PAGE_EVENTS;
        for stored in page {
            let position = stored.position;
            events.push(stored.read().map_err(|why| Unreadable::Event(position, why))?);
        }
        if is_last {
            return Ok(events);
        }
    }
}
