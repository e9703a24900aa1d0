//! The events of this process in the journal: `server-started` and `server-stopped`.
//!
//! **Invariant:** every later event of this process refers to its `server-started`.

use journal::Append;
use schemas::{
    Client, Expected, Metadata, NewEvent, Revision, Right, ServerEvent, ServerId, Stream,
    metadata::Ground,
    server::{ReadModelAtStart, ServerStarted, ServerStopped},
};
use uuid::Uuid;

use crate::{Error, Service, clock};

/// Revision of `server-started`, which is the first event of its stream.
const STARTED: Revision = Revision(0);

impl Service {
    /// Records that this process serves from now on. Replaces the list of read models in `started`
    /// by the present one.
    pub async fn record_start(&self, started: ServerStarted) -> Result<(), Error> {
        let read_models = self.models.conditions().into_iter();
        let at_start = |condition: projections::Condition| ReadModelAtStart {
            name: condition.name.to_owned(),
            version: condition.version,
            position: condition.position,
        };
        let started = ServerStarted { read_models: read_models.map(at_start).collect(), ..started };
        let run = ServerId(clock::new_id());
        let event = self.record(run, Expected::NoStream, &ServerEvent::Started(started)).await?;
        // These values are set only once, because a process starts once.
        self.store.server.get_or_init(|| event);
        self.run.get_or_init(|| run);
        Ok(())
    }

    /// Records that this process stops. Without a recorded start it records nothing.
    pub async fn record_stop(&self) -> Result<(), Error> {
        let Some(run) = self.run.get() else { return Ok(()) };
        let stopped = ServerStopped { undelivered: self.undelivered() as u64 };
        self.record(*run, Expected::Exact(STARTED), &ServerEvent::Stopped(stopped)).await?;
        Ok(())
    }

    async fn record(&self, run: ServerId, expected: Expected, event: &ServerEvent) -> Result<Uuid, Error> {
        let (act, request) = (clock::new_id(), clock::new_id());
        let id = Uuid::new_v5(&act, &0_usize.to_be_bytes());
        let metadata = Metadata {
            at: clock::now(),
            client: Client { via: "server".to_owned(), ..Client::default() },
            request,
            correlation: request,
            act: Some(act),
            server: self.store.server.get().copied(),
            basis: self.store.basis(),
            right: Some(Right::of(Ground::Server)),
            ..Metadata::default()
        };
        let events = vec![NewEvent::new(id, event)];
        let append = Append { stream: Stream::Server(run), expected, metadata, events };
        self.store.journal.append(append).await?;
        Ok(id)
    }
}
