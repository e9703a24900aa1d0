//! Checks of the places of calendar objects: their collections and names.

use calendar::{Refusal, object::NameHolder};
use schemas::{
    CollectionId, ObjectId, PrincipalId,
    collection::{CollectionKind, is_in_xml},
    object::Place,
};

use crate::{Service, error::Error};

impl Service {
    /// Returns the object at a place; `None` if the name is free.
    pub(crate) fn object_at(&self, place: &Place) -> Result<Option<ObjectId>, Error> {
        Ok(self.models.member(place.collection, &place.name)?.map(|member| member.object))
    }

    /// Returns the components that the calendar of a place accepts. Returns an error if the name is
    /// not allowed, or the collection is no calendar of this home.
    pub(crate) fn accepted(&self, home: PrincipalId, place: &Place) -> Result<Vec<String>, Error> {
        self.object_name_allowed(&place.name)?;
        let collection = self.collection_of(home, place.collection)?;
        if collection.kind != CollectionKind::Calendar {
            return Err(Refusal::OtherKind { collection: collection.name, wanted: "calendar" }.into());
        }
        Ok(collection.components)
    }

    pub(crate) fn collection_of(&self, home: PrincipalId, id: CollectionId) -> Result<projections::Collection, Error> {
        let collection = self.models.outline_by_id(id)?.filter(|collection| collection.home == home);
        Ok(collection.ok_or(Refusal::NotFound)?)
    }

    /// Checks the name of a collection or a file, which is a segment of paths below the home.
    pub(crate) fn name_allowed(&self, name: &str) -> Result<(), Refusal> {
        if name.contains('/') {
            return Err(Refusal::BadName { why: "the name contains a slash" });
        }
        self.object_name_allowed(name)
    }

    /// Checks the name of a calendar object. Clients derive it from the UID, which may contain a
    /// slash.
    fn object_name_allowed(&self, name: &str) -> Result<(), Refusal> {
        if name.is_empty() {
            return Err(Refusal::BadName { why: "the name is empty" });
        }
        if name.len() > self.settings.limits.max_name_length {
            return Err(Refusal::BadName { why: "the name has more octets of UTF-8 than max-name-length" });
        }
        if name.chars().any(|one| one.is_control() || !is_in_xml(one)) {
            return Err(Refusal::BadName { why: "the name contains a control character, or one that XML cannot hold" });
        }
        // RFC 3986 §5.2.4: clients remove these segments from a path before they send a request.
        if matches!(name, "." | "..") {
            return Err(Refusal::BadName { why: "`.` and `..` have a special meaning in paths" });
        }
        Ok(())
    }
}

/// Returns whether the name under which the object `id` is to be stored belongs to another object.
/// `resident`: the object that has the name. A free name counts as the object's own.
pub(crate) fn name_holder(resident: Option<ObjectId>, id: ObjectId) -> NameHolder {
    match resident {
        Some(resident) if resident != id => NameHolder::Another,
        Some(_) | None => NameHolder::Own,
    }
}
