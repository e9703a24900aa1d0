//! Facts about files: what homes and plain collections hold (RFC 4918 §9.7.1). One stream for each place.

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
    pub home: PrincipalId,
    pub place: Place,
    /// As the client said it, with its parameters (RFC 9110 §8.3).
    pub media_type: String,
    /// Base64 in JSON: a file need not be text.
    #[serde(with = "encoded")]
    pub data: Vec<u8>,
    /// Without quotes.
    pub etag: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRemoved {
    pub place: Place,
}

/// Who may do what with a file was set, all of it (RFC 3744 §8.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileAclChanged {
    pub place: Place,
    /// All entries that a client set, in its order; those before are gone.
    pub entries: Vec<AccessControlEntry>,
}

/// Properties of a file were set and removed (RFC 4918 §9.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilePropertiesChanged {
    pub place: Place,
    #[serde(default)]
    pub set: Vec<Property>,
    #[serde(default)]
    pub removed: Vec<PropertyName>,
}

/// Bytes as base64 with padding (RFC 4648 §4).
mod encoded {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(data: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(data))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
