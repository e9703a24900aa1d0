//! Appends at an exact revision and with the event ids that the caller chose, so that a repeated
//! append has no further effect.
//!
//! **Invariant:** only plain appends are used. A batch append of the client library ends with the
//! first conflict, and the outcome of its other appends stays unknown.

use std::collections::HashMap;

use eventstore::{AppendToStreamOptions, Client, CurrentRevision, Error, EventData, ExpectedRevision};
use futures::future::join_all;
use schemas::{Expected, Position, Revision, Stream};

use super::{
    Engine,
    connection::{failure, is_too_large},
    ends::End,
    record,
};
use journal::{
    Append, AppendError, Appended, Clock, Failure,
    engine::{Admitted, Place, Prepared, admit},
};

type AppendResult = Result<Appended, AppendError>;

impl Engine {
    /// Executes the appends: those to one stream one after another, and those to different streams
    /// concurrently. Returns the results in the order of `appends`.
    pub(super) async fn append_many(&self, appends: Vec<Append>) -> Vec<AppendResult> {
        let mut streams: HashMap<Stream, Vec<(usize, Append)>> = HashMap::new();
        for (index, append) in appends.into_iter().enumerate() {
            streams.entry(append.stream).or_default().push((index, append));
        }
        let one_after_another = |appends: Vec<(usize, Append)>| async {
            let mut answers = Vec::with_capacity(appends.len());
            for (index, append) in appends {
                answers.push((index, self.append(append).await));
            }
            answers
        };
        let mut answers = join_all(streams.into_values().map(one_after_another)).await.concat();
        answers.sort_unstable_by_key(|(index, _)| *index);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    async fn append(&self, append: Append) -> AppendResult {
        let append = admit(append)?;
        let Some(previous) = self.previous(&append).await? else { return self.conflict(append.stream).await };
        let (first, expected) = match append.expected {
            Expected::NoStream => (0, ExpectedRevision::NoStream),
            Expected::Exact(Revision(revision)) => (revision + 1, ExpectedRevision::Exact(revision)),
        };
        let events = chained(&append, first, previous);
        let (name, options) = (append.stream.to_string(), AppendToStreamOptions::default().expected_revision(expected));
        let write = |client: Client| {
            let (name, options, events) = (name.clone(), options.clone(), events.clone());
            async move { client.append_to_stream(name, &options, events).await }
        };
        let revision = Revision(first + append.events.len() as u64 - 1);
        match self.connection.call(write).await {
            Ok(written) if written.position.commit > 0 => {
                Ok(Appended { revision, position: Position(written.position.commit) })
            }
            // Some versions of KurrentDB do not return the position of a repeated append.
            Ok(_) => self.standing(append.stream, revision).await,
            Err(Error::WrongExpectedVersion { current, .. }) => {
                Err(AppendError::WrongExpectedRevision { actual: actual(&current) })
            }
            Err(Error::Grpc { message, .. }) if is_too_large(&message) => Err(too_large(&message, append.bytes)),
            Err(error) => Err(failure(error).into()),
        }
    }

    /// Returns the hash and the time of storage of the event at the expected revision, which the
    /// new events follow. If they begin the stream, returns the values from which a chain begins.
    /// `None` if the stream does not have that revision.
    async fn previous(&self, append: &Admitted) -> Result<Option<End>, Failure> {
        let Expected::Exact(revision) = append.expected else { return Ok(Some(End::default())) };
        if let Some(end) = self.ends.at(append.stream, revision) {
            return Ok(Some(end));
        }
        let before = self.read_stream(append.stream, revision, 1).await?.pop();
        Ok(before.filter(|stored| stored.revision == revision).map(|stored| End::of(&stored)))
    }

    async fn conflict(&self, stream: Stream) -> AppendResult {
        let actual = self.read_last(stream).await?.map(|stored| stored.revision);
        Err(AppendError::WrongExpectedRevision { actual })
    }

    async fn standing(&self, stream: Stream, revision: Revision) -> AppendResult {
        let stored = self.read_stream(stream, revision, 1).await?.pop();
        let stored = stored.ok_or_else(|| {
            failure(Error::ServerError("an event that was just appended cannot be found in KurrentDB".to_owned()))
        })?;
        Ok(Appended { revision, position: stored.position })
    }
}

/// Returns the events, each with a hash that covers it and the hash before. `first` is the revision
/// of the first one. The time of storage comes from the clock of this process, not of KurrentDB. It
/// never decreases along the stream.
fn chained(append: &Admitted, first: u64, previous: End) -> Vec<EventData> {
    let stream = append.stream.to_string();
    let End { mut hash, mut stored_at } = previous;
    let mut chain = |(prepared, revision)| {
        let prepared: &Prepared = prepared;
        stored_at = Clock::Machine.stored_at(prepared.metadata.at, stored_at);
        let place = Place { position: Position::START, stream: &stream, revision, stored_at };
        hash = prepared.content(&place).hash_in_stream(hash);
        record::proposed(prepared, stored_at, hash)
    };
    append.events.iter().zip(first..).map(&mut chain).collect()
}

fn actual(current: &CurrentRevision) -> Option<Revision> {
    match current {
        CurrentRevision::Current(revision) => Some(Revision(*revision)),
        CurrentRevision::NoStream => None,
    }
}

/// Returns the error for an append that KurrentDB refused as too large. `message` is KurrentDB's,
/// which contains the limit; `found` is the size of the append in bytes.
fn too_large(message: &str, found: usize) -> AppendError {
    let digits: String = message.chars().filter(char::is_ascii_digit).collect();
    AppendError::TooLarge { limit: "KURRENTDB_MAX_APPEND_SIZE", allowed: digits.parse().unwrap_or_default(), found }
}
