//! Access control lists and properties of single resources and principals.

use calendar::{
    Refusal, file,
    object::{self, ChangeAcl, ChangeProperties, Command, Object},
    principal::{self, Principal},
};
use schemas::{
    PrincipalId,
    access::AccessControlEntry,
    collection::{Property, PropertyName},
    object::Place,
};

use crate::{Require, Service, clock::Stamp, error::Error, freshness::Subject, store::Executed};

/// Kind of a member of a collection that is not itself a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A calendar object.
    Object,
    /// A file of a home or a plain collection.
    File,
}

/// The access control list and the dead properties that a resource gets in the same append as its
/// content. If the content were appended first, people whom the list denies could read it
/// meanwhile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// New entries of the access control list, which replace all present ones; `None`: the present
    /// ones stay.
    pub acl: Option<Vec<AccessControlEntry>>,
    /// Dead properties to set.
    pub set: Vec<Property>,
    /// Names of dead properties to remove.
    pub removed: Vec<PropertyName>,
}

impl Attributes {
    /// Returns true if these attributes contain neither an access control list nor a dead property
    /// to set or remove.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the commands that give these attributes to the calendar object at a place. The first
    /// is `None` without a new access control list, the second without dead properties to set or
    /// remove.
    pub(crate) fn of_object(&self, place: &Place) -> (Option<ChangeAcl>, Option<ChangeProperties>) {
        let Self { acl, set, removed } = self.clone();
        let acl = acl.map(|entries| ChangeAcl { place: place.clone(), entries });
        let has_properties = !set.is_empty() || !removed.is_empty();
        (acl, has_properties.then(|| ChangeProperties { place: place.clone(), set, removed }))
    }

    /// Returns the commands that give these attributes to the file at a place.
    pub(crate) fn of_file(self, place: &Place) -> impl Iterator<Item = file::Command> + use<> {
        let (acl, properties) = self.of_object(place);
        let acl = acl.map(|ChangeAcl { place, entries }| file::Command::ChangeAcl { place, entries });
        let properties = properties.map(|ChangeProperties { place, set, removed }| file::Command::ChangeProperties {
            place,
            set,
            removed,
        });
        acl.into_iter().chain(properties)
    }
}

/// Returns the command that stores an object, followed by those of its attributes.
pub(crate) fn with_attributes<'a>(
    put: &'a object::Put,
    (acl, properties): &'a (Option<ChangeAcl>, Option<ChangeProperties>),
) -> Vec<Command<'a>> {
    let acl = acl.iter().map(Command::ChangeAcl);
    std::iter::once(Command::Put(put)).chain(acl).chain(properties.iter().map(Command::ChangeProperties)).collect()
}

impl Service {
    /// Replaces the access control list of a member of a collection (`ACL`, RFC 3744 §8.1).
    pub async fn change_member_acl(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        (kind, place, require): (MemberKind, Place, Require),
        entries: Vec<AccessControlEntry>,
    ) -> Result<(), Error> {
        let _home = self.lock_home(home).await?;
        match kind {
            MemberKind::Object => {
                let change = ChangeAcl { place: place.clone(), entries };
                self.change_object(stamp, home, (&place, &require), &Command::ChangeAcl(&change)).await
            }
            MemberKind::File => {
                self.change_file(stamp, home, &require, file::Command::ChangeAcl { place, entries }).await
            }
        }
    }

    /// Changes the dead properties of a member of a collection. All changes are stored or none
    /// (`PROPPATCH`, RFC 4918 §9.2).
    pub async fn change_member_properties(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        (kind, place, require): (MemberKind, Place, Require),
        set: Vec<Property>,
        removed: Vec<PropertyName>,
    ) -> Result<(), Error> {
        let _home = self.lock_home(home).await?;
        self.has_room_for_properties(home, &set)?;
        match kind {
            MemberKind::Object => {
                let change = ChangeProperties { place: place.clone(), set, removed };
                self.change_object(stamp, home, (&place, &require), &Command::ChangeProperties(&change)).await
            }
            MemberKind::File => {
                let command = file::Command::ChangeProperties { place, set, removed };
                self.change_file(stamp, home, &require, command).await
            }
        }
    }

    pub(crate) async fn change_object(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        (place, require): (&Place, &Require),
        command: &Command<'_>,
    ) -> Result<(), Error> {
        let id = self.object_at(place)?.ok_or(Refusal::NotFound)?;
        let decide = |object: &Object| {
            let content = object.at(place).map(|known| &known.content);
            let schedule_tag = content.and_then(|content| content.schedule_tag.as_deref());
            require.check_tags(content.map(|content| content.etag.as_str()), schedule_tag)?;
            self.decide_object(stamp, home, command, object)
        };
        let executed = self.store.execute::<Object>(Subject::Home(home), id, stamp, decide).await?;
        self.applied(executed.position).await
    }

    /// Changes the dead properties of a principal. All changes are stored or none (`PROPPATCH`, RFC
    /// 4918 §9.2).
    pub async fn change_principal_properties(
        &self,
        stamp: &Stamp,
        id: PrincipalId,
        set: Vec<Property>,
        removed: Vec<PropertyName>,
    ) -> Result<(), Error> {
        let command = principal::Command::ChangeProperties { set, removed };
        let decide = |known: &Principal| Ok(principal::decide(known, &command)?);
        let Executed { position, .. } = self.store.execute::<Principal>(Subject::Directory, id, stamp, decide).await?;
        self.applied(position).await
    }
}
