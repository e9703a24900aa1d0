//! The aggregates of the crate `calendar`, each folded from the stream of its own kind. Calendar
//! objects are cached.

use calendar::{collection::Collection, file::File, object::Object, principal::Principal, share::Share};
use schemas::{
    CollectionEvent, CollectionId, FileEvent, FileId, ObjectEvent, ObjectId, PrincipalEvent, PrincipalId, ShareEvent,
    ShareId, Stream, Timestamp,
};

use super::{Aggregate, Loaded, Store};

impl Aggregate for Object {
    type Id = ObjectId;
    type Event = ObjectEvent;

    fn stream(id: ObjectId) -> Stream {
        Stream::Object(id)
    }

    fn evolve(self, event: &ObjectEvent) -> Self {
        calendar::object::evolve(self, event)
    }

    fn seen(mut self, at: Timestamp) -> Self {
        Object::seen(&mut self, at);
        self
    }

    fn not_before(&self) -> Timestamp {
        self.latest
    }

    fn cached(store: &Store, id: ObjectId) -> Option<Loaded<Self>> {
        store.objects.get(&id)
    }

    fn keep(store: &Store, id: ObjectId, loaded: &Loaded<Self>) {
        let newer = store.objects.get(&id).is_some_and(|kept| kept.revision > loaded.revision);
        if !newer {
            store.objects.insert(id, loaded.clone());
        }
    }
}

impl Aggregate for Collection {
    type Id = CollectionId;
    type Event = CollectionEvent;

    fn stream(id: CollectionId) -> Stream {
        Stream::Collection(id)
    }

    fn evolve(self, event: &CollectionEvent) -> Self {
        calendar::collection::evolve(self, event)
    }
}

impl Aggregate for File {
    type Id = FileId;
    type Event = FileEvent;

    fn stream(id: FileId) -> Stream {
        Stream::File(id)
    }

    fn evolve(self, event: &FileEvent) -> Self {
        calendar::file::evolve(self, event)
    }
}

impl Aggregate for Share {
    type Id = ShareId;
    type Event = ShareEvent;

    fn stream(id: ShareId) -> Stream {
        Stream::Share(id)
    }

    fn evolve(self, event: &ShareEvent) -> Self {
        calendar::share::evolve(self, event)
    }
}

impl Aggregate for Principal {
    type Id = PrincipalId;
    type Event = PrincipalEvent;

    fn stream(id: PrincipalId) -> Stream {
        Stream::Principal(id)
    }

    fn evolve(self, event: &PrincipalEvent) -> Self {
        calendar::principal::evolve(self, event)
    }
}
