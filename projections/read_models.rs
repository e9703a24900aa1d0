//! The read models, as everybody but the pump sees them.

use std::{path::Path, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use schemas::{CollectionId, ObjectId, Position, PrincipalId, Stream, object::Place};
use uuid::Uuid;

use crate::{
    Behind, Collection, Directory, Failure, Feed, Member, Snapshot,
    collections::{Collections, queries},
    file,
    principals::Principals,
    progress::Progress,
    projection::Projection,
    readers::Readers,
    recent::{Question, Recent, Wanted},
    timeline::{self, Timeline},
};

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct ReadModels {
    progress: Progress,
    recent: Recent,
    directory: Arc<ArcSwap<Directory>>,
    collections: Readers,
    timeline: Readers,
}

impl ReadModels {
    /// Opens the read models in `folder`, made where they are missing, and the one feed that writes them.
    pub fn open(folder: &Path) -> Result<(Self, Feed), Failure> {
        std::fs::create_dir_all(folder)?;
        let (progress, recent) = (Progress::at(Position::START), Recent::default());
        let directory = Arc::new(ArcSwap::from_pointee(Directory::default()));
        let readers = |projection: &dyn Projection| Readers::of(&file::path(folder, projection));
        let (collections, timeline) = (readers(&Collections::default()), readers(&Timeline));
        let projections: [(Box<dyn Projection>, Readers); 3] = [
            (Box::<Collections>::default(), collections.clone()),
            (Box::new(Principals), readers(&Principals)),
            (Box::new(Timeline), timeline.clone()),
        ];
        let feed = Feed::open(folder, projections, progress.clone(), recent.clone(), Arc::clone(&directory))?;
        Ok((Self { progress, recent, directory, collections, timeline }, feed))
    }

    /// Everything up to here has been applied by all of them.
    pub fn position(&self) -> Position {
        self.progress.position()
    }

    /// Waits until they have applied `position`.
    pub async fn wait_for(&self, position: Position, limit: Duration) -> Result<(), Behind> {
        self.progress.wait_for(position, limit).await
    }

    /// The principals as they are now.
    pub fn directory(&self) -> Arc<Directory> {
        self.directory.load_full()
    }

    /// One view of all collections that does not change while it is read.
    pub fn snapshot(&self) -> Result<Snapshot, Failure> {
        Ok(Snapshot::new(self.collections.freeze()?))
    }

    /// The collections of a home, the home itself first.
    pub fn home(&self, home: PrincipalId) -> Result<Vec<Collection>, Failure> {
        queries::home(&*self.collections.take()?, home)
    }

    /// The homes with an access control list.
    pub fn shared_homes(&self) -> Result<Vec<Collection>, Failure> {
        queries::shared_homes(&*self.collections.take()?)
    }

    /// The collection with this name in a home; the empty name is the home itself.
    pub fn collection(&self, home: PrincipalId, name: &str) -> Result<Option<Collection>, Failure> {
        self.collection_named(home, name, Wanted::Everything)
    }

    pub fn collection_by_id(&self, id: CollectionId) -> Result<Option<Collection>, Failure> {
        self.collection_identified(id, Wanted::Everything)
    }

    /// What the collection is, for whoever does not ask what is in it: `changed`, `modified` and `bytes` may be of an
    /// earlier moment.
    pub fn outline(&self, home: PrincipalId, name: &str) -> Result<Option<Collection>, Failure> {
        self.collection_named(home, name, Wanted::Outline)
    }

    /// The same of the collection with this identity.
    pub fn outline_by_id(&self, id: CollectionId) -> Result<Option<Collection>, Failure> {
        self.collection_identified(id, Wanted::Outline)
    }

    fn collection_named(&self, home: PrincipalId, name: &str, wanted: Wanted) -> Result<Option<Collection>, Failure> {
        let read = || queries::collection(&*self.collections.take()?, home, name);
        self.recent.collection(&self.progress, Question::Name(home, name.to_owned()), wanted, read)
    }

    fn collection_identified(&self, id: CollectionId, wanted: Wanted) -> Result<Option<Collection>, Failure> {
        let read = || queries::collection_by_id(&*self.collections.take()?, id);
        self.recent.collection(&self.progress, Question::Id(id), wanted, read)
    }

    /// Bytes of all bodies in a collection and in those below it; the empty name is the home.
    pub fn size(&self, home: PrincipalId, name: &str) -> Result<u64, Failure> {
        queries::size(&*self.collections.take()?, home, name)
    }

    /// The last change of a collection or of anything below it, removals included; the empty name is the home.
    pub fn changed_below(&self, home: PrincipalId, name: &str) -> Result<Position, Failure> {
        queries::changed_below(&*self.collections.take()?, home, name)
    }

    pub fn member(&self, collection: CollectionId, name: &str) -> Result<Option<Member>, Failure> {
        queries::member(&*self.collections.take()?, collection, name)
    }

    pub fn member_with_body(&self, collection: CollectionId, name: &str) -> Result<Option<(Member, String)>, Failure> {
        queries::member_with_body(&*self.collections.take()?, collection, name)
    }

    /// A file of a home or a plain collection, with its bytes.
    pub fn file(&self, collection: CollectionId, name: &str) -> Result<Option<(Member, Vec<u8>)>, Failure> {
        queries::file(&*self.collections.take()?, collection, name)
    }

    /// Members in the order of their names, after a name.
    pub fn members(&self, collection: CollectionId, after: Option<&str>, limit: usize) -> Result<Vec<Member>, Failure> {
        queries::members(&*self.collections.take()?, collection, after, limit)
    }

    /// Members with their bodies that may overlap `start..end` (seconds, UTC): candidates, to be looked at closely.
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

    /// Where the resources of an object stand.
    pub fn object_places(&self, object: ObjectId) -> Result<Vec<Place>, Failure> {
        queries::object_places(&*self.collections.take()?, object)
    }

    /// Positions of every event about a UID, in all homes, in order.
    pub fn timeline_of_uid(&self, uid: &str) -> Result<Vec<Position>, Failure> {
        timeline::of_uid(&*self.timeline.take()?, uid)
    }

    /// The stream of every home that ever held something with a UID.
    pub fn streams_of_uid(&self, uid: &str) -> Result<Vec<Stream>, Failure> {
        timeline::streams_of_uid(&*self.timeline.take()?, uid)
    }

    /// Positions of every event one request brought about, in order.
    pub fn timeline_of_correlation(&self, correlation: Uuid) -> Result<Vec<Position>, Failure> {
        timeline::of_correlation(&*self.timeline.take()?, correlation)
    }
}
