//! Access to all read models for queries.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures::future;
use rusqlite::Connection;
use schemas::{CollectionId, ObjectId, Position, PrincipalId, Timestamp, object::Place};

use crate::{
    Behind, Checkpoint, Collection, Condition, Directory, Failure, Hosts, Member, Projection, Projector, Snapshot,
    Viewed,
    collections::{Collections, HomeCounts, queries},
    file,
    principals::Principals,
    projection::Fold,
    readers::Readers,
    recent::{Question, Wanted},
    registry::{self, Caches},
    search::Search,
    status::Status,
    versions::Versions,
    wal::WalCheckpointer,
    writer::Shared,
};

/// The read models that queries about the past use.
const PAST: [&str; 3] = [Principals::NAME, Search::NAME, Versions::NAME];

/// A handle to all read models. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct ReadModels {
    caches: Caches,
    readers: Arc<[(&'static str, Readers)]>,
    collections: Readers,
    principals: Arc<Status>,
}

impl ReadModels {
    /// Opens the read models in `folder` and creates missing ones. Returns the handle and the
    /// projector, which is their only writer.
    pub fn open(folder: &Path) -> Result<(Self, Projector), Failure> {
        std::fs::create_dir_all(folder)?;
        let models = Self::new();
        let readers = models.readers.iter().map(|(_, readers)| readers.clone());
        let wal = Arc::new(WalCheckpointer::start(readers.collect())?);
        let mut projector = Projector::default();
        for (index, (_, readers)) in models.readers.iter().enumerate() {
            let fold = || registry::all(&models.caches).swap_remove(index);
            let (status, readers, wal) = (readers.shared_status(), readers.clone(), Arc::clone(&wal));
            projector.add(folder, &fold, &Shared { order: index, status, readers, wal })?;
        }
        projector.remove_retired(folder)?;
        Ok((models, projector))
    }

    /// Opens the read models in `folder` for reading only, while another process may write them. No
    /// read model is created, changed or removed. Queries of a read model without a file of a
    /// version that this program reads fail. Returns an error if such a file cannot be opened.
    pub fn look(folder: &Path) -> Result<Self, Failure> {
        Self::look_at(folder, |_| true)
    }

    /// Opens only the read models for queries about the past, like [`Self::look`]. Queries of the
    /// others fail.
    pub fn look_at_past(folder: &Path) -> Result<Self, Failure> {
        Self::look_at(folder, |name| PAST.contains(&name))
    }

    fn look_at(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Self, Failure> {
        let models = Self::new();
        for (fold, (name, readers)) in registry::all(&models.caches).iter().zip(&*models.readers) {
            if !is_wanted(name) {
                let why = "the command opens only the read models about the past, and not this one";
                readers.status().refuse(fold.version(), why, Position::START);
                continue;
            }
            let known = file::versions(folder, name)?;
            // While a new version is built, an older version is served if its tables have the same
            // form.
            let older = known.iter().rev().find(|(version, _)| fold.serves(*version));
            let found = older.or_else(|| known.iter().find(|(version, _)| *version == fold.version()));
            match found {
                Some((version, path)) => readers.look(path, *version, |rows| fold.replaced(rows))?,
                None => readers.status().refuse(
                    fold.version(),
                    "the read model has not been built yet; the next start of the server builds it",
                    Position::START,
                ),
            }
        }
        Ok(models)
    }

    /// Returns the checkpoint of each read model for queries about the past, with its name. Returns
    /// an error if one of them cannot be queried, or if its rows do not fit its digest.
    pub fn checkpoints_of_past(&self) -> Result<Vec<(&'static str, Checkpoint)>, Failure> {
        let mut checkpoints = vec![];
        let all = registry::all(&self.caches);
        for (fold, (name, readers)) in all.iter().zip(&*self.readers).filter(|(_, (name, _))| PAST.contains(name)) {
            let checkpoint = readers.ask(|rows| {
                file::check_digest(rows, &**fold)?;
                Ok(file::checkpoint(rows)?)
            })?;
            checkpoints.push((*name, checkpoint));
        }
        Ok(checkpoints)
    }

    fn new() -> Self {
        let caches = Caches::default();
        let status = |fold: &dyn Fold| Status::new(fold.name(), fold.is_required());
        let folds = registry::all(&caches);
        let readers: Arc<[_]> = folds.iter().map(|fold| (fold.name(), Readers::new(status(&**fold)))).collect();
        let collections = find(&readers, Collections::NAME).clone();
        let principals = find(&readers, Principals::NAME).shared_status();
        Self { caches, readers, collections, principals }
    }

    /// Returns the position up to which requests see all events: the collections and principals
    /// have applied it.
    pub fn position(&self) -> Position {
        self.collections.status().position().min(self.principals.position())
    }

    /// Waits until the collections and principals, which requests read, have applied `position`.
    /// Other read models may still be behind. Returns [`Behind`] after `limit`.
    pub async fn wait_for(&self, position: Position, limit: Duration) -> Result<(), Behind> {
        let (collections, principals) = (self.collections.status(), &self.principals);
        tokio::try_join!(biased; collections.wait_for(position, limit), principals.wait_for(position, limit)).map(drop)
    }

    /// Waits until the read models that may lag, which only queries about the past use, have
    /// applied `position`. Returns [`Behind`] after `limit`.
    pub async fn wait_for_past(&self, position: Position, limit: Duration) -> Result<(), Behind> {
        future::try_join_all(self.lagging().map(|status| status.wait_for(position, limit))).await.map(drop)
    }

    /// Waits until the index of versions has applied `position`. Other read models may be behind or
    /// have stopped. Returns [`Behind`] after `limit`.
    pub async fn wait_for_versions(&self, position: Position, limit: Duration) -> Result<(), Behind> {
        find(&self.readers, Versions::NAME).status().wait_for(position, limit).await
    }

    /// Returns the position that all read models that may lag have applied.
    pub fn past_position(&self) -> Position {
        self.lagging().map(Status::position).min().unwrap_or_default()
    }

    fn lagging(&self) -> impl Iterator<Item = &Status> {
        let folds = registry::all(&self.caches).into_iter().zip(&*self.readers);
        folds.filter(|(fold, _)| fold.may_lag()).map(|(_, (_, readers))| readers.status())
    }

    /// Returns the condition of each read model, in the order in which the projector writes them.
    pub fn conditions(&self) -> Vec<Condition> {
        self.readers.iter().map(|(_, readers)| readers.status().condition()).collect()
    }

    /// Checks the files of all read models, page by page, and reports damaged ones to the
    /// projector. The check stops before a file if `goes_on` returns false.
    pub fn check_files(&self, goes_on: impl Fn() -> bool) {
        let models = registry::all(&self.caches);
        for (fold, (_, readers)) in models.iter().zip(&*self.readers).take_while(|_| goes_on()) {
            readers.check(|rows| file::check(rows, &**fold));
        }
    }

    /// Returns the folder of the read model of principals, in which all files are; empty if this
    /// read model has no file.
    pub fn folder(&self) -> PathBuf {
        let file = find(&self.readers, Principals::NAME).path();
        file.parent().map(Path::to_owned).unwrap_or_default()
    }

    /// Runs a query on the rows of one read model, for queries that are defined next to their
    /// projection. Several statements see the same rows.
    pub(crate) fn ask<P: Projection, T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.ask_named(P::NAME, question)
    }

    pub(crate) fn ask_named<T>(
        &self,
        name: &'static str,
        question: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        find(&self.readers, name).ask(question)
    }

    /// Returns the names of the read models that `daybook projections show` can show, each with its
    /// SQL query.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        registry::all(&self.caches).into_iter().filter_map(|fold| Some((fold.name(), fold.table()?)))
    }

    /// Sets the host names of this server. Only the first call for these read models has an effect.
    pub fn take_hosts(&self, hosts: Hosts) {
        let hosts = self.caches.hosts.get_or_init(|| hosts);
        self.caches.directory.rcu(|directory| Directory::clone(directory).at(hosts.clone()));
    }

    /// Returns the host names of this server.
    pub fn hosts(&self) -> Hosts {
        self.caches.hosts.get().cloned().unwrap_or_default()
    }

    /// Returns the principals as they are now.
    pub fn directory(&self) -> Arc<Directory> {
        self.caches.directory.load_full()
    }

    /// Returns a snapshot of all collections, which does not change while it is read.
    pub fn snapshot(&self) -> Result<Snapshot, Failure> {
        Ok(Snapshot::new(self.collections.freeze()?))
    }

    /// Returns the collections of a home, ordered by name and beginning with the home itself.
    pub fn home(&self, home: PrincipalId) -> Result<Vec<Collection>, Failure> {
        self.collections.ask(|rows| queries::home(rows, home))
    }

    /// Returns the homes that have an access control list.
    pub fn shared_homes(&self) -> Result<Vec<Collection>, Failure> {
        self.collections.ask(queries::shared_homes)
    }

    /// Returns the collection with this name in a home; the empty name means the home itself.
    pub fn collection(&self, home: PrincipalId, name: &str) -> Result<Option<Collection>, Failure> {
        self.collection_named(home, name, Wanted::Everything)
    }

    pub fn collection_by_id(&self, id: CollectionId) -> Result<Option<Collection>, Failure> {
        self.collection_identified(id, Wanted::Everything)
    }

    /// Returns the collection with this name in a home. Its fields `changed`, `modified` and
    /// `bytes`, which depend on its members, may be older than its other fields.
    pub fn outline(&self, home: PrincipalId, name: &str) -> Result<Option<Collection>, Failure> {
        self.collection_named(home, name, Wanted::Outline)
    }

    /// Returns the collection with this id. As in [`Self::outline`], some fields may be older.
    pub fn outline_by_id(&self, id: CollectionId) -> Result<Option<Collection>, Failure> {
        self.collection_identified(id, Wanted::Outline)
    }

    fn collection_named(&self, home: PrincipalId, name: &str, wanted: Wanted) -> Result<Option<Collection>, Failure> {
        let read = || self.collections.ask(|rows| queries::collection(rows, home, name));
        self.caches.recent.collection(self.collections.status(), Question::Name(home, name.to_owned()), wanted, read)
    }

    fn collection_identified(&self, id: CollectionId, wanted: Wanted) -> Result<Option<Collection>, Failure> {
        let read = || self.collections.ask(|rows| queries::collection_by_id(rows, id));
        self.caches.recent.collection(self.collections.status(), Question::Id(id), wanted, read)
    }

    /// Returns the total length in bytes of the bodies and properties in a collection and in all
    /// collections below it. The empty name means the home; the personal data of its owner for
    /// shared calendars are then included.
    pub fn size(&self, home: PrincipalId, name: &str) -> Result<u64, Failure> {
        self.collections.ask(|rows| queries::size(rows, home, name))
    }

    /// Returns the number of collections in a home, including the home itself, and the number of
    /// entries in their access control lists.
    pub fn counts(&self, home: PrincipalId) -> Result<HomeCounts, Failure> {
        self.collections.ask(|rows| queries::counts(rows, home))
    }

    /// Returns at most `limit` inbox items that arrived before a time, with the owners of their
    /// homes. They are ordered by collection and name, and begin after the place `after`, or with
    /// the first one if `after` is `None`.
    pub fn inbox_items(
        &self,
        before: Timestamp,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<Vec<(PrincipalId, Place)>, Failure> {
        self.collections.ask(|rows| queries::inbox_items(rows, before, after, limit))
    }

    /// Returns the position of the last change of a collection, or of the last change or removal of
    /// anything below it, whichever is later. The empty name means the home.
    pub fn changed_below(&self, home: PrincipalId, name: &str) -> Result<Position, Failure> {
        self.collections.ask(|rows| queries::changed_below(rows, home, name))
    }

    pub fn member(&self, viewed: impl Into<Viewed>, name: &str) -> Result<Option<Member>, Failure> {
        self.collections.ask(|rows| viewed.into().named(rows, name))
    }

    pub fn member_with_body(&self, viewed: impl Into<Viewed>, name: &str) -> Result<Option<(Member, String)>, Failure> {
        self.collections.ask(|rows| viewed.into().named_with_body(rows, name))
    }

    /// Returns a file in a home or plain collection, with its bytes; `None` if no member has this
    /// name, or if it is a calendar object.
    pub fn file(&self, collection: CollectionId, name: &str) -> Result<Option<(Member, Vec<u8>)>, Failure> {
        self.collections.ask(|rows| queries::file(rows, collection, name))
    }

    /// Returns at most `limit` members ordered by name. If `after` is given, only members whose
    /// names come after it.
    pub fn members(&self, collection: CollectionId, after: Option<&str>, limit: usize) -> Result<Vec<Member>, Failure> {
        self.collections.ask(|rows| queries::members(rows, collection, after, limit))
    }

    /// Returns the members that may have an instance in `start..end` (seconds since the epoch;
    /// `None`: no bound), with their bodies. The index is approximate, so the caller must check
    /// each member.
    pub fn overlapping(
        &self,
        collection: CollectionId,
        start: Option<i64>,
        end: Option<i64>,
    ) -> Result<Vec<(Member, String)>, Failure> {
        let mut found = Vec::new();
        self.snapshot()?.overlapping(collection, start, end, |member, body| {
            found.push((member, body.to_owned()));
            Ok::<_, Failure>(())
        })?;
        Ok(found)
    }

    /// Returns the places of the resources that belong to an object: its calendar resource and its
    /// inbox items.
    pub fn object_places(&self, object: ObjectId) -> Result<Vec<Place>, Failure> {
        self.collections.ask(|rows| queries::object_places(rows, object))
    }
}

fn find<'a>(readers: &'a [(&'static str, Readers)], name: &str) -> &'a Readers {
    let found = readers.iter().find(|(known, _)| *known == name);
    &found.expect("every projection is in the registry").1
}
