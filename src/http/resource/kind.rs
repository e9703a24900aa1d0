//! The kinds of resources.

use dav::privilege::Place;

/// The kind of a resource. Its properties, reports and privileges depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Root,
    Principals,
    Homes,
    Principal,
    /// A group of the delegates of a principal.
    Delegates,
    Home,
    Calendar,
    Inbox,
    Outbox,
    /// A collection of files and collections.
    Plain,
    /// A calendar object resource.
    Object,
    /// A scheduling message in an inbox.
    SchedulingMessage,
    /// A file in a home or a plain collection.
    File,
}

impl Kind {
    /// Returns true if some properties set on it are settings that the server acts on.
    pub(crate) fn has_settings(self) -> bool {
        match self {
            Self::Home | Self::Calendar | Self::Inbox | Self::Outbox | Self::Plain => true,
            Self::Root
            | Self::Principals
            | Self::Homes
            | Self::Principal
            | Self::Delegates
            | Self::Object
            | Self::SchedulingMessage
            | Self::File => false,
        }
    }

    /// Returns which privileges exist on it.
    pub(crate) fn place(self) -> Place {
        match self {
            Self::Inbox => Place::Inbox,
            Self::Outbox => Place::Outbox,
            Self::Root
            | Self::Principals
            | Self::Homes
            | Self::Principal
            | Self::Delegates
            | Self::Home
            | Self::Calendar
            | Self::Plain
            | Self::Object
            | Self::SchedulingMessage
            | Self::File => Place::Ordinary,
        }
    }
}
