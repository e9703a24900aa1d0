//! The fold: what each event means for collections and their members.
//!
//! A resource in a collection that is gone, or a change of a resource that is gone, leaves no trace here: streams are
//! decided apart, so the removal of a calendar may come between. What happened stands in the journal all the same.

mod busy;
mod collection;
mod member;
mod shared;
mod spans;
mod texts;

use rusqlite::Connection;
use schemas::{CollectionId, Event, ObjectId, Position, Recorded, Stream, Timestamp};

use self::{collection::Shelf, member::Row};
use super::rows::stored;

pub(super) use texts::Texts;

pub(super) fn apply(rows: &Connection, texts: &Texts, recorded: &Recorded) -> rusqlite::Result<()> {
    let at = At { rows, texts, position: recorded.position, time: recorded.metadata.at };
    let shelf = || Ok::<_, rusqlite::Error>(Shelf { at, id: collection(recorded)? });
    match &recorded.event {
        Event::CollectionCreated(created) => shelf()?.create(created),
        Event::CollectionPropertiesChanged(changed) => shelf()?.change_properties(changed),
        Event::CollectionAclChanged(changed) => shelf()?.change_acl(changed),
        Event::CollectionMoved(moved) => shelf()?.rename(&moved.name),
        Event::CollectionRemoved(_) => shelf()?.remove(),
        Event::ObjectPut(put) => at.put(object(recorded)?, &Row::of(put)),
        Event::ObjectRevised(revised) => at.revise(object(recorded)?, &revised.place, &revised.content),
        Event::ObjectMoved(moved) => at.relocate(object(recorded)?, moved),
        Event::ObjectAclChanged(changed) => at.change_acl(object(recorded)?, &changed.place, &changed.entries),
        Event::ObjectPropertiesChanged(changed) => {
            at.change_properties(object(recorded)?, &changed.place, (&changed.set, &changed.removed))
        }
        Event::ObjectRemoved(removed) => at.remove(object(recorded)?, &removed.place),
        Event::MessageReceived(received) => match &received.item {
            Some(item) => at.put(object(recorded)?, &Row::inbox(item, &received.uid)),
            None => Ok(()),
        },
        Event::InboxItemRemoved(removed) => at.remove(object(recorded)?, &removed.place),
        Event::FileStored(stored) => at.put(file(recorded)?, &Row::file(stored)),
        Event::FileAclChanged(changed) => at.change_acl(file(recorded)?, &changed.place, &changed.entries),
        Event::FilePropertiesChanged(changed) => {
            at.change_properties(file(recorded)?, &changed.place, (&changed.set, &changed.removed))
        }
        Event::FileRemoved(removed) => at.remove(file(recorded)?, &removed.place),
        Event::MessageIssued(_)
        | Event::MessageSuppressed(_)
        | Event::DeliveryReported(_)
        | Event::PrincipalRegistered(_)
        | Event::PrincipalProfileChanged(_)
        | Event::PrincipalPasswordSet(_)
        | Event::PrincipalMembersSet(_)
        | Event::PrincipalPropertiesChanged(_)
        | Event::PrincipalRetired(_) => Ok(()),
    }
}

fn collection(recorded: &Recorded) -> rusqlite::Result<CollectionId> {
    match recorded.stream {
        Stream::Collection(id) => Ok(id),
        Stream::Principal(_) | Stream::Object(_) | Stream::File(_) => Err(misplaced(recorded)),
    }
}

fn object(recorded: &Recorded) -> rusqlite::Result<ObjectId> {
    match recorded.stream {
        Stream::Object(id) => Ok(id),
        Stream::Principal(_) | Stream::Collection(_) | Stream::File(_) => Err(misplaced(recorded)),
    }
}

/// A file's row carries the file's identity where that of a calendar object carries the object's.
fn file(recorded: &Recorded) -> rusqlite::Result<ObjectId> {
    match recorded.stream {
        Stream::File(id) => Ok(ObjectId(id.0)),
        Stream::Principal(_) | Stream::Collection(_) | Stream::Object(_) => Err(misplaced(recorded)),
    }
}

/// The event stands in a stream of another kind: nobody of ours wrote it there, so nobody knows what it means.
fn misplaced(recorded: &Recorded) -> rusqlite::Error {
    let why = format!("`{}` does not belong in the stream `{}`", recorded.event.kind(), recorded.stream);
    rusqlite::Error::ToSqlConversionFailure(why.into())
}

/// Where and when the event stands that is being applied.
#[derive(Clone, Copy)]
struct At<'a> {
    rows: &'a Connection,
    texts: &'a Texts,
    position: Position,
    time: Timestamp,
}

impl At<'_> {
    fn position(&self) -> i64 {
        stored(self.position)
    }
}
