//! Access control lists and properties of single resources and principals.

use calendar::{
    Refusal,
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

impl Service {
    /// `ACL` on a calendar object (RFC 3744 §8.1): these entries in place of those before.
    pub async fn change_object_acl(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        place: Place,
        entries: Vec<AccessControlEntry>,
    ) -> Result<(), Error> {
        let _home = self.lock_home(home).await?;
        let change = ChangeAcl { place: place.clone(), entries };
        self.change_object(stamp, home, &place, &Command::ChangeAcl(&change)).await
    }

    /// `PROPPATCH` of a calendar object: all of it or nothing.
    pub async fn change_object_properties(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        place: Place,
        set: Vec<Property>,
        removed: Vec<PropertyName>,
    ) -> Result<(), Error> {
        let _home = self.lock_home(home).await?;
        self.has_room_for_properties(home, &set)?;
        let change = ChangeProperties { place: place.clone(), set, removed };
        self.change_object(stamp, home, &place, &Command::ChangeProperties(&change)).await
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

    /// `PROPPATCH` of a principal: all of it or nothing.
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
