//! Writes the file of one read model.
//!
//! **Invariant:** a version of a read model is never served again after a newer one was. A writer
//! that still has the older file then changes nothing that readers see.

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

/// Number of events without effect on the rows after which the checkpoint is written nevertheless.
/// If the read model may lag, its checkpoint is written with every batch, so that another process
/// can see its position.
const IDLE_EVENTS: usize = 1_000;
/// Number of events with effect on the rows, counted as in [`LOGGED_AT_ONCE`], after which a
/// checkpoint of the write-ahead log is requested.
const LOGGED_EVENTS: usize = 250;
/// Maximum number of events that a single transaction counts for. Its events write the same pages
/// repeatedly, and a checkpoint of the log copies each page only once for several transactions.
const LOGGED_AT_ONCE: usize = 25;
/// Maximum number of times that a process rebuilds a read model. If the read model is damaged again
/// after that, rebuilding does not help.
const MAX_REBUILDS: u32 = 3;

/// The purpose of the file that a writer writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Queries are answered from the file once it has reached this position.
    Serving { from: Position },
    /// The file is being built while another version is served.
    Building,
}

pub(crate) struct Writer {
    fold: Box<dyn Fold>,
    shared: Shared,
    /// The version of the tables in the file: the fold's own version, or an older one that the fold
    /// can serve.
    version: u32,
    path: PathBuf,
    connection: Connection,
    checkpoint: Checkpoint,
    role: Role,
    /// Number of events since the checkpoint was last written.
    unsaved: usize,
    /// Number of events with effect on the rows, counted as in [`LOGGED_AT_ONCE`], since a
    /// checkpoint of the write-ahead log was last requested.
    logged: usize,
    /// True after a commit of changed rows until the fold's cache is updated.
    is_cache_old: bool,
    rebuilds: u32,
}

/// Data that all writers of a read model share.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    /// Index of the read model in the registry.
    pub order: usize,
    pub status: Arc<Status>,
    pub readers: Readers,
    pub wal: Arc<WalCheckpointer>,
}

impl Writer {
    /// Opens a file from which queries are answered. `version` is that of its tables. A damaged
    /// file is replaced by an empty one.
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

    /// Opens the file of a new version, which is built while an older version is served.
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

    /// Returns the index of the read model in the registry.
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

    /// Returns true if queries are answered from this file.
    fn is_served(&self) -> bool {
        matches!(self.role, Role::Serving { from } if self.position() >= from)
    }

    /// Refuses queries until `position` is reached. Does nothing if it is reached, or if the file
    /// is being built while another is served.
    pub(crate) fn serve_from(&mut self, position: Position) {
        if let Role::Serving { .. } = self.role
            && self.position() < position
        {
            self.role = Role::Serving { from: position };
            self.shared.status.refuse(self.version, "the read model is being built from the journal", position);
        }
    }

    /// Returns true if queries are answered from the file of a newer version. This writer is then
    /// to be dropped.
    pub(crate) fn is_superseded(&self) -> bool {
        self.shared.status.is_superseded(self.version)
    }

    /// Applies the events after the checkpoint in one transaction. Returns an error if they were
    /// not applied, or if the cache could not be updated after that. Does nothing if this version
    /// is superseded.
    pub(crate) fn apply(&mut self, batch: &[Recorded]) -> Result<(), Failure> {
        let known = batch.partition_point(|recorded| recorded.position <= self.position());
        let (news, status) = (&batch[known..], Arc::clone(self.status()));
        match self.role {
            Role::Building => {
                self.write(news)?;
                status.build(self.version, self.position());
                Ok(())
            }
            Role::Serving { from } => {
                let _turn = status.turn();
                if self.is_superseded() { Ok(()) } else { self.apply_and_show(news, from) }
            }
        }
    }

    /// Applies events to the file from which queries are answered as soon as it has reached `from`.
    /// The caller has the [turn](Status::turn).
    fn apply_and_show(&mut self, news: &[Recorded], from: Position) -> Result<(), Failure> {
        let was_served = self.is_served();
        if was_served {
            self.fold.prepare(news);
        }
        self.write(news)?;
        if !was_served && self.position() >= from {
            return self.switch_to_this();
        }
        if was_served && self.is_cache_old {
            self.fold.committed(&self.connection)?;
            self.is_cache_old = false;
        }
        self.shared.status.reach(self.position());
        Ok(())
    }

    /// Writes the rows and the checkpoint in one transaction. If no event has an effect on the
    /// rows, and the read model must not lag, the checkpoint is written only after [`IDLE_EVENTS`]
    /// of them; after a restart these events are applied again, without effect.
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
        self.shared.readers.committed();
        (self.checkpoint, self.unsaved) = (checkpoint, 0);
        self.is_cache_old |= !handled.is_empty();
        self.logged += handled.len().min(LOGGED_AT_ONCE);
        if self.logged >= LOGGED_EVENTS {
            self.shared.wal.checkpoint(&self.path);
            self.logged = 0;
        }
        Ok(())
    }

    /// Answers queries from this file from now on, unless this version is superseded.
    pub(crate) fn serve(&mut self) -> Result<(), Failure> {
        let status = Arc::clone(self.status());
        let _turn = status.turn();
        if self.is_superseded() { Ok(()) } else { self.switch_to_this() }
    }

    /// Switches the readers to this file. The caller has the [turn](Status::turn).
    fn switch_to_this(&mut self) -> Result<(), Failure> {
        let Shared { status, readers, .. } = &self.shared;
        self.role = Role::Serving { from: Position::START };
        if self.position() < status.position() {
            // The lower position is announced first: otherwise a cache could treat an answer from
            // the new file as one at the old, higher position.
            status.reach(self.position());
        }
        readers.read_from(&self.path);
        self.fold.replaced(&self.connection)?;
        self.is_cache_old = false;
        status.serve(self.version);
        // The position is announced last, so that requests that waited for it are answered from the
        // new file.
        status.reach(self.position());
        Ok(())
    }

    /// Restarts with an empty file before the first event. Queries of the file are refused until
    /// `until` is reached.
    ///
    /// Does nothing if this version is superseded. Returns [`Failure::Damaged`] if this writer has
    /// already rebuilt the file [`MAX_REBUILDS`] times.
    pub(crate) fn rebuild(&mut self, until: Position) -> Result<(), Failure> {
        let status = Arc::clone(self.status());
        let _turn = status.turn();
        if self.is_superseded() {
            return Ok(());
        }
        if self.rebuilds >= MAX_REBUILDS {
            let why = format!(
                "the read model `{}` was rebuilt {MAX_REBUILDS} times and is damaged again; check the disk",
                self.name()
            );
            return Err(Failure::Damaged(why));
        }
        self.rebuilds += 1;
        if !self.is_building() {
            self.role = Role::Serving { from: until };
            status.refuse(self.version, "the read model is being rebuilt from the journal", until);
        }
        // The old file is closed first. If it were closed later, SQLite could delete the log of the
        // new file, which has the same path.
        self.connection = Connection::open_in_memory()?;
        file::remove(&self.path)?;
        (self.connection, self.checkpoint) = file::open(&self.path, &*self.fold)?;
        (self.unsaved, self.logged, self.is_cache_old) = (0, 0, false);
        if self.is_served() {
            return self.switch_to_this();
        }
        if !self.is_building() {
            status.reach(Position::START);
            self.shared.readers.read_from(&self.path);
        }
        Ok(())
    }

    /// Writes the checkpoint without rows, so that the next start continues from it.
    fn save(&mut self) -> Result<(), Failure> {
        file::save(&self.connection, self.checkpoint)?;
        self.shared.readers.committed();
        self.unsaved = 0;
        Ok(())
    }

    /// Reports the problem of this file; `None` if there is none any more.
    pub(crate) fn trouble(&self, trouble: Option<Trouble>) {
        let status = self.status();
        if self.is_building() {
            status.trouble_of_build(trouble);
        } else if !self.is_superseded() {
            status.trouble(trouble);
        }
    }

    /// Removes the files of all other versions.
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
            && !self.is_superseded()
            && let Err(failure) = self.save()
        {
            tracing::warn!(model = self.name(), %failure, "the checkpoint of this read model could not be saved; the \
                next start applies some events again");
        }
    }
}
