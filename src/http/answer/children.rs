//! The resources directly below another.

use crate::{
    refusal::Refusal,
    resource::{Access, Resource, ResourceView, privileges},
};

/// Returns the resources directly below another, without members of collections: those are
/// streamed.
pub(crate) fn children(access: Access<'_>, resource: &ResourceView<'_>) -> Result<Vec<Resource>, Refusal> {
    let Access { person, lookup } = access;
    let (directory, models) = (lookup.directory, lookup.models);
    Ok(match resource {
        ResourceView::Root => vec![Resource::Principals, Resource::Homes],
        ResourceView::Principals => directory.present().map(|entry| Resource::Principal(entry.id)).collect(),
        ResourceView::Homes => {
            let shared = models.shared_homes()?;
            let mut homes = Vec::new();
            for owner in directory.all() {
                let home = if privileges::owns_or_administers(person, owner.id) {
                    models.collection(owner.id, "")?
                } else {
                    shared.iter().find(|home| home.home == owner.id).cloned()
                };
                homes.extend(home.map(|home| Resource::Home { owner: owner.id, home: Box::new(home) }));
            }
            homes
        }
        ResourceView::Home { owner, home: collection } | ResourceView::Collection { owner, collection }
            if collection.kind.holds_anything() =>
        {
            let owner = owner.id;
            let below = models.home(owner)?.into_iter().filter(|below| collection.is_parent_of(&below.name));
            below.map(|collection| Resource::Collection { owner, collection: Box::new(collection) }).collect()
        }
        ResourceView::Principal(_)
        | ResourceView::Home { .. }
        | ResourceView::Collection { .. }
        | ResourceView::Member { .. } => vec![],
    })
}
