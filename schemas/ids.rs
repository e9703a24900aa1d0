//! Identities, and the names of streams made from them.
//!
//! **Invariant:** a stream's name carries no personal data; it outlives erasure.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::object::Place;

/// Namespace of every UUIDv5 that Daybook derives. Never changes: identities depend on it.
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
    /// A principal: person, room, resource or group. Given at registration, never reused.
    /// Also names the principal's calendar home: one home per principal.
    PrincipalId
}
identity! {
    /// A collection of a home: a calendar, the inbox, the outbox, or the home itself.
    CollectionId
}
identity! {
    /// Every resource of one home with one iCalendar UID.
    ObjectId
}
identity! {
    /// A file of a plain collection.
    FileId
}

impl CollectionId {
    /// UUIDv5 of the home and the collection's first name, so that two `MKCALENDAR`s of one name meet in
    /// one stream. `generation` counts collections that were first created under that name and moved away.
    pub fn derive(home: PrincipalId, first_name: &str, generation: u32) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("collection/{home}/{generation}/{first_name}").as_bytes()))
    }

    /// The home itself, whose properties and privileges are kept like those of a collection.
    pub fn home(home: PrincipalId) -> Self {
        Self::derive(home, "", 0)
    }
}

impl ObjectId {
    /// UUIDv5 of the home and the iCalendar UID.
    pub fn derive(home: PrincipalId, uid: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("object/{home}/{uid}").as_bytes()))
    }
}

impl FileId {
    /// UUIDv5 of the place: two `PUT`s to one name meet in one stream.
    pub fn derive(place: &Place) -> Self {
        let Place { collection, name } = place;
        Self(Uuid::new_v5(&NAMESPACE, format!("file/{collection}/{name}").as_bytes()))
    }
}

/// A stream of the journal: the unit of consistency and of erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    Principal(PrincipalId),
    Collection(CollectionId),
    Object(ObjectId),
    File(FileId),
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(id) => write!(f, "principal-{id}"),
            Self::Collection(id) => write!(f, "calendar-{id}"),
            Self::Object(id) => write!(f, "calendarobject-{id}"),
            Self::File(id) => write!(f, "file-{id}"),
        }
    }
}

/// A stream name nobody of ours made.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not the name of a stream")]
pub struct NotAStream(pub String);

impl FromStr for Stream {
    type Err = NotAStream;

    fn from_str(name: &str) -> Result<Self, NotAStream> {
        let refuse = || NotAStream(name.to_owned());
        let (kind, id) = name.split_once('-').ok_or_else(refuse)?;
        let id = Uuid::parse_str(id).map_err(|_| refuse())?;
        match kind {
            "principal" => Ok(Self::Principal(PrincipalId(id))),
            "calendar" => Ok(Self::Collection(CollectionId(id))),
            "calendarobject" => Ok(Self::Object(ObjectId(id))),
            "file" => Ok(Self::File(FileId(id))),
            _ => Err(refuse()),
        }
    }
}
