//! The personal part of the envelope: the client's program and address, and the operator. It is
//! sealed together with the conditions of the request, which may contain paths (`If`, RFC 4918
//! §10.4).

use schemas::{Encoding, Metadata, Part, metadata::Conditions};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The decrypted contents of a sealed personal part of an envelope.
#[derive(Serialize, Deserialize)]
struct Hidden {
    /// The client's program and address, and the operator: JSON, as it is stored without
    /// encryption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    personal: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Conditions::is_empty")]
    conditions: Conditions,
}

/// Removes the personal part and the conditions from the metadata, and returns them as JSON.
/// Returns `None` if the metadata has neither, or if its personal part is sealed already.
pub(crate) fn take(metadata: &mut Metadata) -> Option<Vec<u8>> {
    if metadata.sealed.is_some() {
        return None;
    }
    let personal = metadata.personal();
    if personal.is_none() && metadata.conditions.is_empty() {
        return None;
    }
    let text = |part: Part| String::from_utf8(part.bytes.to_vec()).ok();
    let personal = personal.and_then(text).and_then(|text| RawValue::from_string(text).ok());
    let hidden = Hidden { personal, conditions: std::mem::take(&mut metadata.conditions) };
    metadata.client.agent.clear();
    metadata.client.address.clear();
    metadata.operator = None;
    Some(serde_json::to_vec(&hidden).expect("personal parts hold only strings and numbers"))
}

/// Puts the personal part and the conditions that [`take`] removed back into the metadata. The
/// conditions are put only into the first event of an append, which is the one that names the act.
///
/// Returns an error if the bytes are not the JSON that [`take`] returned.
pub(crate) fn put(metadata: &mut Metadata, hidden: &[u8]) -> serde_json::Result<()> {
    let Hidden { personal, conditions } = serde_json::from_slice(hidden)?;
    metadata.sealed = None;
    if let Some(personal) = personal {
        metadata.unseal(personal.get().as_bytes())?;
    }
    if metadata.act.is_some() {
        metadata.conditions = conditions;
    }
    Ok(())
}

/// Returns the placeholder for a sealed personal part whose key was destroyed.
pub(crate) fn erased() -> Part {
    Part { encoding: Encoding::ERASED, bytes: bytes::Bytes::new() }
}
