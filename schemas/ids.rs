//! Identities, and the names of streams made from them.
//!
//! **Invariant:** the name of a stream holds no personal data, because the name stays when the data
//! are erased.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::object::Place;

/// Namespace of every UUIDv5 that Daybook derives. It never changes, as identities depend on it.
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
    /// A principal: person, room, resource or group. Given at registration and never reused. It
    /// names the calendar home too, as each principal has one.
    PrincipalId
}
identity! {
    /// A collection of a home: a calendar, the inbox, the outbox, or the home itself.
    CollectionId
}
identity! {
    /// A calendar object: every resource of one home with one iCalendar UID.
    ObjectId
}
identity! {
    /// A calendar as it is offered to one person.
    ShareId
}
identity! {
    /// A file of a home or a plain collection.
    FileId
}
identity! {
    /// One run of a process that writes to the journal.
    ServerId
}

identity! {
    /// An access journal. Its events are one stream there, and its anchors one stream in the main
    /// journal.
    AccessId
}

identity! {
    /// A password of a principal. Its hash is kept in the vault under this identity, not in the
    /// journal.
    PasswordId
}

impl PasswordId {
    /// Returns the UUIDv5 of a hash that an event of the first version holds, so that the hash can
    /// be moved to the vault.
    pub fn of_stored(phc: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("password/{phc}").as_bytes()))
    }
}

impl CollectionId {
    /// Returns the UUIDv5 of the home and the first name of the collection, so that two
    /// `MKCALENDAR` requests for one name write to the same stream. `generation` counts the
    /// collections that were created under that name and moved away.
    pub fn derive(home: PrincipalId, first_name: &str, generation: u32) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("collection/{home}/{generation}/{first_name}").as_bytes()))
    }

    /// Returns the identity of the collection of messages about shared calendars, which no name
    /// leads to.
    pub fn notifications(home: PrincipalId) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("notifications/{home}").as_bytes()))
    }

    /// Returns the identity of the home itself, whose properties and ACL are kept like those of a
    /// collection.
    pub fn home(home: PrincipalId) -> Self {
        Self::derive(home, "", 0)
    }
}

impl ShareId {
    /// Returns the UUIDv5 of the calendar and the person, so that whatever is offered to them meets
    /// in one stream.
    pub fn derive(calendar: CollectionId, sharee: PrincipalId) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("share/{calendar}/{sharee}").as_bytes()))
    }
}

impl ObjectId {
    /// Returns the UUIDv5 of the home and the iCalendar UID.
    pub fn derive(home: PrincipalId, uid: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("object/{home}/{uid}").as_bytes()))
    }
}

impl FileId {
    /// Returns the UUIDv5 of the place, so that two `PUT` requests to one name write to the same
    /// stream.
    pub fn derive(place: &Place) -> Self {
        let Place { collection, name } = place;
        Self(Uuid::new_v5(&NAMESPACE, format!("file/{collection}/{name}").as_bytes()))
    }
}

/// Declares the kinds of streams once: their prefixes, and the identity that names a stream of
/// each.
macro_rules! streams {
    ($($(#[$doc:meta])* $kind:ident($id:ident) = $prefix:literal,)*) => {
        /// The kinds of streams there are: one per aggregate.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum StreamKind { $($(#[$doc])* $kind,)* }

        impl StreamKind {
            /// Every kind. An engine that filters streams by name takes the prefixes from here.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The part of a stream's name before the identity: `calendarobject-`.
            pub const fn prefix(self) -> &'static str {
                match self { $(Self::$kind => $prefix,)* }
            }

            /// The stream of this kind with that identity.
            pub const fn stream(self, id: Uuid) -> Stream {
                match self { $(Self::$kind => Stream::$kind($id(id)),)* }
            }
        }

        /// A stream of the journal: the unit of consistency and of erasure.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Stream { $($(#[$doc])* $kind($id),)* }

        impl Stream {
            /// The kind of this stream.
            pub const fn kind(self) -> StreamKind {
                match self { $(Self::$kind(_) => StreamKind::$kind,)* }
            }

            /// The identity within its kind.
            pub const fn id(self) -> Uuid {
                match self { $(Self::$kind(id) => id.0,)* }
            }
        }
    };
}

streams! {
    /// A principal and the name of its home.
    Principal(PrincipalId) = "principal-",
    /// A collection of a home, of any kind: homes, inboxes and plain collections too.
    Collection(CollectionId) = "calendar-",
    /// A calendar object: everything one home holds under one iCalendar UID.
    Object(ObjectId) = "calendarobject-",
    /// A file of a home or a plain collection.
    File(FileId) = "file-",
    /// A calendar as it is offered to one person, and what that person makes of it.
    Share(ShareId) = "share-",
    /// An access journal: its events there, or its anchors in the main journal.
    Access(AccessId) = "access-",
    /// One run of a process that writes to the journal.
    Server(ServerId) = "server-",
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind().prefix(), self.id())
    }
}

/// A name that is not the name of one of Daybook's streams.
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
