//! The resources at all paths, with what the read models store about them.

use projections::{Collection, Directory, Entry, Member};
use schemas::{PrincipalId, collection::CollectionKind};
use service::sharing::Delegation;

use super::{Kind, Path, href};

/// A resource that exists, with what the read models store about it.
#[derive(Debug, Clone)]
pub(crate) enum Resource {
    Root,
    Principals,
    Homes,
    Principal(PrincipalId),
    /// A group that holds the delegates of a principal.
    Delegates(PrincipalId, Delegation),
    Home {
        owner: PrincipalId,
        home: Box<Collection>,
    },
    Collection {
        owner: PrincipalId,
        collection: Box<Collection>,
    },
    Member {
        owner: PrincipalId,
        collection: Box<Collection>,
        member: Box<Member>,
    },
}

/// A borrowed [`Resource`], with the directory entries that it refers to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ResourceView<'a> {
    Root,
    Principals,
    Homes,
    Principal(&'a Entry),
    /// A group that holds the delegates of a principal.
    Delegates {
        owner: &'a Entry,
        delegation: Delegation,
    },
    Home {
        owner: &'a Entry,
        home: &'a Collection,
    },
    Collection {
        owner: &'a Entry,
        collection: &'a Collection,
    },
    /// A calendar object, a file or a scheduling message, with its text if the request needs it.
    Member {
        owner: &'a Entry,
        collection: &'a Collection,
        member: &'a Member,
        body: Option<&'a str>,
    },
}

impl Resource {
    /// Returns a view of the resource; `None` if the directory does not contain the resource's
    /// owner.
    pub(crate) fn view<'a>(&'a self, directory: &'a Directory) -> Option<ResourceView<'a>> {
        Some(match self {
            Self::Root => ResourceView::Root,
            Self::Principals => ResourceView::Principals,
            Self::Homes => ResourceView::Homes,
            Self::Principal(id) => ResourceView::Principal(directory.by_id(*id)?),
            Self::Delegates(id, delegation) => {
                ResourceView::Delegates { owner: directory.by_id(*id)?, delegation: *delegation }
            }
            Self::Home { owner, home } => ResourceView::Home { owner: directory.by_id(*owner)?, home },
            Self::Collection { owner, collection } => {
                ResourceView::Collection { owner: directory.by_id(*owner)?, collection }
            }
            Self::Member { owner, collection, member } => {
                ResourceView::Member { owner: directory.by_id(*owner)?, collection, member, body: None }
            }
        })
    }
}

impl<'a> ResourceView<'a> {
    /// Returns the calendar that this resource is; `None` if the resource is no calendar.
    pub(crate) fn calendar(&self) -> Option<&'a Collection> {
        match self {
            ResourceView::Collection { collection, .. } if collection.kind == CollectionKind::Calendar => {
                Some(collection)
            }
            ResourceView::Root
            | ResourceView::Principals
            | ResourceView::Homes
            | ResourceView::Principal(_)
            | ResourceView::Delegates { .. }
            | ResourceView::Home { .. }
            | ResourceView::Collection { .. }
            | ResourceView::Member { .. } => None,
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            ResourceView::Root => Kind::Root,
            ResourceView::Principals => Kind::Principals,
            ResourceView::Homes => Kind::Homes,
            ResourceView::Principal(_) => Kind::Principal,
            ResourceView::Delegates { .. } => Kind::Delegates,
            ResourceView::Home { .. } => Kind::Home,
            ResourceView::Collection { collection, .. } => match collection.kind {
                CollectionKind::Home => Kind::Home,
                CollectionKind::Calendar => Kind::Calendar,
                CollectionKind::Inbox => Kind::Inbox,
                CollectionKind::Outbox => Kind::Outbox,
                CollectionKind::Plain => Kind::Plain,
            },
            ResourceView::Member { collection, .. } => match collection.kind {
                CollectionKind::Inbox => Kind::SchedulingMessage,
                CollectionKind::Plain | CollectionKind::Home => Kind::File,
                CollectionKind::Calendar | CollectionKind::Outbox => Kind::Object,
            },
        }
    }

    /// Returns the principal that owns the resource; `None` for the root and the collections of
    /// principals and homes.
    pub(crate) fn owner(&self) -> Option<&Entry> {
        match self {
            ResourceView::Root | ResourceView::Principals | ResourceView::Homes => None,
            ResourceView::Principal(owner)
            | ResourceView::Delegates { owner, .. }
            | ResourceView::Home { owner, .. }
            | ResourceView::Collection { owner, .. }
            | ResourceView::Member { owner, .. } => Some(owner),
        }
    }

    /// Returns the collection that this resource is, or the parent collection of a member. `None`
    /// outside of homes.
    pub(crate) fn collection(&self) -> Option<&Collection> {
        match self {
            ResourceView::Root
            | ResourceView::Principals
            | ResourceView::Homes
            | ResourceView::Principal(_)
            | ResourceView::Delegates { .. } => None,
            ResourceView::Home { home: collection, .. }
            | ResourceView::Collection { collection, .. }
            | ResourceView::Member { collection, .. } => Some(collection),
        }
    }

    /// Returns the resource's href, a percent-encoded absolute path.
    pub(crate) fn href(&self) -> String {
        match self {
            ResourceView::Root => href::root(),
            ResourceView::Principals => Path::Principals.href(),
            ResourceView::Homes => Path::Homes.href(),
            ResourceView::Principal(entry) => href::principal(&entry.short_name),
            ResourceView::Delegates { owner, delegation } => href::delegates(&owner.short_name, *delegation),
            ResourceView::Home { owner, .. } => href::home(&owner.short_name),
            ResourceView::Collection { owner, collection } => href::of_collection(&owner.short_name, collection),
            ResourceView::Member { owner, collection, member, .. } => {
                href::of_member(&owner.short_name, collection, &member.name)
            }
        }
    }
}
