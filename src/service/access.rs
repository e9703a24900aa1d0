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
        let server = self.store.server.get().copied();
        let metadata = Metadata { at: clock::now(), client, correlation: event, server, ..Metadata::default() };
        let events = vec![NewEvent::new(event, &AccessEvent::Anchored(end))];
        let answers = self.store.journal.append_many(vec![Append { stream, expected, metadata, events }]).await;
        match answers.into_iter().next() {
            Some(Err(AppendError::Unavailable(failure))) => Err(failure.into()),
            Some(Err(error)) => Err(Error::failed(error)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use schemas::{Event, Hash, Position, ServerEvent, server::ServerStarted};

    use super::*;
    use crate::given::Given;

    #[tokio::test]
    async fn an_anchor_refers_to_the_start_of_the_server_like_every_event() {
        let given = Given::of(&["anna"], calendar::Limits::default()).await;
        let facts = String::new;
        let started = ServerStarted {
            version: facts(),
            time_zones: facts(),
            platform: facts(),
            host: facts(),
            engine: facts(),
            settings: vec![],
            read_models: vec![],
        };
        let end = AccessAnchored::new("1".to_owned(), 1, Hash::default());
        given.service.record_start(started).await.expect("recorded");
        given.service.anchor(AccessId(Uuid::nil()), end).await.expect("anchored");
        let events = given.events(Position::START).await;
        let started = events.iter().find(|known| matches!(known.event, Event::Server(ServerEvent::Started(_))));
        let anchor = events.last().expect("an event");
        assert!(matches!(anchor.event, Event::Access(_)), "{anchor:?}");
        assert_eq!(anchor.metadata.server, started.map(|started| started.id));
    }
}
