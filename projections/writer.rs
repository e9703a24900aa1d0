//! One read model with its file.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::Connection;
use schemas::{Position, Recorded};

use crate::{
    failure::Failure,
    file::{self, Checkpoint},
    projection::Fold,
    readers::Readers,
    status::{Status, Trouble},
    wal::WalCheckpointer,
};

/// Events without rows after which the checkpoint is written all the same; that of a read model
/// that may lag always is, so that another process sees how far it has come.
const IDLE_EVENTS: usize = 1_000;
/// Events with rows after which the write-ahead log is checkpointed.
const LOGGED_EVENTS: usize = 250;
/// A transaction counts as so many events at most: its events write the same pages again and again,
/// and a checkpoint copies each page once for several transactions.
const LOGGED_AT_ONCE: usize = 25;
/// How often one process rebuilds one read model. If it is still damaged then, something else is
/// wrong.
const MAX_REBUILDS: u32 = 3;

/// What the file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Requests are answered from it once it has reached this position.
    Serving { from: Position },
    /// It is built while another version is served.
    Building,
}

pub(crate) struct Writer {
    fold: Box<dyn Fold>,
    shared: Shared,
    /// The version of the file: the fold's, or an older one that it serves.
    version: u32,
    path: PathBuf,
    connection: Connection,
    checkpoint: Checkpoint,
    role: Role,
    /// Events since the checkpoint was last written.
    unsaved: usize,
    /// Events with rows since the write-ahead log was last checkpointed.
    logged: usize,
    /// True from a commit until the fold's cache shows it.
    is_cache_old: bool,
    rebuilds: u32,
}

/// What a read model's writers share.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    /// Its place in the registry.
    pub order: usize,
    pub status: Arc<Status>,
    pub readers: Readers,
    pub wal: Arc<WalCheckpointer>,
}

impl Writer {
    /// Opens a file from which requests are answered. A damaged one is replaced by an empty one.
    pub(crate) fn serving(path: PathBuf, version: u32, fold: Box<dyn Fold>, shared: &Shared) -> Result<Self, Failure> {
        let mut writer = Self::open(path, version, fold, shared)?;
        match writer.serve() {
            Err(failure) if failure.is_damage() => {
                let (model, file) = (writer.name(), writer.path.display());
                tracing::error!(model, %failure, %file, "this read model is damaged; it is rebuilt from the journal");
                writer.rebuild(Position::START)?;
            }
            served => served?,
        }
        Ok(writer)
    }

    /// Opens the file of the new version, which is built while an older one is served.
    pub(crate) fn building(path: PathBuf, fold: Box<dyn Fold>, shared: &Shared) -> Result<Self, Failure> {
        let version = fold.version();
        let writer = Self::open(path, version, fold, shared)?;
        writer.shared.status.build(version, writer.position());
        Ok(writer)
    }

    fn open(path: PathBuf, version: u32, fold: Box<dyn Fold>, shared: &Shared) -> Result<Self, Failure> {
        let (connection, checkpoint) = file::open(&path, &*fold)?;
        let (role, unsaved, logged, is_cache_old, rebuilds) = (Role::Building, 0, 0, false, 0);
        let shared = shared.clone();
        Ok(Self { fold, shared, version, path, connection, checkpoint, role, unsaved, logged, is_cache_old, rebuilds })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.fold.name()
    }

    /// Its place in the registry.
    pub(crate) fn order(&self) -> usize {
        self.shared.order
    }

    pub(crate) fn may_lag(&self) -> bool {
        self.fold.may_lag()
    }

    pub(crate) fn version(&self) -> u32 {
        self.version
    }

    pub(crate) fn status(&self) -> &Arc<Status> {
        &self.shared.status
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        self.checkpoint
    }

    pub(crate) fn position(&self) -> Position {
        self.checkpoint.position
    }

    pub(crate) fn is_building(&self) -> bool {
        self.role == Role::Building
    }

    /// True if requests are answered from its file.
    fn is_served(&self) -> bool {
        matches!(self.role, Role::Serving { from } if self.position() >= from)
    }

    /// Refuses questions until `position` is reached.
    pub(crate) fn serve_from(&mut self, position: Position) {
        if let Role::Serving { .. } = self.role
            && self.position() < position
        {
            self.role = Role::Serving { from: position };
            self.shared.status.refuse(self.version, "it is being built from the journal");
        }
    }

    /// Applies the events after its checkpoint: all of them, or none and an error.
    pub(crate) fn apply(&mut self, batch: &[Recorded]) -> Result<(), Failure> {
        let known = batch.partition_point(|recorded| recorded.position <= self.position());
        let news = &batch[known..];
        let was_served = self.is_served();
        if was_served {
            self.fold.prepare(news);
        }
        self.write(news)?;
        match self.role {
            Role::Building => self.shared.status.build(self.version, self.position()),
            Role::Serving { from } if !was_served && self.position() >= from => self.serve()?,
            Role::Serving { .. } => {
                if was_served && self.is_cache_old {
                    self.fold.committed(&self.connection)?;
                    self.is_cache_old = false;
                }
                self.shared.status.reach(self.position());
            }
        }
        Ok(())
    }

    /// Rows and checkpoint in one transaction. Without rows, the checkpoint is written now and then
    /// only: the events after it are then applied again, to no effect.
    fn write(&mut self, news: &[Recorded]) -> Result<(), Failure> {
        let Some(last) = news.last() else { return Ok(()) };
        let checkpoint = Checkpoint::of(last);
        let unsaved = self.unsaved + news.len();
        let handled: Vec<_> = news.iter().filter(|recorded| self.fold.handles(&recorded.event)).collect();
        if handled.is_empty() && unsaved < IDLE_EVENTS && !self.fold.may_lag() {
            (self.checkpoint, self.unsaved) = (checkpoint, unsaved);
            return Ok(());
        }
        let rows = self.connection.transaction()?;
        let failed = |(position, why)| Failure::Apply { model: self.fold.name(), position, why: Arc::new(why) };
        self.fold.apply_all(&rows, &handled).map_err(failed)?;
        file::save(&rows, checkpoint)?;
        if !handled.is_empty()
            && let Some(digest) = self.fold.digest(&rows)?
        {
            file::save_digest(&rows, digest)?;
        }
        rows.commit()?;
        (self.checkpoint, self.unsaved) = (checkpoint, 0);
        self.is_cache_old |= !handled.is_empty();
        self.logged += handled.len().min(LOGGED_AT_ONCE);
        if self.logged >= LOGGED_EVENTS {
            self.shared.wal.checkpoint(&self.path);
            self.logged = 0;
        }
        Ok(())
    }

    /// Answers requests from this file from now on.
    pub(crate) fn serve(&mut self) -> Result<(), Failure> {
        let Shared { status, readers, .. } = &self.shared;
        self.role = Role::Serving { from: Position::START };
        if self.position() < status.position() {
            // First: a cache must not take an answer of the new file for one as of the old
            // position.
            status.reach(self.position());
        }
        readers.read_from(&self.path);
        self.fold.replaced(&self.connection)?;
        self.is_cache_old = false;
        status.serve(self.version);
        // Last: requests that waited for this position are answered from the new file.
        status.reach(self.position());
        Ok(())
    }

    /// Begins again before the first event, in a new file. Questions are refused until `until` is
    /// reached.
    ///
    /// Fails with [`Failure::Damaged`] if that was done too often.
    pub(crate) fn rebuild(&mut self, until: Position) -> Result<(), Failure> {
        if self.rebuilds >= MAX_REBUILDS {
            let why = format!("`{}` was rebuilt {MAX_REBUILDS} times and is damaged again", self.name());
            return Err(Failure::Damaged(why));
        }
        self.rebuilds += 1;
        if !self.is_building() {
            self.role = Role::Serving { from: until };
            self.shared.status.refuse(self.version, "it is being rebuilt from the journal");
        }
        // The old file must be closed before another takes its place.
        self.connection = Connection::open_in_memory()?;
        file::remove(&self.path)?;
        (self.connection, self.checkpoint) = file::open(&self.path, &*self.fold)?;
        (self.unsaved, self.logged, self.is_cache_old) = (0, 0, false);
        if self.is_served() {
            return self.serve();
        }
        if !self.is_building() {
            self.shared.status.reach(Position::START);
            self.shared.readers.read_from(&self.path);
        }
        Ok(())
    }

    /// Writes a checkpoint that has no rows of its own, so that the next start goes on from here.
    fn save(&mut self) -> Result<(), Failure> {
        file::save(&self.connection, self.checkpoint)?;
        self.unsaved = 0;
        Ok(())
    }

    pub(crate) fn trouble(&self, trouble: Option<Trouble>) {
        self.shared.status.trouble(trouble);
    }

    /// Removes the files of every other version.
    pub(crate) fn remove_other_versions(&self) -> Result<(), Failure> {
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        for (version, path) in file::versions(folder, self.name())? {
            if version != self.version {
                file::remove(&path)?;
            }
        }
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.unsaved > 0
            && let Err(failure) = self.save()
        {
            tracing::warn!(model = self.name(), %failure, "a checkpoint was not saved; some events are applied again");
        }
    }
}
