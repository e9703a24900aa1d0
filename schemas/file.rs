//! Facts about files, which homes and plain collections may contain (RFC 4918 §9.7.1). Each name in
//! a collection has its own stream.

use serde::{Deserialize, Serialize};

use crate::{
    PrincipalId,
    access::AccessControlEntry,
    collection::{Property, PropertyName},
    object::Place,
};

/// A file was stored: created, or replaced as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileStored {
    /// The home to which the file belongs.
    pub home: PrincipalId,
    /// The path of the file.
    pub place: Place,
    /// The media type with its parameters (RFC 9110 §8.3), as a client or the server gave it.
    pub media_type: String,
    /// The bytes of the file, as base64 in JSON, because a file need not be text.
    #[serde(with = "encoded")]
    pub data: Vec<u8>,
    /// The ETag, without quotes.
    pub etag: String,
}

/// A file was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRemoved {
    /// The path of the file before it was removed.
    pub place: Place,
}

/// The ACL of a file was replaced (RFC 3744 §8.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileAclChanged {
    /// The path of the file.
    pub place: Place,
    /// The new access control entries, in the order in which they are evaluated.
    pub entries: Vec<AccessControlEntry>,
}

/// Properties of a file were set and removed, such as by `PROPPATCH` (RFC 4918 §9.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilePropertiesChanged {
    /// The path of the file.
    pub place: Place,
    /// The properties that were set, with their new values.
    #[serde(default)]
    pub set: Vec<Property>,
    /// The names of the properties that were removed.
    #[serde(default)]
    pub removed: Vec<PropertyName>,
}

/// Serialises bytes as base64 with padding (RFC 4648 §4).
pub(crate) mod encoded {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(data: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(data))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
