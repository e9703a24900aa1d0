//! Access control lists and properties of single resources and principals.

use calendar::{
    Refusal, file,
    object::{ChangeAcl, ChangeProperties, Command},
    principal::{self, Principal},
};
use schemas::{
    PrincipalId,
    access::AccessControlEntry,
    collection::{Property, PropertyName},
    object::Place,
};

use crate::{Service, clock::Stamp, error::Error, freshness::Subject, store::Executed};

/// The kinds of resources that collections have as members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A calendar object.
    Object,
    /// A file of a home or a plain collection.
    File,
}

impl Service {
    /// Replaces the access control list of a member of a collection (`ACL`, RFC 3744 §8.1).
    pub async fn change_member_acl(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        (kind, place): (MemberKind, Place),
        entries: Vec<AccessControlEntry>,
    ) -> Result<(), Error> {
        let _home = self.lock_home(home).await?;
        match kind {
            MemberKind::Object => {
                let change = ChangeAcl { place: place.clone(), entries };
                self.change_object(stamp, home, &place, &Command::ChangeAcl(&change)).await
            }
            MemberKind::File => self.change_file(stamp, home, file::Command::ChangeAcl { place, entries }).await,
        }
    }

    /// Changes the dead properties of a member of a collection. All changes are stored or none
    /// (`PROPPATCH`, RFC 4918 §9.2).
    pub async fn change_member_properties(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        (kind, place): (MemberKind, Place),
        set: Vec<Property>,
        removed: Vec<PropertyName>,
    ) -> Result<(), Error> {
        let _home = self.lock_home(home).await?;
        self.has_room_for_properties(home, &set)?;
        match kind {
            MemberKind::Object => {
                let change = ChangeProperties { place: place.clone(), set, removed };
                self.change_object(stamp, home, &place, &Command::ChangeProperties(&change)).await
            }
            MemberKind::File => {
                self.change_file(stamp, home, file::Command::ChangeProperties { place, set, removed }).await
            }
        }
    }

    pub(crate) async fn change_object(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        place: &Place,
        command: &Command<'_>,
    ) -> Result<(), Error> {
        let id = self.object_at(place)?.ok_or(Refusal::NotFound)?;
        let executed = self.execute_object(stamp, home, id, command).await?;
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
