//! The quota of a home (RFC 4331) limits the bytes of bodies, dead properties and the personal data
//! of a sharee, which the read models sum up.
//!
//! Deliveries count too, but are never refused: a full home still receives invitations.

use calendar::Refusal;
use schemas::{PrincipalId, collection::Property, object::Place};

use crate::{Service, error::Error};

/// Maximum number of collections in a home. Many requests read all of them.
const MAX_COLLECTIONS: usize = 1_000;
/// Maximum number of access control entries of all collections of a home together. The entries of a
/// collection also apply to all collections below it.
const MAX_ENTRIES: usize = 2_000;

impl Service {
    /// Returns the quota of a home in bytes: the one that was set for its owner, or else the
    /// general one. `None` if there is no quota.
    pub fn quota(&self, home: PrincipalId) -> Option<u64> {
        let own = self.models.directory().by_id(home).and_then(|entry| entry.quota_bytes);
        own.map_or(self.settings.limits.quota_bytes, |bytes| Some(bytes).filter(|bytes| *bytes > 0))
    }

    /// Returns the bytes that may still be stored in a home; `None` if there is no quota.
    pub fn quota_available(&self, home: PrincipalId) -> Result<Option<u64>, Error> {
        let Some(limit_bytes) = self.quota(home) else { return Ok(None) };
        Ok(Some(limit_bytes.saturating_sub(self.models.size(home, "")?)))
    }

    /// Returns an error if the home already has the maximum number of collections.
    pub(crate) fn has_room_for_collection(&self, home: PrincipalId) -> Result<(), Error> {
        if self.models.counts(home)?.collections >= MAX_COLLECTIONS {
            return Err(Refusal::TooManyCollections { limit: MAX_COLLECTIONS }.into());
        }
        Ok(())
    }

    /// Returns an error if `added` further access control entries would exceed the maximum of a
    /// home.
    pub fn has_room_for_entries(&self, home: PrincipalId, added: usize) -> Result<(), Error> {
        if added > 0 && self.models.counts(home)?.entries + added > MAX_ENTRIES {
            return Err(Refusal::TooManyEntries { limit: MAX_ENTRIES }.into());
        }
        Ok(())
    }

    /// Returns an error if the properties would exceed the home's quota. Properties that they
    /// replace are not subtracted.
    pub(crate) fn has_room_for_properties(&self, home: PrincipalId, set: &[Property]) -> Result<(), Error> {
        let Some(limit_bytes) = self.quota(home) else { return Ok(()) };
        let bytes = set.iter().map(Property::bytes).sum::<usize>() as u64;
        if bytes > limit_bytes.saturating_sub(self.models.size(home, "")?) {
            return Err(Refusal::QuotaExceeded { limit_bytes }.into());
        }
        Ok(())
    }

    /// Returns an error if a body of `bytes` at this place would exceed the home's quota. The body
    /// that it replaces, and `frees` bytes that the same request removes elsewhere in the home, are
    /// subtracted first.
    pub(crate) fn has_room(&self, home: PrincipalId, place: &Place, bytes: usize, frees: usize) -> Result<(), Error> {
        let Some(limit_bytes) = self.quota(home) else { return Ok(()) };
        let replaced = self.models.member(place.collection, &place.name)?.map_or(0, |member| member.size);
        let grown = bytes.saturating_sub(replaced).saturating_sub(frees) as u64;
        if grown > limit_bytes.saturating_sub(self.models.size(home, "")?) {
            return Err(Refusal::QuotaExceeded { limit_bytes }.into());
        }
        Ok(())
    }
}
