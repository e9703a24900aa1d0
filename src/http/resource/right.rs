//! Describes the right by which the caller acts in a home, for the journal.
//!
//! **Invariant:** this module only describes the right. `access` decides whether the act is
//! allowed.

use dav::{Evaluation, Privilege};
use projections::Failure;
use schemas::{
    FileId, PrincipalId, Right, Stream,
    access::{AccessControlEntry, Effect},
    metadata::Ground,
};

use super::{
    Access, Path, Resource,
    privileges::{SetOn, applies_to, entries, named},
};

impl Access<'_> {
    /// Returns the right by which the caller applies the HTTP `method` to the resource at `path`,
    /// in the home of `owner`.
    ///
    /// The right names the first ACL entry that grants the privilege, if there is one.
    pub(crate) fn right(self, owner: PrincipalId, path: Option<&Path>, method: &str) -> Right {
        if self.person.id == owner {
            return Right::of(Ground::Owner);
        }
        if self.person.is_administrator() {
            return Right::of(Ground::Administrator);
        }
        let granted = path.and_then(|path| self.granted(path, method).ok().flatten());
        granted.unwrap_or(Right::of(Ground::Entry))
    }

    fn granted(self, path: &Path, method: &str) -> Result<Option<Right>, Failure> {
        let itself = self.lookup.summary_at(path)?;
        let privilege = match method {
            "PUT" if itself.is_some() => Privilege::WriteContent,
            "PROPPATCH" => Privilege::WriteProperties,
            "ACL" => Privilege::WriteAcl,
            "DELETE" | "MOVE" => Privilege::Unbind,
            _ => Privilege::Bind,
        };
        // RFC 3744 §3.9, §3.10: adding and removing a member needs a privilege on the collection,
        // not on the member.
        let is_of_parent = matches!(privilege, Privilege::Bind | Privilege::Unbind) && method != "POST";
        let resource = match path.parent().filter(|_| is_of_parent) {
            Some(parent) => self.lookup.summary_at(&parent)?,
            None => itself,
        };
        let Some(resource) = resource else { return Ok(None) };
        let Ok(view) = self.lookup.view(&resource) else { return Ok(None) };
        let mut grants = entries(&view).filter(|(entry, _)| applies_to(entry, self.person));
        let Some((entry, set_on)) = grants.find(|(entry, _)| grants_privilege(entry, privilege)) else {
            return Ok(None);
        };
        let on = match set_on {
            SetOn::Itself => stream(&resource),
            SetOn::Ancestor(name) => self.collection(&resource, name)?,
        };
        let (to, except) = if entry.inverted { (None, Some(entry.to)) } else { (Some(entry.to), None) };
        Ok(Some(Right { by: Ground::Entry, on: on.map(|stream| stream.to_string()), to, except }))
    }

    fn collection(self, resource: &Resource, name: &str) -> Result<Option<Stream>, Failure> {
        let (Resource::Member { owner, .. } | Resource::Collection { owner, .. } | Resource::Home { owner, .. }) =
            resource
        else {
            return Ok(None);
        };
        let found = self.lookup.models.outline(*owner, name)?;
        Ok(found.map(|collection| Stream::Collection(collection.id)))
    }
}

fn grants_privilege(entry: &AccessControlEntry, privilege: Privilege) -> bool {
    let mut evaluation = Evaluation::default();
    named(entry).for_each(|granted| evaluation.grant(granted));
    entry.effect == Effect::Grant && evaluation.held().contains(privilege)
}

/// Returns the stream that holds the ACL of the resource itself; `None` outside of homes.
fn stream(resource: &Resource) -> Option<Stream> {
    match resource {
        Resource::Member { collection, member, .. } if collection.kind.holds_anything() => {
            Some(Stream::File(FileId(member.object.0)))
        }
        Resource::Member { member, .. } => Some(Stream::Object(member.object)),
        Resource::Collection { collection, .. } | Resource::Home { home: collection, .. } => {
            Some(Stream::Collection(collection.id))
        }
        Resource::Root | Resource::Principals | Resource::Homes | Resource::Principal(_) | Resource::Delegates(..) => {
            None
        }
    }
}
