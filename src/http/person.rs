//! The authenticated caller.

use std::{collections::BTreeSet, sync::Arc};

use projections::{Collection, Directory, Entry};
use schemas::{Position, PrincipalId, metadata::Authentication};

/// An authenticated principal, with the directory as it was when the request arrived.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub id: PrincipalId,
    /// The principal and every group that contains it, directly or through other groups.
    pub identities: BTreeSet<PrincipalId>,
    pub directory: Arc<Directory>,
    /// How they proved who they are.
    pub auth: Authentication,
    /// The position since which they have been in their groups; the start for a request below
    /// `/asof/`, where nothing is newer.
    member_since: Position,
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
        let identities = directory.identities_of(id);
        let member_since = directory.by_id(id).map_or(Position::START, |entry| entry.groups_since);
        Self { id, identities, directory, auth, member_since, is_auditing: false }
    }

    /// Returns the caller of a request below `/asof/`: changes of groups since then have no part in
    /// its tokens.
    #[must_use]
    pub(crate) fn in_the_past(&self) -> Self {
        Self { member_since: Position::START, ..self.clone() }
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

    /// Returns a collection with the position of its last change for the caller: what they may read
    /// there may follow from the groups they are in, so that a change of these is one of the
    /// collection (RFC 6578 §3.5, RFC 9110 §8.8.1).
    #[must_use]
    pub(crate) fn sees(&self, collection: Collection) -> Collection {
        let since = self.groups_since_for(&collection);
        let (born, changed) = (collection.born.max(since), collection.changed.max(since));
        Collection { born, changed, ..collection }
    }

    /// Returns the position since which the caller has been in the groups that decide what they may
    /// read in a collection; the start if no group does.
    pub(crate) fn groups_since_for(&self, collection: &Collection) -> Position {
        let is_by_right = collection.home == self.id || collection.kind.holds_anything();
        if is_by_right { Position::START } else { self.groups_since() }
    }

    /// Returns the position since which the caller has been in their groups; the start for
    /// administrators, who read everything.
    pub(crate) fn groups_since(&self) -> Position {
        if self.is_administrator() { Position::START } else { self.member_since }
    }

    pub(crate) fn is_administrator(&self) -> bool {
        self.is_auditing || self.entry().is_some_and(|entry| entry.administrator)
    }
}
