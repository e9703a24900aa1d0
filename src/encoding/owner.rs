//! The owner of a stream: the principal under whose key its payloads are sealed.

use journal::{Append, Failure, Journal};
use moka::sync::Cache;
use schemas::{Encoding, PrincipalId, Revision, Stream};
use serde::Deserialize;

use crate::{
    cipher, compression,
    keys::{Keys, SERVER},
};

/// Maximum number of streams whose owner is cached.
const REMEMBERED: u64 = 100_000;

/// A cache of the owners of streams: the principals to whose homes the streams belong.
#[derive(Debug, Clone)]
pub(crate) struct Owners(Cache<Stream, PrincipalId>);

/// The fields by which the payload of an event names the home to which its stream belongs.
#[derive(Deserialize)]
struct Home {
    home: Option<PrincipalId>,
    sender_home: Option<PrincipalId>,
}

impl Owners {
    pub(crate) fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }

    /// Returns the principal under whose key the payloads of an append are sealed: the owner of its
    /// stream, and for an access journal the caller. Returns [`SERVER`] if no principal is known.
    pub(crate) async fn of(&self, journal: &dyn Journal, keys: &Keys, append: &Append) -> Result<PrincipalId, Failure> {
        match append.stream {
            Stream::Principal(id) => Ok(id),
            Stream::Access(_) => Ok(append.metadata.actor.unwrap_or(SERVER)),
            Stream::Server(_) => Ok(SERVER),
            stream @ (Stream::Collection(_) | Stream::Object(_) | Stream::File(_) | Stream::Share(_)) => {
                if let Some(known) = self.0.get(&stream) {
                    return Ok(known);
                }
                let named = append.events.iter().find_map(|event| home(&event.encoding, &event.data));
                let owner = match named {
                    Some(owner) => owner,
                    None => first(journal, keys, stream).await?.unwrap_or(SERVER),
                };
                self.0.insert(stream, owner);
                Ok(owner)
            }
        }
    }
}

/// Returns the principal whose home a payload names; `None` if it names none, or is not plain JSON.
fn home(encoding: &Encoding, data: &[u8]) -> Option<PrincipalId> {
    let read: Home = serde_json::from_slice(data).ok().filter(|_| *encoding == Encoding::JSON)?;
    read.home.or(read.sender_home)
}

/// Returns the owner of a stream, whom its first event names: in its payload or, if the payload is
/// sealed, by its key. Returns `None` if the stream is empty, if the payload names no home, or if
/// the vault lacks the key.
async fn first(journal: &dyn Journal, keys: &Keys, stream: Stream) -> Result<Option<PrincipalId>, Failure> {
    let Some(first) = journal.read_stream(stream, Revision(0), 1).await?.pop() else { return Ok(None) };
    if cipher::inner(&first.encoding).is_some() {
        return cipher::key_id(&first.data).map_or(Ok(None), |key| keys.subject(key));
    }
    let first = compression::expand(first)?;
    Ok(home(&first.encoding, &first.data))
}
