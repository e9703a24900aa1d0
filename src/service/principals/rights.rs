//! Sets the rights of a person over all homes.

use calendar::{
    Refusal,
    principal::{Command, Principal},
};
use schemas::{PrincipalId, principal::Profile};

use crate::{Service, clock::Stamp, error::Error, freshness::Subject};

/// The rights of a person over all homes. Shares and delegations are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// True if the person may do everything.
    pub administrator: bool,
    /// True if the person may read the history of all homes.
    pub auditor: bool,
}

impl Service {
    /// Sets the rights of a person and changes nothing else. Writes nothing if the person has
    /// exactly these rights.
    pub async fn set_rights(&self, stamp: &Stamp, id: PrincipalId, rights: Rights) -> Result<(), Error> {
        let _alone = self.registrations.lock().await;
        self.fresh(Subject::Directory).await?;
        let loaded = self.store.load::<Principal>(id).await?;
        let Principal::Registered(known) = &*loaded.state else { return Err(Refusal::NotFound.into()) };
        let Rights { administrator, auditor } = rights;
        let profile = Profile { administrator, auditor, ..known.profile.clone() };
        let command = Command::Register { short_name: known.short_name.clone(), kind: known.kind, profile };
        let plan = self.plan(id, &[command]).await?;
        self.apply(stamp, vec![plan]).await
    }
}
