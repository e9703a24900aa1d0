//! Finds the resources directly below another resource.

use std::sync::Arc;

use dav::Privilege;
use projections::Collection;
use schemas::principal::PrincipalKind;
use service::sharing::{self, Delegation, Level};

use crate::{
    refusal::Refusal,
    resource::{Access, Resource, ResourceView, href::name_in_home, privileges},
};

/// Returns the collections and principals directly below `resource`; below the collection of all
/// homes also those of [`calendars_by_name`]. Leaves out retired principals, and homes without an
/// ACL that the caller neither owns nor administers. Calendar objects and files are not returned,
/// because they are streamed.
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
            homes.extend(calendars_by_name(access)?);
            homes
        }
        ResourceView::Home { owner, home: collection } | ResourceView::Collection { owner, collection }
            if collection.kind.holds_anything() =>
        {
            let owner = owner.id;
            let own = models.home(owner)?.into_iter().filter(|below| collection.is_parent_of(&below.name));
            let shared = access.shared_in(owner)?.into_iter();
            let shared = shared.filter(|shared| collection.is_parent_of(name_in_home(shared)));
            own.chain(shared)
                .map(|found| Resource::Collection { owner: found.home, collection: Box::new(found) })
                .collect()
        }
        // caldav-proxy §5.2: each principal with calendars has two delegates groups. A group has no
        // calendars, and therefore no delegates.
        ResourceView::Principal(entry) if entry.kind != PrincipalKind::Group => {
            [Delegation::Read, Delegation::Write].map(|delegation| Resource::Delegates(entry.id, delegation)).into()
        }
        ResourceView::Principal(_)
        | ResourceView::Delegates { .. }
        | ResourceView::Home { .. }
        | ResourceView::Collection { .. }
        | ResourceView::Member { .. } => vec![],
    })
}

/// Returns the calendars of other people that are shared with the caller, or with a group of the
/// caller, for reading or writing. Calendars in homes that the caller may read, and calendars that
/// appear in the caller's own home, are left out. The collection of all homes contains the returned
/// calendars, because `CALDAV:calendar-home-set` leads clients there.
fn calendars_by_name(access: Access<'_>) -> Result<Vec<Resource>, Refusal> {
    let Access { person, lookup } = access;
    let shares = sharing::received(lookup.models, &person.identities)?;
    let mut calendars: Vec<Collection> = vec![];
    for share in shares.into_iter().filter(|share| !share.is_of_home() && share.level >= Level::Read) {
        if calendars.iter().all(|known| known.id != share.on.id) {
            calendars.push(Arc::unwrap_or_clone(share.on));
        }
    }
    let in_own_home: Vec<_> = access.shared_in(person.id)?.iter().map(|shared| shared.id).collect();
    let mut found = vec![];
    for collection in calendars.into_iter().filter(|calendar| !in_own_home.contains(&calendar.id)) {
        let owner = collection.home;
        let home = lookup.models.outline(owner, "")?.map(|home| Resource::Home { owner, home: Box::new(home) });
        let reads_home = match &home {
            Some(home) => privileges::allows(person, &lookup.view(home)?, Privilege::Read),
            None => false,
        };
        if !reads_home {
            found.push(Resource::Collection { owner, collection: Box::new(collection) });
        }
    }
    Ok(found)
}
