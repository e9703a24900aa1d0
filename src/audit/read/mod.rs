//! Reading the events that a story is told from, and checking each against the hash chain.

mod check;
mod context;
mod streams;

use std::collections::BTreeSet;

use journal::Journal;
use projections::ReadModels;
use schemas::{ObjectId, Position, Stream};

pub use check::against_the_chain;

use crate::Evidence;

/// Why a story cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] journal::Failure),
    /// A read model cannot be asked.
    #[error(transparent)]
    ReadModels(#[from] projections::Failure),
    /// An event of the surroundings of the story cannot be read.
    #[error("the event at position {0}: {1}")]
    Event(Position, schemas::Unreadable),
}

/// Reads what happened to the meeting with this UID, in every home.
///
/// The read model says where to look. A copy that it does not list is found by the messages of the others, and told of.
pub async fn meeting(journal: &dyn Journal, models: &ReadModels, uid: &str) -> Result<Evidence, Unreadable> {
    let listed = models.streams_of_uid(uid)?;
    let mut read = streams::Read::default();
    let mut known: BTreeSet<Stream> = BTreeSet::new();
    let mut wanted = listed.clone();
    let mut unlisted = vec![];
    while let Some(stream) = wanted.pop() {
        if !known.insert(stream) {
            continue;
        }
        let (events_before, faults_before) = (read.events.len(), read.faults.len());
        read.whole(journal, stream).await?;
        let events = &read.events[events_before..];
        if !listed.contains(&stream) && (!events.is_empty() || read.faults.len() > faults_before) {
            unlisted.push(stream);
        }
        let homes: BTreeSet<_> = events.iter().flat_map(context::homes).collect();
        wanted.extend(homes.into_iter().map(|home| Stream::Object(ObjectId::derive(home, uid))));
    }
    let evidence = complete(journal, models, read).await?;
    Ok(Evidence { uid: uid.to_owned(), unlisted, ..evidence })
}

/// Reads everything in some streams, with the names and collections that their events name.
pub async fn streams(journal: &dyn Journal, models: &ReadModels, streams: &[Stream]) -> Result<Evidence, Unreadable> {
    let mut read = streams::Read::default();
    for stream in streams {
        read.whole(journal, *stream).await?;
    }
    complete(journal, models, read).await
}

/// Checks the events against the chain, and reads their surroundings.
async fn complete(journal: &dyn Journal, models: &ReadModels, read: streams::Read) -> Result<Evidence, Unreadable> {
    let streams::Read { mut events, mut faults } = read;
    events.sort_by_key(|recorded| recorded.position);
    let links: Vec<_> = events.iter().map(check::Link::of).collect();
    faults.extend(check::against_the_chain(journal, &links).await?);
    faults.sort_by_key(|fault| fault.position);
    faults.dedup_by_key(|fault| fault.position);
    let collections = context::collections(journal, &events).await?;
    let names = context::names(journal, models, &events).await?;
    Ok(Evidence { events, collections, names, faults, ..Evidence::default() })
}
