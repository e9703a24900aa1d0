//! Folds events into the rows of collections and their members.
//!
//! Commands on different streams are decided separately. A collection can therefore be removed
//! between the decision about one of its members and the append. Nothing is stored in a removed
//! collection, or for a removed member; the events remain in the journal.

mod busy;
mod collection;
mod member;
mod share;
mod shared;
mod spans;
mod texts;

use rusqlite::Connection;
use schemas::{CollectionEvent, Event, Fact, FileEvent, ObjectEvent, ObjectId, Position, Recorded, Stream, Timestamp};

use self::{collection::CollectionFold, member::Row, share::ShareFold};
use crate::position::stored;

pub(super) use texts::Texts;

pub(super) fn apply(rows: &Connection, texts: &Texts, recorded: &Recorded) -> rusqlite::Result<()> {
    let at = At { rows, texts, position: recorded.position, time: recorded.metadata.at };
    match (&recorded.event, recorded.stream) {
        (Event::Collection(event), Stream::Collection(id)) => CollectionFold { at, id }.apply(event),
        (Event::Object(event), Stream::Object(id)) => at.object(id, event),
        // Files and calendar objects share the table of members, whose column `object` contains the
        // id of either.
        (Event::File(event), Stream::File(id)) => at.file(ObjectId(id.0), event),
        (Event::Share(event), Stream::Share(id)) => ShareFold { at, id }.apply(event),
        (Event::Principal(_), Stream::Principal(_))
        | (Event::Access(_), Stream::Access(_))
        | (Event::Server(_), Stream::Server(_))
        | (Event::Erased(_), _) => Ok(()),
        (
            Event::Collection(_)
            | Event::Object(_)
            | Event::File(_)
            | Event::Share(_)
            | Event::Principal(_)
            | Event::Access(_)
            | Event::Server(_),
            _,
        ) => Err(misplaced(recorded)),
    }
}

impl CollectionFold<'_> {
    fn apply(&self, event: &CollectionEvent) -> rusqlite::Result<()> {
        match event {
            CollectionEvent::Created(created) => self.create(created),
            CollectionEvent::PropertiesChanged(changed) => self.change_properties(changed),
            CollectionEvent::AclChanged(changed) => self.change_acl(changed),
            CollectionEvent::Moved(moved) => self.rename(&moved.name),
            CollectionEvent::Removed(_) => self.remove(),
        }
    }
}

impl At<'_> {
    fn object(&self, id: ObjectId, event: &ObjectEvent) -> rusqlite::Result<()> {
        match event {
            ObjectEvent::Put(put) => self.put(id, &Row::of(put)),
            ObjectEvent::Revised(revised) => self.revise(id, &revised.place, &revised.content),
            ObjectEvent::Moved(moved) => self.relocate(id, moved),
            ObjectEvent::AclChanged(changed) => self.change_acl(id, &changed.place, &changed.entries),
            ObjectEvent::PropertiesChanged(changed) => {
                self.change_properties(id, &changed.place, (&changed.set, &changed.removed))
            }
            ObjectEvent::Removed(removed) => self.remove(id, &removed.place),
            ObjectEvent::MessageReceived(received) => match &received.item {
                Some(item) => self.put(id, &Row::inbox(item, &received.uid)),
                None => Ok(()),
            },
            ObjectEvent::InboxItemRemoved(removed) => self.remove(id, &removed.place),
            ObjectEvent::MessageIssued(_)
            | ObjectEvent::MessageSuppressed(_)
            | ObjectEvent::MessageWithdrawn(_)
            | ObjectEvent::DeliveryReported(_) => Ok(()),
        }
    }

    fn file(&self, id: ObjectId, event: &FileEvent) -> rusqlite::Result<()> {
        match event {
            FileEvent::Stored(stored) => self.put(id, &Row::file(stored)),
            FileEvent::AclChanged(changed) => self.change_acl(id, &changed.place, &changed.entries),
            FileEvent::PropertiesChanged(changed) => {
                self.change_properties(id, &changed.place, (&changed.set, &changed.removed))
            }
            FileEvent::Removed(removed) => self.remove(id, &removed.place),
        }
    }
}

/// Returns the error for an event in a stream of another aggregate, which no version of Daybook
/// writes.
fn misplaced(recorded: &Recorded) -> rusqlite::Error {
    let why = format!(
        "a `{}` event does not belong in the stream `{}`: run `daybook verify`",
        recorded.event.kind(),
        recorded.stream
    );
    rusqlite::Error::ToSqlConversionFailure(why.into())
}

/// The transaction in which an event is applied, with the event's position and time.
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
