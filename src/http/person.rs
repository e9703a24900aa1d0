//! The authenticated caller.

use std::{collections::BTreeSet, sync::Arc};

use projections::{Collection, Directory, Entry};
use schemas::{Position, PrincipalId, metadata::Authentication};

/// An authenticated principal, with the directory as it was when the request arrived.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub id: PrincipalId,
    /// The ids of the principal itself and of every group that contains it, directly or through
    /// other groups.
    pub identities: BTreeSet<PrincipalId>,
    pub directory: Arc<Directory>,
    /// The way in which the caller was authenticated.
    pub auth: Authentication,
    /// Position of the last change of the caller's groups; `Position::START` if there was none, and
    /// for a request below `/asof/`, because a past state never changes.
    member_since: Position,
    /// True for a request below `/asof/` about another person's home: the caller's right to read
    /// was checked for the whole home.
    is_auditing: bool,
}

impl Person {
    /// Returns a caller who authenticated with the password of the account.
    pub(crate) fn new(id: PrincipalId, directory: Arc<Directory>) -> Self {
        Self::authenticated(id, directory, Authentication::Password)
    }

    /// Returns a caller who authenticated in the way that `auth` names.
    pub(crate) fn authenticated(id: PrincipalId, directory: Arc<Directory>, auth: Authentication) -> Self {
        let identities = directory.identities_of(id);
        let member_since = directory.by_id(id).map_or(Position::START, |entry| entry.groups_since);
        Self { id, identities, directory, auth, member_since, is_auditing: false }
    }

    /// Returns the caller for a request below `/asof/`. Group changes have no effect on the sync
    /// tokens of such a request.
    #[must_use]
    pub(crate) fn in_the_past(&self) -> Self {
        Self { member_since: Position::START, ..self.clone() }
    }

    /// Returns the caller with the right to read everything, for a request below `/asof/`.
    #[must_use]
    pub(crate) fn auditing(&self) -> Self {
        Self { is_auditing: true, ..self.clone() }
    }

    /// Returns the principal's entry in the directory; `None` if the directory does not contain the
    /// principal.
    pub(crate) fn entry(&self) -> Option<&Entry> {
        self.directory.by_id(self.id)
    }

    /// Returns the collection with `born` and `changed` as the caller sees them: at least the
    /// position of the caller's last group change, if it matters here ([`Self::groups_since_for`]).
    /// The caller's access to the collection can depend on a group, so a group change counts as a
    /// change of the collection (RFC 6578 §3.5, RFC 9110 §8.8.1).
    #[must_use]
    pub(crate) fn sees(&self, collection: Collection) -> Collection {
        let since = self.groups_since_for(&collection);
        let (born, changed) = (collection.born.max(since), collection.changed.max(since));
        Collection { born, changed, ..collection }
    }

    /// Returns the position of the last change of the caller's groups, because one of them may give
    /// access to the collection. `Position::START` for a collection in the caller's own home, a
    /// home, a plain collection, and for administrators.
    pub(crate) fn groups_since_for(&self, collection: &Collection) -> Position {
        let is_by_right = collection.home == self.id || collection.kind.holds_anything();
        if is_by_right { Position::START } else { self.groups_since() }
    }

    /// Returns the position of the last change of the caller's groups. `Position::START` for
    /// administrators, who may read everything without a group.
    pub(crate) fn groups_since(&self) -> Position {
        if self.is_administrator() { Position::START } else { self.member_since }
    }

    pub(crate) fn is_administrator(&self) -> bool {
        self.is_auditing || self.entry().is_some_and(|entry| entry.administrator)
    }
}
