//! How much a home may hold (RFC 4331): what clients store there, dead properties too, is counted, as the read models
//! keep the sum of it.
//!
//! What is delivered there by others is counted, too, and never refused: nobody misses an invitation for want of room.

use calendar::Refusal;
use schemas::{PrincipalId, collection::Property, object::Place};

use crate::{Service, error::Error};

impl Service {
    /// Bytes that may still be stored in a home; `None`: as many as anybody likes.
    pub fn quota_available(&self, home: PrincipalId) -> Result<Option<u64>, Error> {
        let Some(limit_bytes) = self.settings.limits.quota_bytes else { return Ok(None) };
        Ok(Some(limit_bytes.saturating_sub(self.models.size(home, "")?)))
    }

    /// Refuses properties that would take the home beyond its quota, whatever they replace.
    pub(crate) fn has_room_for_properties(&self, home: PrincipalId, set: &[Property]) -> Result<(), Error> {
        let Some(limit_bytes) = self.settings.limits.quota_bytes else { return Ok(()) };
        let bytes = set.iter().map(Property::bytes).sum::<usize>() as u64;
        if bytes > limit_bytes.saturating_sub(self.models.size(home, "")?) {
            return Err(Refusal::QuotaExceeded { limit_bytes }.into());
        }
        Ok(())
    }

    /// Refuses what would take the home beyond its quota. What takes less room than what it replaces, and what goes
    /// elsewhere in the home by the same request, is always stored.
    pub(crate) fn has_room(&self, home: PrincipalId, place: &Place, bytes: usize, frees: usize) -> Result<(), Error> {
        let Some(limit_bytes) = self.settings.limits.quota_bytes else { return Ok(()) };
        let replaced = self.models.member(place.collection, &place.name)?.map_or(0, |member| member.size);
        let grown = bytes.saturating_sub(replaced).saturating_sub(frees) as u64;
        if grown > limit_bytes.saturating_sub(self.models.size(home, "")?) {
            return Err(Refusal::QuotaExceeded { limit_bytes }.into());
        }
        Ok(())
    }
}
