//! Checks that the caller has the privileges that a request needs.
//!
//! If a request is refused, and the caller may neither read the resource nor create one at its
//! path, the response does not reveal whether the resource exists. It is the same as for a missing
//! resource: 404, or 409 for a missing parent, if the caller may read a collection above the path,
//! otherwise 403 that names the requested path. Listings leave out resources that the caller may
//! not read.
//!
//! **Invariant:** no method and no report shows or changes a resource before it has checked the
//! access to the requested path here.

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

/// The caller, and the read models in which resources are looked up for the caller.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Access<'a> {
    pub person: &'a Person,
    pub lookup: Lookup<'a>,
}

impl Access<'_> {
    /// Returns the resource at `path` if the caller has `privilege` on it. Otherwise `Err`, as from
    /// [`Access::check`].
    pub(crate) fn resource(self, path: &Path, privilege: Privilege) -> Result<Resource, Refusal> {
        let resource = self.lookup.at(path)?.ok_or_else(|| self.missing(path))?;
        self.check(path, &resource, privilege)?;
        Ok(resource)
    }

    /// Returns an error unless the caller has `privilege` on the resource at `path` (RFC 3744
    /// §7.1.1).
    ///
    /// If the caller may not even read the resource, the response is the same as for a missing
    /// resource. It reveals neither that the resource exists nor which privilege is missing.
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
    /// Without that privilege, the response is the same whether or not the resource exists.
    pub(crate) fn removable(self, path: &Path) -> Result<Resource, Refusal> {
        let found = self.lookup.at(path)?;
        let missing = || self.missing(path);
        let parent = self.parent(path, Privilege::Unbind).map_err(|refusal| match refusal {
            Refusal::Condition(_) => refusal,
            // Without a parent collection, the resource does not exist either.
            _ => missing(),
        });
        match found {
            Some(found) => parent.map(|_| found),
            None => Err(parent.err().unwrap_or_else(missing)),
        }
    }

    /// Checks that the caller may replace the resource that already exists at the target path.
    ///
    /// If the caller lacks one of the privileges `needed`, and may neither read the resource nor
    /// create one at this path, the response is the same as for a missing resource.
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

    /// Returns the parent collection of `path`, with the owner of its home, if the caller has
    /// `privilege` on the collection.
    ///
    /// A collection that does not exist (RFC 4918 §9.7.1), and one on which the caller has neither
    /// `privilege` nor `DAV:read`, is refused with 409 if the caller could read a collection there,
    /// otherwise with 403 that names `path`.
    pub(crate) fn parent(self, path: &Path, privilege: Privilege) -> Result<(PrincipalId, Box<Collection>), Refusal> {
        let unreadable = || Refusal::needs_privilege(path.href(), Privilege::Read);
        let Some(parent) = path.parent() else {
            let refusal = Refusal::forbidden("clients cannot create or remove resources at this path");
            return Err(if self.would_be_readable(path)? { refusal } else { unreadable() });
        };
        let absent = || -> Result<Refusal, Refusal> {
            let refusal = Refusal::conflict("the parent collection does not exist; create it first");
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
            Resource::Member { .. } => Err(Refusal::conflict("the parent of this path is not a collection")),
            Resource::Root
            | Resource::Principals
            | Resource::Homes
            | Resource::Principal(_)
            | Resource::Delegates(..) => {
                Err(Refusal::forbidden("clients cannot create or remove resources at this path"))
            }
        }
    }

    /// Returns the calendars of other people that `sharee` has accepted, as they appear in the
    /// sharee's home. Empty unless the caller is the sharee or an administrator.
    pub(crate) fn shared_in(self, sharee: PrincipalId) -> Result<Vec<Collection>, Refusal> {
        if !owns_or_administers(self.person, sharee) {
            return Ok(vec![]);
        }
        let shown = self.lookup.models.shared_calendars(sharee)?.into_iter().map(|shared| self.lookup.shared(shared));
        Ok(shown.filter_map(Result::transpose).collect::<Result<_, _>>()?)
    }

    /// Returns true if `path` leads to (or into) a calendar of `owner` by its path in the home of a
    /// sharee.
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

    /// Returns which kinds of scheduling messages the caller may send in the name of a home's
    /// owner.
    ///
    /// The caller's privileges on the owner's outbox decide (RFC 6638 §6.2). If the outbox cannot
    /// be looked up, the caller may send none.
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

    /// Returns the href of a location for the body of a refusal; `None` for a calendar object or a
    /// file that does not exist, or that the caller may not read.
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

    /// Returns the refusal for a missing resource: 404 if the caller could read a resource at
    /// `path`, else 403.
    fn missing(self, path: &Path) -> Refusal {
        match self.would_be_readable(path) {
            Ok(true) => Refusal::NotFound,
            Ok(false) => Refusal::needs_privilege(path.href(), Privilege::Read),
            Err(refusal) => refusal,
        }
    }

    /// Returns true if the caller may read a collection above `path`, or owns or administers the
    /// home. Always true outside of homes.
    fn would_be_readable(self, path: &Path) -> Result<bool, Refusal> {
        let Some(owner) = path.owner() else { return Ok(true) };
        match self.lookup.directory.by_name(owner) {
            Some(owner) if owns_or_administers(self.person, owner.id) => return Ok(true),
            Some(_) => {}
            None => return Ok(self.person.is_administrator()),
        }
        let mut parent = path.parent();
        while let Some(path) = parent {
            // A collection that the caller may not read is treated as missing.
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
