//! Rights of a person over everybody's calendars.

use calendar::{
    Refusal,
    principal::{Command, Principal},
};
use schemas::{PrincipalId, principal::Profile};

use crate::{Service, clock::Stamp, error::Error, freshness::Subject};

/// What a person may do beyond their own home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// Everything.
    pub administrator: bool,
    /// Look at the history of everybody.
    pub auditor: bool,
}

impl Service {
    /// Gives a person these rights, and leaves everything else as it is. Writes nothing if they
    /// have them.
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
