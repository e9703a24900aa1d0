//! The only writer: every event goes through every projection, in order.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use rusqlite::Connection;
use schemas::{Event, Position, Recorded};

use crate::{
    collections::Collections,
    failure::Failure,
    file,
    principals::{self, Directory, Principals},
    progress::Progress,
    projection::Projection,
    timeline::Timeline,
};

/// Events without a row of a projection's after which its checkpoint is written all the same.
const IDLE_EVENTS: u64 = 1_000;

/// Feeds the read models. Owned by the pump.
pub struct Feed {
    writers: Vec<Writer>,
    progress: Progress,
    directory: Arc<ArcSwap<Directory>>,
    folder: PathBuf,
}

/// One projection with its file.
struct Writer {
    projection: Box<dyn Projection>,
    connection: Connection,
    checkpoint: Position,
    /// Events since the checkpoint was last written.
    unsaved: u64,
}

impl Feed {
    pub(crate) fn open(folder: &Path, progress: Progress, directory: Arc<ArcSwap<Directory>>) -> Result<Self, Failure> {
        let projections: [Box<dyn Projection>; 3] = [Box::new(Collections), Box::new(Principals), Box::new(Timeline)];
        let writers = projections.into_iter().map(|projection| Writer::open(folder, projection));
        let writers = writers.collect::<Result<Vec<_>, _>>()?;
        let feed = Self { writers, progress, directory, folder: folder.to_owned() };
        feed.progress.reached(feed.checkpoint());
        feed.refresh_directory()?;
        Ok(feed)
    }

    /// Where to go on: what the slowest projection has applied.
    pub fn checkpoint(&self) -> Position {
        self.writers.iter().map(|writer| writer.checkpoint).min().unwrap_or_default()
    }

    /// Applies events in the journal's order. What a projection has applied before, it skips.
    pub fn apply(&mut self, batch: &[Recorded]) -> Result<(), Failure> {
        let Some(last) = batch.last() else { return Ok(()) };
        for writer in &mut self.writers {
            writer.apply(batch)?;
        }
        if batch.iter().any(|recorded| concerns_directory(&recorded.event)) {
            self.refresh_directory()?;
        }
        self.progress.reached(last.position);
        Ok(())
    }

    /// Forgets everything: the journal is not the one these read models were built from.
    pub fn reset(&mut self) -> Result<(), Failure> {
        let folder = self.folder.clone();
        for writer in &mut self.writers {
            writer.connection = Connection::open_in_memory()?;
            file::remove(&file::path(&folder, &*writer.projection))?;
            (writer.connection, writer.checkpoint) = file::open(&folder, &*writer.projection)?;
        }
        self.progress.reached(Position::START);
        self.refresh_directory()
    }

    fn refresh_directory(&self) -> Result<(), Failure> {
        let principals = self.writers.iter().find(|writer| writer.projection.name() == principals::NAME);
        let principals = principals.expect("the principals are one of the projections");
        self.directory.store(Arc::new(Directory::load(&principals.connection)?));
        Ok(())
    }
}

impl Writer {
    fn open(folder: &Path, projection: Box<dyn Projection>) -> Result<Self, Failure> {
        file::remove_other_versions(folder, &*projection)?;
        let (connection, checkpoint) = file::open(folder, &*projection)?;
        Ok(Self { projection, connection, checkpoint, unsaved: 0 })
    }

    /// Rows and checkpoint in one transaction.
    fn apply(&mut self, batch: &[Recorded]) -> Result<(), Failure> {
        let news: Vec<_> = batch.iter().filter(|recorded| recorded.position > self.checkpoint).collect();
        let Some(last) = news.last() else { return Ok(()) };
        let written = self.connection.total_changes();
        let rows = self.connection.transaction()?;
        for recorded in &news {
            self.projection.apply(&rows, recorded).map_err(|why| Failure::Apply {
                projection: self.projection.name(),
                position: recorded.position,
                why: Arc::new(why),
            })?;
        }
        self.unsaved += news.len() as u64;
        // A checkpoint without rows of its own may lag: the events between are applied again, to no effect.
        if rows.total_changes() > written || self.unsaved >= IDLE_EVENTS {
            file::save(&rows, last.position)?;
            self.unsaved = 0;
        }
        rows.commit()?;
        self.checkpoint = last.position;
        Ok(())
    }
}

fn concerns_directory(event: &Event) -> bool {
    match event {
        Event::PrincipalRegistered(_)
        | Event::PrincipalProfileChanged(_)
        | Event::PrincipalPasswordSet(_)
        | Event::PrincipalMembersSet(_)
        | Event::PrincipalRetired(_) => true,
        Event::CollectionCreated(_)
        | Event::CollectionPropertiesChanged(_)
        | Event::CollectionMoved(_)
        | Event::CollectionRemoved(_)
        | Event::ObjectPut(_)
        | Event::ObjectRevised(_)
        | Event::ObjectMoved(_)
        | Event::ObjectRemoved(_)
        | Event::MessageIssued(_)
        | Event::MessageSuppressed(_)
        | Event::MessageReceived(_)
        | Event::InboxItemRemoved(_)
        | Event::DeliveryReported(_) => false,
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Feed({})", self.checkpoint())
    }
}
