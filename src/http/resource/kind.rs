//! The kinds of resources.

use dav::privilege::Place;

/// The kind of a resource, which determines its properties, reports and privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Root,
    Principals,
    Homes,
    Principal,
    /// A group that holds the delegates of a principal.
    Delegates,
    Home,
    Calendar,
    Inbox,
    Outbox,
    /// A collection for files and other collections.
    Plain,
    /// A calendar object resource.
    Object,
    /// A scheduling message in an inbox.
    SchedulingMessage,
    /// A file in a home or in a plain collection.
    File,
}

impl Kind {
    /// Returns true if this kind of resource has properties that are settings of the server's
    /// behaviour.
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

    /// Returns the class of privileges of this kind of resource: only an inbox and an outbox have
    /// scheduling privileges (RFC 6638 §6).
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
