//! The authenticated caller.

use std::{collections::BTreeSet, sync::Arc};

use projections::{Directory, Entry};
use schemas::{PrincipalId, metadata::Authentication};

/// An authenticated principal, with the directory as it was when the request arrived.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub id: PrincipalId,
    /// The principal and every group that contains it, directly or through other groups.
    pub identities: BTreeSet<PrincipalId>,
    pub directory: Arc<Directory>,
    /// How they proved who they are.
    pub auth: Authentication,
    /// True for a request below `/asof/`: the right to read was checked for the whole home.
    is_auditing: bool,
}

impl Person {
    /// A principal who gave the password of the account.
    pub(crate) fn new(id: PrincipalId, directory: Arc<Directory>) -> Self {
        Self::authenticated(id, directory, Authentication::Password)
    }

    /// A principal who proved it in a certain way.
    pub(crate) fn authenticated(id: PrincipalId, directory: Arc<Directory>, auth: Authentication) -> Self {
        Self { id, identities: directory.identities_of(id), directory, auth, is_auditing: false }
    }

    /// Returns the caller with the right to read everything, for requests below `/asof/`.
    #[must_use]
    pub(crate) fn auditing(&self) -> Self {
        Self { is_auditing: true, ..self.clone() }
    }

    /// Returns the principal's entry in the directory; `None` if it was retired during the request.
    pub(crate) fn entry(&self) -> Option<&Entry> {
        self.directory.by_id(self.id)
    }

    pub(crate) fn is_administrator(&self) -> bool {
        self.is_auditing || self.entry().is_some_and(|entry| entry.administrator)
    }
}
