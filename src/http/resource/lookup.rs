//! Looks up resources by path.

use projections::{Collection, Directory, Failure, ReadModels, SEPARATOR};
use schemas::{PrincipalId, object::Place, principal::PrincipalKind};

use super::{Path, Resource, ResourceView};
use crate::refusal::Refusal;

/// The read models, with the directory as it was when the request arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lookup<'a> {
    pub directory: &'a Directory,
    pub models: &'a ReadModels,
}

/// Reads one collection by its name.
type ReadCollection = fn(&ReadModels, PrincipalId, &str) -> Result<Option<Collection>, Failure>;

impl<'a> Lookup<'a> {
    /// Returns the resource at `path`; `None` if there is none.
    pub(crate) fn at(self, path: &Path) -> Result<Option<Resource>, Failure> {
        self.find(path, ReadModels::collection)
    }

    /// Like [`Lookup::at`], but a collection comes without its size and the time of its last
    /// change.
    pub(crate) fn summary_at(self, path: &Path) -> Result<Option<Resource>, Failure> {
        self.find(path, ReadModels::outline)
    }

    /// Returns a calendar object with its text, both from the same row; `None` if there is none at
    /// `path`.
    pub(crate) fn with_body(self, path: &Path) -> Result<Option<(Resource, String)>, Failure> {
        let Path::Inside { owner, within, name } = path else { return Ok(None) };
        let Some(owner) = self.principal(owner) else { return Ok(None) };
        let Some(collection) = self.models.outline(owner, within)? else { return Ok(None) };
        let found = self.models.member_with_body(collection.id, name)?;
        Ok(found.map(|(member, body)| {
            (Resource::Member { owner, collection: Box::new(collection), member: Box::new(member) }, body)
        }))
    }

    /// Borrows a resource; refused as not found if its owner has just been retired.
    pub(crate) fn view(self, resource: &'a Resource) -> Result<ResourceView<'a>, Refusal> {
        resource.view(self.directory).ok_or(Refusal::NotFound)
    }

    /// Returns the object or file at a place; `None` if it does not exist or cannot be read.
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
                read(self.models, owner, "")?.map(|home| Resource::Home { owner, home: Box::new(home) })
            }
            Path::Inside { owner, within, name } => match self.principal(owner) {
                Some(owner) => self.inside(read, owner, within, name)?,
                None => None,
            },
        })
    }

    /// Finds a member of the collection `within`, or a collection in it: a name belongs to one of
    /// them only.
    fn inside(
        self,
        read: ReadCollection,
        owner: PrincipalId,
        within: &str,
        name: &str,
    ) -> Result<Option<Resource>, Failure> {
        let below = |name: &str| -> Result<Option<Resource>, Failure> {
            let found = read(self.models, owner, name)?;
            Ok(found.map(|collection| Resource::Collection { owner, collection: Box::new(collection) }))
        };
        // Most names directly in a home belong to collections, so these are looked up first.
        if within.is_empty()
            && let Some(found) = below(name)?
        {
            return Ok(Some(found));
        }
        let Some(collection) = self.models.outline(owner, within)? else { return Ok(None) };
        if let Some(member) = self.models.member(collection.id, name)? {
            let (collection, member) = (Box::new(collection), Box::new(member));
            return Ok(Some(Resource::Member { owner, collection, member }));
        }
        if within.is_empty() || !collection.kind.holds_anything() || name.contains(SEPARATOR) {
            return Ok(None);
        }
        below(&format!("{within}{SEPARATOR}{name}"))
    }
}
