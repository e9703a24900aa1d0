//! Anchors of the access journal in the main journal.

use journal::{Append, AppendError};
use schemas::{
    AccessEvent, AccessId, Client, Expected, Metadata, NewEvent, Revision, Stream, access_journal::AccessAnchored,
    ids::NAMESPACE,
};
use uuid::Uuid;

use crate::{Service, clock, error::Error};

impl Service {
    /// Appends `end`, the present end of the access journal (file, number of events, last hash), to
    /// the main journal. Does nothing if the end that was appended last has the same file and
    /// number of events.
    pub async fn anchor(&self, id: AccessId, end: AccessAnchored) -> Result<(), Error> {
        let stream = Stream::Access(id);
        let last = self.store.journal.read_last(stream).await?;
        let event = Uuid::new_v5(&NAMESPACE, format!("anchor/{id}/{}/{}", end.segment, end.events).as_bytes());
        if last.as_ref().is_some_and(|last| last.id == event) {
            return Ok(());
        }
        let expected = last.map_or(Expected::NoStream, |last| Expected::Exact(Revision(last.revision.0)));
        let client = Client { via: "access journal".to_owned(), ..Client::default() };
        let metadata = Metadata { at: clock::now(), client, correlation: event, ..Metadata::default() };
        let events = vec![NewEvent::new(event, &AccessEvent::Anchored(end))];
        let answers = self.store.journal.append_many(vec![Append { stream, expected, metadata, events }]).await;
        match answers.into_iter().next() {
            Some(Err(AppendError::Unavailable(failure))) => Err(failure.into()),
            Some(Err(error)) => Err(Error::failed(error)),
            _ => Ok(()),
        }
    }
}
