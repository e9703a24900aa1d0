//! Stores calendar objects. In a shared calendar, the sharee's personal data is stored apart from
//! the owner's object (caldav-sharing §5.5.4).

use dav::Privilege;
use projections::{Collection, SharedAs};
use schemas::PrincipalId;
use service::{Error, Put, Written, sharing::PutShared};

use super::put::size_at;
use crate::{call::Call, refusal::Refusal, resource::Resource};

/// Returns the calendar of the object at the request's path, with its owner, if the path leads into
/// a shared calendar in a sharee's home and the caller may read the object. `None` otherwise.
pub(super) fn readable(call: &Call) -> Result<Option<(PrincipalId, Box<Collection>)>, Refusal> {
    let Some(found) = call.lookup().at(&call.path)? else { return Ok(None) };
    if call.access().check(&call.path, &found, Privilege::Read).is_err() {
        return Ok(None);
    }
    match found {
        Resource::Member { owner, collection, .. } if collection.shared_as.is_some() => Ok(Some((owner, collection))),
        Resource::Member { .. }
        | Resource::Root
        | Resource::Principals
        | Resource::Homes
        | Resource::Principal(_)
        | Resource::Delegates(..)
        | Resource::Home { .. }
        | Resource::Collection { .. } => Ok(None),
    }
}

/// The changes that a request may make when it stores an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct MayChange {
    /// False if the caller, a sharee, may change only their personal data, and not the owner's
    /// object.
    pub object: bool,
    /// For a COPY or MOVE, the bytes that the request then removes elsewhere in the same home: the
    /// size of the source of a MOVE within the home, otherwise 0. `None` for other requests.
    pub frees: Option<usize>,
}

impl MayChange {
    pub(super) const OBJECT: Self = Self { object: true, frees: None };
}

/// Stores an object and sends its scheduling messages. In a shared calendar, the sharee's personal
/// data is stored apart from the owner's object.
///
/// `None` if the request would change the owner's object and `may` forbids this.
pub(super) async fn store(
    call: &Call,
    collection: &Collection,
    put: Put,
    may: MayChange,
) -> Result<Option<Written>, Error> {
    let stamp = call.stamp(put.home);
    let bytes = put.ics.len() + size_at(call, &put.place)?;
    if let Some(SharedAs { id: share, sharee, .. }) = collection.shared_as.as_deref().cloned() {
        let own = call.stamp(sharee);
        let shared = PutShared { share, sharee, own, may_change: may.object, frees: may.frees };
        return call
            .command(Some(bytes), move |service| async move { service.put_shared(&stamp, put, shared).await })
            .await;
    }
    let stored = call.command(Some(bytes), move |service| async move {
        match may.frees {
            Some(frees) => service.put_freeing(&stamp, put, frees).await,
            None => service.put(&stamp, put).await,
        }
    });
    stored.await.map(Some)
}
