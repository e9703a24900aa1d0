//! Checks that the caller may do what the request asks for.
//!
//! A resource that the caller may not read looks like a missing one: both answer 404 if the caller
//! could read it there, and otherwise both answer 403 in the name of the requested path. Listings
//! leave out what the caller may not read.
//!
//! **Invariant:** every method and report asks here before it reads or writes.

use dav::{Privilege, PrivilegeSet};
use projections::Collection;
use schemas::PrincipalId;
use service::Sending;

use super::{
    Lookup, Path, Resource, ResourceView,
    href::{self, OUTBOX},
    privileges::{allows, owns_or_administers, privileges},
};
use crate::{
    person::Person,
    refusal::{Location, Refusal},
};

/// The caller, and where resources are looked up for them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Access<'a> {
    pub person: &'a Person,
    pub lookup: Lookup<'a>,
}

impl Access<'_> {
    /// Returns the resource at `path` if the caller has `privilege` on it.
    pub(crate) fn resource(self, path: &Path, privilege: Privilege) -> Result<Resource, Refusal> {
        let resource = self.lookup.at(path)?.ok_or_else(|| self.missing(path))?;
        self.check(path, &resource, privilege)?;
        Ok(resource)
    }

    /// Returns an error unless the caller has `privilege` on the resource at `path` (RFC 3744
    /// §7.1.1).
    ///
    /// A caller who may not even read it gets the same answer as for a missing one, so that the
    /// answer reveals neither its existence nor the privilege it needs.
    pub(crate) fn check(self, path: &Path, resource: &Resource, privilege: Privilege) -> Result<(), Refusal> {
        let view = self.lookup.view(resource)?;
        let held = privileges(self.person, &view);
        if held.contains(privilege) {
            return Ok(());
        }
        let may_read = held.contains(Privilege::Read);
        Err(if may_read { Refusal::needs_privilege(view.href(), privilege) } else { self.missing(path) })
    }

    /// Returns the resource at `path` if the caller may remove it from its collection (RFC 3744
    /// §3.10).
    ///
    /// Without the privilege the answer is the same whether or not the resource exists.
    pub(crate) fn removable(self, path: &Path) -> Result<Resource, Refusal> {
        let found = self.lookup.at(path)?;
        let missing = || self.missing(path);
        let parent = self.parent(path, Privilege::Unbind).map_err(|refusal| match refusal {
            Refusal::Condition(_) => refusal,
            // Without a parent collection the resource is missing, too.
            _ => missing(),
        });
        match found {
            Some(found) => parent.map(|_| found),
            None => Err(parent.err().unwrap_or_else(missing)),
        }
    }

    /// Checks that the caller may replace the resource that already exists at the target path.
    ///
    /// A caller who may not read it and may add nothing there gets the same answer as for a missing
    /// one.
    pub(crate) fn check_replaceable(
        self,
        path: &Path,
        resource: &Resource,
        needed: &[Privilege],
    ) -> Result<(), Refusal> {
        let held = privileges(self.person, &self.lookup.view(resource)?);
        if !held.contains(Privilege::Read) && !needed.iter().all(|needed| held.contains(*needed)) {
            self.parent(path, Privilege::Bind)?;
            return Err(Refusal::needs_privilege(path.href(), Privilege::Read));
        }
        needed.iter().try_for_each(|needed| self.check(path, resource, *needed))
    }

    /// Returns the collection that contains `path`, with the owner of its home, if the caller has
    /// `privilege` on it.
    ///
    /// `Err` with 409 if it does not exist (RFC 4918 §9.7.1). A caller who may not read it is
    /// refused in the name of `path` itself, as if there were a resource.
    pub(crate) fn parent(self, path: &Path, privilege: Privilege) -> Result<(PrincipalId, Box<Collection>), Refusal> {
        let unreadable = || Refusal::needs_privilege(path.href(), Privilege::Read);
        let Some(parent) = path.parent() else {
            let refusal = Refusal::forbidden("nothing can be created or removed here");
            return Err(if self.would_be_readable(path)? { refusal } else { unreadable() });
        };
        let absent = || -> Result<Refusal, Refusal> {
            let refusal = Refusal::conflict("the parent collection does not exist");
            Ok(if self.would_be_readable(&parent)? { refusal } else { unreadable() })
        };
        let Some(found) = self.lookup.summary_at(&parent)? else { return Err(absent()?) };
        let view = self.lookup.view(&found)?;
        let held = privileges(self.person, &view);
        if !held.contains(privilege) {
            let is_readable = held.contains(Privilege::Read);
            return Err(if is_readable { Refusal::needs_privilege(view.href(), privilege) } else { absent()? });
        }
        match found {
            Resource::Collection { owner, collection } | Resource::Home { owner, home: collection } => {
                Ok((owner, collection))
            }
            Resource::Member { .. } => Err(Refusal::conflict("the parent is not a collection")),
            Resource::Root
            | Resource::Principals
            | Resource::Homes
            | Resource::Principal(_)
            | Resource::Delegates(..) => Err(Refusal::forbidden("nothing can be created or removed here")),
        }
    }

    /// Returns the calendars of others in the home of `sharee`, as they appear there: to the sharee
    /// and administrators only.
    pub(crate) fn shared_in(self, sharee: PrincipalId) -> Result<Vec<Collection>, Refusal> {
        if !owns_or_administers(self.person, sharee) {
            return Ok(vec![]);
        }
        let shown = self.lookup.models.shared_calendars(sharee)?.into_iter().map(|shared| self.lookup.shared(shared));
        Ok(shown.filter_map(Result::transpose).collect::<Result<_, _>>()?)
    }

    /// Returns true if `path` leads to a calendar of `owner` that appears in the home of a sharee,
    /// or into it.
    pub(crate) fn is_shared_by(self, owner: PrincipalId, path: &Path) -> bool {
        let paths = [path.parent(), Some(path.clone())];
        let found = paths.iter().flatten().filter_map(|path| self.lookup.summary_at(path).ok().flatten());
        found.into_iter().any(|found| match found {
            Resource::Collection { collection, .. } | Resource::Member { collection, .. } => {
                collection.home == owner && collection.shared_as.is_some()
            }
            Resource::Root
            | Resource::Principals
            | Resource::Homes
            | Resource::Principal(_)
            | Resource::Delegates(..)
            | Resource::Home { .. } => false,
        })
    }

    /// Returns which scheduling messages the caller may send in the name of the owner of a home.
    ///
    /// The privileges on the outbox decide (RFC 6638 §6.2); an outbox that cannot be looked up
    /// grants none.
    pub(crate) fn sending(self, owner: PrincipalId) -> Sending {
        if owns_or_administers(self.person, owner) {
            return Sending::EVERYTHING;
        }
        let held = self.on_outbox(owner).unwrap_or_default();
        Sending {
            invitations: held.contains(Privilege::ScheduleSendInvite),
            replies: held.contains(Privilege::ScheduleSendReply),
        }
    }

    fn on_outbox(self, owner: PrincipalId) -> Option<PrivilegeSet> {
        let outbox = self.lookup.models.outline(owner, OUTBOX).ok().flatten()?;
        let owner = self.lookup.directory.by_id(owner)?;
        Some(privileges(self.person, &ResourceView::Collection { owner, collection: &outbox }))
    }

    /// Returns the href of a location that a refusal names; `None` if the caller may not know it.
    pub(crate) fn href(self, location: &Location) -> Option<String> {
        match location {
            Location::Href(href) => Some(href.clone()),
            Location::Outbox(owner) => {
                let owner = self.lookup.directory.by_id(*owner).map(|owner| owner.short_name.as_str());
                Some(href::collection(owner.unwrap_or_default(), OUTBOX))
            }
            Location::Place(place) => {
                let resource = self.lookup.member(place)?;
                let view = self.lookup.view(&resource).ok()?;
                allows(self.person, &view, Privilege::Read).then(|| view.href())
            }
        }
    }

    /// Returns the refusal for a missing resource: 404 if the caller could have read it there, else
    /// 403.
    fn missing(self, path: &Path) -> Refusal {
        match self.would_be_readable(path) {
            Ok(true) => Refusal::NotFound,
            Ok(false) => Refusal::needs_privilege(path.href(), Privilege::Read),
            Err(refusal) => refusal,
        }
    }

    /// Returns true if the caller could read a resource that inherits its privileges from the
    /// collections above `path`.
    fn would_be_readable(self, path: &Path) -> Result<bool, Refusal> {
        let Some(owner) = path.owner() else { return Ok(true) };
        match self.lookup.directory.by_name(owner) {
            Some(owner) if owns_or_administers(self.person, owner.id) => return Ok(true),
            Some(_) => {}
            None => return Ok(self.person.is_administrator()),
        }
        let mut parent = path.parent();
        while let Some(path) = parent {
            // A collection that the caller may not read counts as missing.
            if let Some(found) = self.lookup.summary_at(&path)?
                && allows(self.person, &self.lookup.view(&found)?, Privilege::Read)
            {
                return Ok(true);
            }
            parent = path.parent();
        }
        Ok(false)
    }
}
