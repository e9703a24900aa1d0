//! Ids, and the names of streams that are made from them.
//!
//! **Invariant:** the name of a stream contains no personal data, because the name remains after
//! the data are erased.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::object::Place;

/// The namespace of the UUIDv5 ids in this module, and of others that Daybook derives. It never
/// changes, because stored ids depend on it.
pub const NAMESPACE: Uuid = Uuid::from_u128(0x6d5c_0a4e_7b1f_4c39_9a52_d0a7_b00c_0001);

macro_rules! identity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

identity! {
    /// A principal: person, room, resource or group. The id is assigned at registration and never
    /// reused. It also identifies the principal's calendar home.
    PrincipalId
}
identity! {
    /// A collection in a home: a calendar, the inbox, the outbox, a plain collection, or the home
    /// itself.
    CollectionId
}
identity! {
    /// A calendar object: all resources in one home with the same iCalendar UID.
    ObjectId
}
identity! {
    /// A calendar that is offered to one person or group.
    ShareId
}
identity! {
    /// A file in a home or a plain collection.
    FileId
}
identity! {
    /// One run of a process that writes to the journal.
    ServerId
}

identity! {
    /// An access journal. Its events are one stream in it; its anchors are one stream in the main
    /// journal.
    AccessId
}

identity! {
    /// A password of a principal. The vault, not the journal, has the hash of the password under
    /// this id.
    PasswordId
}

impl PasswordId {
    /// Returns the id of a password whose hash is in an event of the first version, so that the
    /// hash can be moved to the vault: the UUIDv5 for the hash.
    pub fn of_stored(phc: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("password/{phc}").as_bytes()))
    }
}

impl CollectionId {
    /// Returns the id of a new collection: the UUIDv5 for its home and its first name. Two
    /// `MKCALENDAR` requests for one name then write to the same stream. A collection keeps its id
    /// when it is moved; the caller takes the lowest `generation` whose id no existing collection
    /// has.
    pub fn derive(home: PrincipalId, first_name: &str, generation: u32) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("collection/{home}/{generation}/{first_name}").as_bytes()))
    }

    /// Returns the id of the collection in a home that contains the notifications about shared
    /// calendars. It does not depend on the collection's name.
    pub fn notifications(home: PrincipalId) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("notifications/{home}").as_bytes()))
    }

    /// Returns the id of the home itself. Its properties and ACL are stored like those of a
    /// collection.
    pub fn home(home: PrincipalId) -> Self {
        Self::derive(home, "", 0)
    }
}

impl ShareId {
    /// Returns the id of the offer of a calendar to a sharee: the UUIDv5 for both. All offers of
    /// the calendar to that sharee are thus in one stream.
    pub fn derive(calendar: CollectionId, sharee: PrincipalId) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("share/{calendar}/{sharee}").as_bytes()))
    }
}

impl ObjectId {
    /// Returns the id of a calendar object: the UUIDv5 for its home and its iCalendar UID.
    pub fn derive(home: PrincipalId, uid: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("object/{home}/{uid}").as_bytes()))
    }
}

impl FileId {
    /// Returns the id of a new file: the UUIDv5 for its place. Two `PUT` requests for one name then
    /// write to the same stream.
    pub fn derive(place: &Place) -> Self {
        let Place { collection, name } = place;
        Self(Uuid::new_v5(&NAMESPACE, format!("file/{collection}/{name}").as_bytes()))
    }
}

/// Declares the kinds of streams, each with its prefix and its type of id.
macro_rules! streams {
    ($($(#[$doc:meta])* $kind:ident($id:ident) = $prefix:literal,)*) => {
        /// The kinds of streams, one for each aggregate.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum StreamKind { $($(#[$doc])* $kind,)* }

        impl StreamKind {
            /// All kinds of streams. An engine that filters streams by name uses their prefixes.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// Returns the part of a stream's name before the id: `calendarobject-`.
            pub const fn prefix(self) -> &'static str {
                match self { $(Self::$kind => $prefix,)* }
            }

            /// Returns the stream of this kind with the given id.
            pub const fn stream(self, id: Uuid) -> Stream {
                match self { $(Self::$kind => Stream::$kind($id(id)),)* }
            }
        }

        /// A stream of the journal. It is the unit of consistency: each append expects a revision
        /// of its stream.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Stream { $($(#[$doc])* $kind($id),)* }

        impl Stream {
            /// Returns the kind of this stream.
            pub const fn kind(self) -> StreamKind {
                match self { $(Self::$kind(_) => StreamKind::$kind,)* }
            }

            /// Returns the id in the stream's name.
            pub const fn id(self) -> Uuid {
                match self { $(Self::$kind(id) => id.0,)* }
            }
        }
    };
}

streams! {
    /// A principal.
    Principal(PrincipalId) = "principal-",
    /// A collection in a home, of any kind, including homes, inboxes and plain collections.
    Collection(CollectionId) = "calendar-",
    /// A calendar object: all resources in one home with the same iCalendar UID.
    Object(ObjectId) = "calendarobject-",
    /// A file in a home or a plain collection.
    File(FileId) = "file-",
    /// A calendar that is offered to one person or group, with their answer and changes.
    Share(ShareId) = "share-",
    /// An access journal: its events in the access journal, or its anchors in the main journal.
    Access(AccessId) = "access-",
    /// One run of a process that writes to the journal.
    Server(ServerId) = "server-",
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind().prefix(), self.id())
    }
}

/// The error that a text is not the name of a stream.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not the name of a stream")]
pub struct NotAStream(pub String);

impl FromStr for Stream {
    type Err = NotAStream;

    fn from_str(name: &str) -> Result<Self, NotAStream> {
        let named = |kind: &StreamKind| {
            let id = Uuid::parse_str(name.strip_prefix(kind.prefix())?).ok()?;
            Some(kind.stream(id))
        };
        StreamKind::ALL.iter().find_map(named).ok_or_else(|| NotAStream(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_streams_of_every_kind_are_read_back() {
        let id = Uuid::from_u128(7);
        for kind in StreamKind::ALL {
            let name = kind.stream(id).to_string();
            assert_eq!(name.parse::<Stream>().ok(), Some(kind.stream(id)), "{name}");
        }
    }

    #[test]
    fn a_name_that_no_stream_has_is_refused() {
        for name in ["", "calendar", "calendar-", "calendar-7", "account-00000000-0000-0000-0000-000000000007"] {
            assert!(name.parse::<Stream>().is_err(), "{name}");
        }
    }
}
