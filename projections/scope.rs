//! Determines which cached values each event makes outdated.

use schemas::{CollectionEvent, Event, FileEvent, ObjectEvent, ShareEvent, object::Place};

/// The part of the read models that an event changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope<'a> {
    /// The directory of principals.
    Principals,
    /// Collections themselves: their existence, names, properties, access control and shares.
    Collections,
    /// The resource at a place; for a move, those at the old and the new place.
    Resources(&'a Place, Option<&'a Place>),
    /// None of these, as for anchors of the access journal, and starts and stops of servers.
    Nothing,
}

impl<'a> Scope<'a> {
    pub(crate) fn of(event: &'a Event) -> Self {
        match event {
            Event::Principal(_) => Self::Principals,
            Event::Share(ShareEvent::PersonalDataChanged(changed)) => Self::at(&changed.place),
            // These events are rare. They make all collections outdated instead of having their own
            // scope.
            Event::Share(_)
            | Event::Collection(
                CollectionEvent::Created(_)
                | CollectionEvent::PropertiesChanged(_)
                | CollectionEvent::AclChanged(_)
                | CollectionEvent::Moved(_)
                | CollectionEvent::Removed(_),
            ) => Self::Collections,
            Event::Object(event) => Self::of_object(event),
            Event::File(FileEvent::Stored(stored)) => Self::at(&stored.place),
            Event::File(FileEvent::AclChanged(changed)) => Self::at(&changed.place),
            Event::File(FileEvent::PropertiesChanged(changed)) => Self::at(&changed.place),
            Event::File(FileEvent::Removed(removed)) => Self::at(&removed.place),
            Event::Access(_) | Event::Server(_) | Event::Erased(_) => Self::Nothing,
        }
    }

    fn of_object(event: &'a ObjectEvent) -> Self {
        match event {
            ObjectEvent::Put(put) => Self::at(&put.place),
            ObjectEvent::Revised(revised) => Self::at(&revised.place),
            ObjectEvent::Moved(moved) => Self::Resources(&moved.from, Some(&moved.to)),
            ObjectEvent::Removed(removed) => Self::at(&removed.place),
            ObjectEvent::AclChanged(changed) => Self::at(&changed.place),
            ObjectEvent::PropertiesChanged(changed) => Self::at(&changed.place),
            ObjectEvent::MessageReceived(received) => {
                received.item.as_ref().map_or(Self::Nothing, |item| Self::at(&item.place))
            }
            ObjectEvent::InboxItemRemoved(removed) => Self::at(&removed.place),
            ObjectEvent::MessageIssued(_)
            | ObjectEvent::MessageSuppressed(_)
            | ObjectEvent::MessageWithdrawn(_)
            | ObjectEvent::DeliveryReported(_) => Self::Nothing,
        }
    }

    fn at(place: &'a Place) -> Self {
        Self::Resources(place, None)
    }
}
