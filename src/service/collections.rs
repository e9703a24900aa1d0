//! Creating, changing, renaming and removing collections.

use calendar::{
    Refusal,
    collection::{Collection, Command, IsDefault, decide},
    object::Arrivals,
};
use itip::ScheduleReply;
use projections::ReadModels;
use schemas::{
    CollectionId, PrincipalId,
    access::AccessControlEntry,
    collection::{CollectionCreated, CollectionKind, Property, PropertyName, Settings},
    object::Place,
};

use crate::{Delete, Require, Service, clock::Stamp, error::Error, store::Executed};

/// Members removed between two looks at the collection.
const REMOVAL_PAGE: usize = 500;
/// The calendar that receives invitations unless the owner chose another.
const FIRST_DEFAULT_CALENDAR: &str = "calendar";
/// The calendar of tasks that every home begins with.
const FIRST_TASKS: &str = "tasks";

impl Service {
    /// `MKCALENDAR` (RFC 4791 §5.3.1).
    pub async fn create_collection(&self, stamp: &Stamp, created: CollectionCreated) -> Result<CollectionId, Error> {
        let _turn = self.homes.lock(created.home).await;
        self.name_allowed(&created.name)?;
        if self.models.collection(created.home, &created.name)?.is_some() {
            return Err(Refusal::Exists.into());
        }
        let id = self.free_identity(created.home, &created.name)?;
        self.execute_collection(stamp, id, &Command::Create(created)).await?;
        Ok(id)
    }

    /// The first identity under this name which no moved calendar keeps.
    fn free_identity(&self, home: PrincipalId, name: &str) -> Result<CollectionId, Error> {
        let mut generation = 0;
        loop {
            let id = CollectionId::derive(home, name, generation);
            if self.models.collection_by_id(id)?.is_none() {
                return Ok(id);
            }
            generation += 1;
        }
    }

    /// `PROPPATCH`: all of it or nothing.
    pub async fn change_properties(
        &self,
        stamp: &Stamp,
        id: CollectionId,
        set: Vec<Property>,
        removed: Vec<PropertyName>,
        settings: Settings,
    ) -> Result<(), Error> {
        let collection = self.models.collection_by_id(id)?.ok_or(Refusal::NotFound)?;
        let _turn = self.homes.lock(collection.home).await;
        if let Some(name) = settings.default_calendar.as_deref().filter(|name| !name.is_empty()) {
            let chosen = self.models.collection(collection.home, name)?;
            // RFC 6638 §4.3: it must be a valid calendar of this home.
            if !chosen.is_some_and(|chosen| takes_events(&chosen)) {
                return Err(Refusal::NotADefaultCalendar.into());
            }
        }
        self.execute_collection(stamp, id, &Command::ChangeProperties { set, removed, settings }).await
    }

    /// `ACL` (RFC 3744 §8.1): these entries in place of those before.
    pub async fn change_acl(
        &self,
        stamp: &Stamp,
        id: CollectionId,
        entries: Vec<AccessControlEntry>,
    ) -> Result<(), Error> {
        let collection = self.models.collection_by_id(id)?.ok_or(Refusal::NotFound)?;
        let _turn = self.homes.lock(collection.home).await;
        self.execute_collection(stamp, id, &Command::ChangeAcl { entries }).await
    }

    /// `MOVE` of a collection within its home. Where invitations arrive they go on arriving (RFC 6638 §9.2).
    pub async fn rename_collection(&self, stamp: &Stamp, id: CollectionId, name: String) -> Result<(), Error> {
        let collection = self.models.collection_by_id(id)?.ok_or(Refusal::NotFound)?;
        let _turn = self.homes.lock(collection.home).await;
        self.name_allowed(&name)?;
        if self.models.collection(collection.home, &name)?.is_some_and(|other| other.id != id) {
            return Err(Refusal::Exists.into());
        }
        let was_default = self.default_calendar(collection.home)?.is_some_and(|default| default.id == id);
        self.execute_collection(stamp, id, &Command::Move { name: name.clone() }).await?;
        if !was_default {
            return Ok(());
        }
        let stamp = Stamp { act: uuid::Uuid::new_v5(&stamp.act, b"default-calendar"), ..stamp.clone() };
        let settings = Settings { default_calendar: Some(name), ..Settings::default() };
        let follow = Command::ChangeProperties { set: vec![], removed: vec![], settings };
        self.execute_collection(&stamp, CollectionId::derive(collection.home, "inbox", 0), &follow).await
    }

    /// `DELETE` of a collection: what is in it is removed as by a `DELETE` of its own, with the same messages.
    pub async fn delete_collection(&self, stamp: &Stamp, home: PrincipalId, id: CollectionId) -> Result<(), Error> {
        let _turn = self.homes.lock(home).await;
        let collection = self.collection_of(home, id)?;
        let is_default = if self.default_calendar(home)?.is_some_and(|default| default.id == id) {
            IsDefault::Yes
        } else {
            IsDefault::No
        };
        let command = Command::Remove { is_default };
        let known = self.store.load::<Collection>(collection.id).await?;
        decide(&known.state, &command)?;
        self.empty(stamp, &collection).await?;
        self.execute_collection(stamp, id, &command).await
    }

    async fn empty(&self, stamp: &Stamp, collection: &projections::Collection) -> Result<(), Error> {
        let projections::Collection { id, home, kind, .. } = *collection;
        loop {
            let members = self.models.members(id, None, REMOVAL_PAGE)?;
            if members.is_empty() {
                return Ok(());
            }
            for member in members {
                let place = Place { collection: id, name: member.name };
                let act = uuid::Uuid::new_v5(&stamp.act, place.name.as_bytes());
                let stamp = Stamp { act, ..stamp.clone() };
                let require = Require::default();
                if kind == CollectionKind::Plain {
                    self.delete_file_in_turn(&stamp, place, require).await?;
                } else {
                    let delete = Delete { home, place, require, reply: ScheduleReply::Send };
                    self.delete_in_turn(&stamp, delete).await?;
                }
            }
        }
    }

    /// Where invitations arrive (RFC 6638 §9.2).
    pub fn default_calendar(&self, home: PrincipalId) -> Result<Option<projections::Collection>, Error> {
        default_calendar(&self.models, home)
    }

    async fn execute_collection(&self, stamp: &Stamp, id: CollectionId, command: &Command) -> Result<(), Error> {
        let decide = |collection: &Collection| Ok(decide(collection, command)?);
        let Executed { position, .. } = self.store.execute::<Collection>(id, stamp, decide).await?;
        self.applied(position).await
    }
}

/// Where invitations arrive (RFC 6638 §9.2): what the owner chose, as long as it is there, or the first calendar.
pub(crate) fn default_calendar(
    models: &ReadModels,
    home: PrincipalId,
) -> Result<Option<projections::Collection>, Error> {
    let inbox = models.collection_by_id(CollectionId::derive(home, "inbox", 0))?;
    let chosen = inbox.and_then(|inbox| inbox.settings.default_calendar).filter(|name| !name.is_empty());
    for name in chosen.as_deref().into_iter().chain([FIRST_DEFAULT_CALENDAR]) {
        let calendar = models.collection(home, name)?.filter(takes_events);
        if calendar.is_some() {
            return Ok(calendar);
        }
    }
    // RFC 6638 §4.3: there is one as long as there is any.
    Ok(models.home(home)?.into_iter().find(takes_events))
}

/// Whether invitations can be put there.
pub fn takes_events(collection: &projections::Collection) -> bool {
    let accepts = |name: &str| collection.components.is_empty() || collection.components.iter().any(|own| own == name);
    collection.kind == CollectionKind::Calendar && accepts("VEVENT")
}

/// Where new invitations are put: events in the default calendar; tasks beside the owner's other tasks, if there is a
/// place for them.
pub(crate) fn arrivals(models: &ReadModels, home: PrincipalId) -> Result<Arrivals, Error> {
    let events = default_calendar(models, home)?.map(|calendar| calendar.id);
    let tasks =
        models.collection(home, FIRST_TASKS)?.filter(|tasks| tasks.components.iter().any(|name| name == "VTODO"));
    Ok(Arrivals { events, tasks: tasks.map(|tasks| tasks.id).or(events) })
}
