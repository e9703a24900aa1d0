//! Looks up resources by their paths.

use ical::Address;
use projections::{Collection, Directory, Entry, Failure, OfferedCalendar, ReadModels, SEPARATOR};
use schemas::{CollectionId, PrincipalId, object::Place, principal::PrincipalKind};

use super::{Path, Resource, ResourceView};
use crate::{person::Person, refusal::Refusal};

/// Looks up resources in the read models, with the principals' directory as it was when the request
/// arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lookup<'a> {
    /// The caller.
    pub person: &'a Person,
    pub directory: &'a Directory,
    pub models: &'a ReadModels,
}

/// The two functions that read a collection, by its name or by its id. Both read all of it, or both
/// only its outline ([`Self::OUTLINE`]).
#[derive(Clone, Copy)]
struct ReadCollection {
    by_name: fn(&ReadModels, PrincipalId, &str) -> Result<Option<Collection>, Failure>,
    by_id: fn(&ReadModels, CollectionId) -> Result<Option<Collection>, Failure>,
}

impl ReadCollection {
    const WHOLE: Self = Self { by_name: ReadModels::collection, by_id: ReadModels::collection_by_id };
    /// Reads only the outlines of collections: their size and last change may be outdated.
    const OUTLINE: Self = Self { by_name: ReadModels::outline, by_id: ReadModels::outline_by_id };
}

impl<'a> Lookup<'a> {
    /// Returns the resource at `path`; `None` if there is none.
    pub(crate) fn at(self, path: &Path) -> Result<Option<Resource>, Failure> {
        self.find(path, ReadCollection::WHOLE)
    }

    /// Returns the resource at `path` like [`Lookup::at`], but the size and the last change of a
    /// collection may be outdated.
    pub(crate) fn summary_at(self, path: &Path) -> Result<Option<Resource>, Failure> {
        self.find(path, ReadCollection::OUTLINE)
    }

    /// Returns the calendar object or scheduling message at `path` with its text, both read from
    /// the same row. `None` if `path` leads to neither.
    pub(crate) fn with_body(self, path: &Path) -> Result<Option<(Resource, String)>, Failure> {
        let Path::Inside { owner, within, name } = path else { return Ok(None) };
        let Some(owner) = self.principal(owner) else { return Ok(None) };
        let Some(collection) = self.collection(ReadCollection::OUTLINE, owner, within)? else { return Ok(None) };
        let found = self.models.member_with_body(&collection, name)?;
        Ok(found.map(|(member, body)| {
            let owner = collection.home;
            (Resource::Member { owner, collection: Box::new(collection), member: Box::new(member) }, body)
        }))
    }

    /// Returns another person's calendar as it appears in the sharee's home. `None` if the calendar
    /// no longer exists, its owner was retired, or the sharee has not accepted the calendar.
    pub(crate) fn shared(self, offered: OfferedCalendar) -> Result<Option<Collection>, Failure> {
        self.shown(ReadCollection::WHOLE, offered)
    }

    fn shown(self, read: ReadCollection, offered: OfferedCalendar) -> Result<Option<Collection>, Failure> {
        let owner = self.directory.by_id(offered.owner).filter(|owner| owner.is_present());
        let (Some(_), Some(sharee)) = (owner, self.directory.by_id(offered.sharee)) else { return Ok(None) };
        let calendar = (read.by_id)(self.models, offered.calendar)?;
        let shown = calendar.and_then(|calendar| offered.shown(calendar, &sharee.short_name));
        Ok(shown.map(|calendar| self.person.sees(calendar)))
    }

    /// Returns the owner of the shared calendar that a path in a sharee's home leads to, or into.
    /// `None` if the path leads to no shared calendar.
    pub(crate) fn sharing_owner(self, path: &Path) -> Result<Option<PrincipalId>, Failure> {
        let Path::Inside { owner, within, name } = path else { return Ok(None) };
        let Some(home) = self.principal(owner) else { return Ok(None) };
        let collection = if within.is_empty() { name } else { within };
        if self.models.outline(home, collection)?.is_some() {
            return Ok(None);
        }
        Ok(self.models.shared_calendar(home, collection)?.map(|offered| offered.owner))
    }

    /// Returns the principal that a request names by a principal's href or by a calendar user
    /// address. `None` if there is no such principal.
    pub(crate) fn somebody(self, href: &str) -> Option<&'a Entry> {
        let href = href.trim();
        // A URL with a host is compared as a calendar user address, because it may belong to
        // another server.
        match Path::of_href(href).filter(|_| href.starts_with('/')) {
            Some(Path::Principal { name }) => self.directory.by_name(&name),
            _ => Address::parse(href).and_then(|address| self.directory.by_address(&address)),
        }
    }

    /// Returns the collection with this name in a home: either a collection of the home itself, or
    /// a calendar of another person that the home's owner has accepted. `None` if neither exists.
    fn collection(self, read: ReadCollection, home: PrincipalId, name: &str) -> Result<Option<Collection>, Failure> {
        if let Some(own) = (read.by_name)(self.models, home, name)? {
            return Ok(Some(self.person.sees(own)));
        }
        match self.models.shared_calendar(home, name)? {
            Some(offered) => self.shown(read, offered),
            None => Ok(None),
        }
    }

    /// Returns a view of a resource. `Err` (404) if the directory, as it was when the request
    /// arrived, does not contain the resource's owner.
    pub(crate) fn view(self, resource: &'a Resource) -> Result<ResourceView<'a>, Refusal> {
        resource.view(self.directory).ok_or(Refusal::NotFound)
    }

    /// Returns the calendar object or file at this place (a collection and a name). `None` if it
    /// does not exist or cannot be read.
    pub(super) fn member(self, place: &Place) -> Option<Resource> {
        let collection = self.models.outline_by_id(place.collection).ok().flatten()?;
        let member = self.models.member(place.collection, &place.name).ok().flatten()?;
        let owner = collection.home;
        Some(Resource::Member { owner, collection: Box::new(collection), member: Box::new(member) })
    }

    fn principal(self, name: &str) -> Option<PrincipalId> {
        self.directory.by_name(name).map(|entry| entry.id)
    }

    fn find(self, path: &Path, read: ReadCollection) -> Result<Option<Resource>, Failure> {
        Ok(match path {
            Path::Root => Some(Resource::Root),
            Path::Principals => Some(Resource::Principals),
            Path::Homes => Some(Resource::Homes),
            Path::Principal { name } => self.principal(name).map(Resource::Principal),
            Path::Delegates { name, delegation } => {
                let owner = self.directory.by_name(name).filter(|owner| owner.kind != PrincipalKind::Group);
                owner.map(|owner| Resource::Delegates(owner.id, *delegation))
            }
            Path::Home { owner } => {
                let Some(owner) = self.principal(owner) else { return Ok(None) };
                (read.by_name)(self.models, owner, "")?.map(|home| Resource::Home { owner, home: Box::new(home) })
            }
            Path::Inside { owner, within, name } => match self.principal(owner) {
                Some(owner) => self.inside(read, owner, within, name)?,
                None => None,
            },
        })
    }

    /// Finds a member of the collection `within`, or a child collection of it; `None` if neither
    /// exists. No member has the same name as a child collection.
    fn inside(
        self,
        read: ReadCollection,
        owner: PrincipalId,
        within: &str,
        name: &str,
    ) -> Result<Option<Resource>, Failure> {
        let below = |name: &str| -> Result<Option<Resource>, Failure> {
            let found = self.collection(read, owner, name)?;
            Ok(found
                .map(|collection| Resource::Collection { owner: collection.home, collection: Box::new(collection) }))
        };
        // A name directly in a home usually belongs to a collection, so collections are looked up
        // first.
        if within.is_empty()
            && let Some(found) = below(name)?
        {
            return Ok(Some(found));
        }
        let Some(collection) = self.collection(ReadCollection::OUTLINE, owner, within)? else { return Ok(None) };
        if let Some(member) = self.models.member(&collection, name)? {
            let owner = collection.home;
            let (collection, member) = (Box::new(collection), Box::new(member));
            return Ok(Some(Resource::Member { owner, collection, member }));
        }
        if within.is_empty() || !collection.kind.holds_anything() || name.contains(SEPARATOR) {
            return Ok(None);
        }
        below(&format!("{within}{SEPARATOR}{name}"))
    }
}
