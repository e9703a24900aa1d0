//! Resources as the read models know them: what stands at a path.

use projections::{Collection, Directory, Entry, Failure, Member, ReadModels, SEPARATOR};
use schemas::{PrincipalId, collection::CollectionKind};

use crate::{call::Call, href, no::No, path::Path};

/// A resource that exists, with what is known of it.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    Root,
    Principals,
    Homes,
    Principal(PrincipalId),
    Home { owner: PrincipalId, home: Box<Collection> },
    Collection { owner: PrincipalId, collection: Box<Collection> },
    Member { owner: PrincipalId, collection: Box<Collection>, member: Box<Member> },
}

/// The same, lent to whoever writes its properties.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Node<'a> {
    Root,
    Principals,
    Homes,
    Principal(&'a Entry),
    Home {
        owner: &'a Entry,
        home: &'a Collection,
    },
    Collection {
        owner: &'a Entry,
        collection: &'a Collection,
    },
    /// With its text, if that was asked for.
    Member {
        owner: &'a Entry,
        collection: &'a Collection,
        member: &'a Member,
        body: Option<&'a str>,
    },
}

/// What a resource is: properties, reports and privileges depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Root,
    Principals,
    Homes,
    Principal,
    Home,
    Calendar,
    Inbox,
    Outbox,
    /// A collection of files and collections.
    Plain,
    /// A calendar object.
    Object,
    /// A scheduling message in an inbox.
    Item,
    /// What a home or a plain collection holds.
    File,
}

impl Kind {
    /// Whether properties set on it may be settings that the server acts on.
    pub(crate) fn has_settings(self) -> bool {
        match self {
            Self::Home | Self::Calendar | Self::Inbox | Self::Outbox | Self::Plain => true,
            Self::Root | Self::Principals | Self::Homes | Self::Principal | Self::Object | Self::Item | Self::File => {
                false
            }
        }
    }
}

impl Found {
    /// Lends itself; nothing where the principal behind it has just been retired.
    pub(crate) fn node<'a>(&'a self, directory: &'a Directory) -> Option<Node<'a>> {
        Some(match self {
            Self::Root => Node::Root,
            Self::Principals => Node::Principals,
            Self::Homes => Node::Homes,
            Self::Principal(id) => Node::Principal(directory.by_id(*id)?),
            Self::Home { owner, home } => Node::Home { owner: directory.by_id(*owner)?, home },
            Self::Collection { owner, collection } => Node::Collection { owner: directory.by_id(*owner)?, collection },
            Self::Member { owner, collection, member } => {
                Node::Member { owner: directory.by_id(*owner)?, collection, member, body: None }
            }
        })
    }
}

impl Node<'_> {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Node::Root => Kind::Root,
            Node::Principals => Kind::Principals,
            Node::Homes => Kind::Homes,
            Node::Principal(_) => Kind::Principal,
            Node::Home { .. } => Kind::Home,
            Node::Collection { collection, .. } => match collection.kind {
                CollectionKind::Home => Kind::Home,
                CollectionKind::Calendar => Kind::Calendar,
                CollectionKind::Inbox => Kind::Inbox,
                CollectionKind::Outbox => Kind::Outbox,
                CollectionKind::Plain => Kind::Plain,
            },
            Node::Member { collection, .. } => match collection.kind {
                CollectionKind::Inbox => Kind::Item,
                CollectionKind::Plain | CollectionKind::Home => Kind::File,
                CollectionKind::Calendar | CollectionKind::Outbox => Kind::Object,
            },
        }
    }

    /// Whose home it is in.
    pub(crate) fn owner(&self) -> Option<&Entry> {
        match self {
            Node::Root | Node::Principals | Node::Homes => None,
            Node::Principal(owner)
            | Node::Home { owner, .. }
            | Node::Collection { owner, .. }
            | Node::Member { owner, .. } => Some(owner),
        }
    }

    /// The collection that a home, a collection or a member's parent is kept as.
    pub(crate) fn collection(&self) -> Option<&Collection> {
        match self {
            Node::Root | Node::Principals | Node::Homes | Node::Principal(_) => None,
            Node::Home { home: collection, .. }
            | Node::Collection { collection, .. }
            | Node::Member { collection, .. } => Some(collection),
        }
    }

    pub(crate) fn href(&self) -> String {
        match self {
            Node::Root => "/".to_owned(),
            Node::Principals => Path::Principals.href(),
            Node::Homes => Path::Homes.href(),
            Node::Principal(entry) => href::principal(&entry.short_name),
            Node::Home { owner, .. } => href::home(&owner.short_name),
            Node::Collection { owner, collection } => href::collection(&owner.short_name, &collection.name),
            Node::Member { owner, collection, member, .. } => {
                href::object(&owner.short_name, &collection.name, &member.name)
            }
        }
    }
}

/// What stands at the path, if anything does.
pub(crate) fn look(call: &Call, path: &Path) -> Result<Option<Found>, No> {
    at(call, path, ReadModels::collection)
}

/// The same for whoever does not ask how much is in a collection and when that last changed.
pub(crate) fn outline(call: &Call, path: &Path) -> Result<Option<Found>, No> {
    at(call, path, ReadModels::outline)
}

/// How the collection with a name is looked up.
type Lookup = fn(&ReadModels, PrincipalId, &str) -> Result<Option<Collection>, Failure>;

fn at(call: &Call, path: &Path, lookup: Lookup) -> Result<Option<Found>, No> {
    let directory = &call.person.directory;
    let principal = |name: &str| directory.by_name(name).map(|entry| entry.id);
    let models = call.models();
    Ok(match path {
        Path::Root => Some(Found::Root),
        Path::Principals => Some(Found::Principals),
        Path::Homes => Some(Found::Homes),
        Path::Principal { name } => principal(name).map(Found::Principal),
        Path::Home { owner } => {
            let Some(owner) = principal(owner) else { return Ok(None) };
            lookup(models, owner, "")?.map(|home| Found::Home { owner, home: Box::new(home) })
        }
        Path::Inside { owner, within, name } => match principal(owner) {
            Some(owner) => inside(call, lookup, owner, within, name)?,
            None => None,
        },
    })
}

/// A name stands for one thing: a resource of the collection, or a collection in it.
fn inside(call: &Call, lookup: Lookup, owner: PrincipalId, within: &str, name: &str) -> Result<Option<Found>, No> {
    let models = call.models();
    let below = |name: &str| -> Result<Option<Found>, No> {
        let found = lookup(models, owner, name)?;
        Ok(found.map(|collection| Found::Collection { owner, collection: Box::new(collection) }))
    };
    // What lies directly in a home is nearly always a collection.
    if within.is_empty()
        && let Some(found) = below(name)?
    {
        return Ok(Some(found));
    }
    let Some(collection) = models.outline(owner, within)? else { return Ok(None) };
    if let Some(member) = models.member(collection.id, name)? {
        let (collection, member) = (Box::new(collection), Box::new(member));
        return Ok(Some(Found::Member { owner, collection, member }));
    }
    if within.is_empty() || !collection.kind.holds_anything() {
        return Ok(None);
    }
    below(&format!("{within}{SEPARATOR}{name}"))
}

/// An object with its text: tag and bytes come from one row.
pub(crate) fn look_into(call: &Call, path: &Path) -> Result<Option<(Found, String)>, No> {
    let Path::Inside { owner, within, name } = path else { return Ok(None) };
    let Some(owner) = call.person.directory.by_name(owner).map(|entry| entry.id) else { return Ok(None) };
    let Some(collection) = call.models().outline(owner, within)? else { return Ok(None) };
    let found = call.models().member_with_body(collection.id, name)?;
    Ok(found.map(|(member, body)| {
        (Found::Member { owner, collection: Box::new(collection), member: Box::new(member) }, body)
    }))
}
