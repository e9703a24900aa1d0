//! Creates, changes and renames collections.

use calendar::{
    Refusal,
    collection::{Collection, Command, decide},
    object::DefaultCalendars,
};
use projections::{ReadModels, SEPARATOR};
use schemas::{
    CollectionId, PrincipalId,
    access::AccessControlEntry,
    collection::{CollectionCreated, CollectionKind, Property, PropertyName, Settings},
};

use crate::{Service, clock::Stamp, error::Error, freshness::Subject, store::Executed};

/// Maximum number of levels of nested collections: the limit `max-collection-depth`.
const MAX_DEPTH: usize = 16;
/// Name of the calendar that receives invitations unless the owner chose another calendar.
const FIRST_DEFAULT_CALENDAR: &str = "calendar";
/// Name of the task list that is created with every home.
const FIRST_TASKS: &str = "tasks";

/// Evaluates the conditions of a request on a collection (RFC 9110 §13); `Err` if one is false. The
/// service calls this function when it holds the lock of the home and the read models show every
/// write to it, so that no other command of this process on the home comes between the evaluation
/// and the write. Messages that others deliver to the home can still arrive between the evaluation
/// and the write.
pub type Conditions<'a> = dyn Fn() -> Result<(), Error> + Send + Sync + 'a;

/// The [`Conditions`] of a request that has none.
pub fn unconditional() -> Result<(), Error> {
    Ok(())
}

impl Service {
    /// Creates a collection (`MKCALENDAR`, RFC 4791 §5.3.1; `MKCOL`, RFC 4918 §9.3).
    pub async fn create_collection(&self, stamp: &Stamp, created: CollectionCreated) -> Result<CollectionId, Error> {
        let _home = self.lock_home(created.home).await?;
        self.is_free(created.home, &created.name)?;
        self.has_room_for_collection(created.home)?;
        self.has_room_for_properties(created.home, &created.properties)?;
        let id = self.free_identity(created.home, &created.name)?;
        let home = created.home;
        self.execute_collection(stamp, home, id, &Command::Create(created)).await?;
        Ok(id)
    }

    /// Checks that a collection may have this name, its path below the home: its last segment is
    /// allowed and not nested too deep, its parent exists and can contain collections, and nothing
    /// else in the home has it.
    pub fn is_free(&self, home: PrincipalId, name: &str) -> Result<(), Error> {
        let (within, last) = name.rsplit_once(SEPARATOR).unwrap_or(("", name));
        self.name_allowed(last)?;
        if name.split(SEPARATOR).count() > MAX_DEPTH {
            return Err(
                Refusal::BadName { why: "the path would have more levels than max-collection-depth allows" }.into()
            );
        }
        let above = self.models.outline(home, within)?.filter(|above| above.kind.holds_anything());
        let above = above.ok_or(Refusal::NotFound)?;
        // A collection and a member of the same parent cannot share a name.
        if self.models.outline(home, name)?.is_some() || self.models.member(above.id, last)?.is_some() {
            return Err(Refusal::Exists.into());
        }
        if self.models.shared_calendar(home, name)?.is_some() {
            return Err(Refusal::Exists.into());
        }
        Ok(())
    }

    /// Returns the first id derived from this name that is not in use. A collection keeps the id of
    /// its first name when it is moved.
    fn free_identity(&self, home: PrincipalId, name: &str) -> Result<CollectionId, Error> {
        let mut generation = 0;
        loop {
            let id = CollectionId::derive(home, name, generation);
            if self.models.outline_by_id(id)?.is_none() {
                return Ok(id);
            }
            generation += 1;
        }
    }

    /// Changes the properties of a collection. All changes are stored or none (`PROPPATCH`, RFC
    /// 4918 §9.2).
    pub async fn change_properties(
        &self,
        stamp: &Stamp,
        id: CollectionId,
        (set, removed, settings): (Vec<Property>, Vec<PropertyName>, Settings),
        conditions: &Conditions<'_>,
    ) -> Result<(), Error> {
        let collection = self.models.outline_by_id(id)?.ok_or(Refusal::NotFound)?;
        let _home = self.lock_home(collection.home).await?;
        conditions()?;
        self.has_room_for_properties(collection.home, &set)?;
        if let Some(name) = settings.default_calendar.as_deref().filter(|name| !name.is_empty()) {
            let chosen = self.models.outline(collection.home, name)?;
            // RFC 6638 §4.3: the default calendar must be a calendar of this home that accepts
            // events.
            if !chosen.is_some_and(|chosen| accepts_events(&chosen)) {
                return Err(Refusal::NotADefaultCalendar.into());
            }
        }
        self.execute_collection(stamp, collection.home, id, &Command::ChangeProperties { set, removed, settings }).await
    }

    /// Replaces the access control list of a collection (`ACL`, RFC 3744 §8.1).
    pub async fn change_acl(
        &self,
        stamp: &Stamp,
        id: CollectionId,
        entries: Vec<AccessControlEntry>,
        conditions: &Conditions<'_>,
    ) -> Result<(), Error> {
        let collection = self.models.outline_by_id(id)?.ok_or(Refusal::NotFound)?;
        let _home = self.lock_home(collection.home).await?;
        conditions()?;
        self.has_room_for_entries(collection.home, entries.len().saturating_sub(collection.acl.len()))?;
        self.execute_collection(stamp, collection.home, id, &Command::ChangeAcl { entries }).await
    }

    /// Moves a collection and everything below it within its home (`MOVE`). If the default calendar
    /// is moved, it stays the default calendar: the inbox then names its new path (RFC 6638 §9.2).
    pub async fn rename_collection(
        &self,
        stamp: &Stamp,
        id: CollectionId,
        name: String,
        conditions: &Conditions<'_>,
    ) -> Result<(), Error> {
        let collection = self.models.outline_by_id(id)?.ok_or(Refusal::NotFound)?;
        let _home = self.lock_home(collection.home).await?;
        conditions()?;
        if collection.name == name {
            return Ok(());
        }
        if collection.is_above_name(&name) {
            return Err(Refusal::BadName { why: "a collection cannot be moved into itself" }.into());
        }
        self.is_free(collection.home, &name)?;
        let default = self.default_calendar(collection.home)?;
        self.execute_collection(stamp, collection.home, id, &Command::Move { name: name.clone() }).await?;
        let Some(default) = default.filter(|default| default.id == id || collection.is_above(default)) else {
            return Ok(());
        };
        let default = format!("{name}{}", &default.name[collection.name.len()..]);
        let settings = Settings { default_calendar: Some(default), ..Settings::default() };
        let follow = Command::ChangeProperties { set: vec![], removed: vec![], settings };
        let inbox = CollectionId::derive(collection.home, "inbox", 0);
        self.execute_collection(&stamp.next("default-calendar"), collection.home, inbox, &follow).await
    }

    /// Returns the default calendar, which receives invitations (RFC 6638 §9.2). `None`: no
    /// calendar of the home accepts events.
    pub fn default_calendar(&self, home: PrincipalId) -> Result<Option<projections::Collection>, Error> {
        default_calendar(&self.models, home)
    }

    pub(crate) async fn execute_collection(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        id: CollectionId,
        command: &Command,
    ) -> Result<(), Error> {
        let decide = |collection: &Collection| Ok(decide(collection, command)?);
        let Executed { position, .. } =
            self.store.execute::<Collection>(Subject::Collections(home), id, stamp, decide).await?;
        self.applied(position).await
    }

    /// Executes commands on different collections of a home: all of them, or none.
    pub(crate) async fn execute_collections(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        commands: impl IntoIterator<Item = (CollectionId, Command)>,
    ) -> Result<(), Error> {
        let commands: Vec<_> =
            commands.into_iter().map(|(id, command)| (id, stamp.next(&id.to_string()), command)).collect();
        let decide = |collection: &Collection, command: &Command| Ok(decide(collection, command)?);
        let executed = self.store.execute_together(Subject::Collections(home), &commands, decide).await?;
        self.applied(executed.iter().map(|executed| executed.position).max().unwrap_or_default()).await
    }
}

/// Returns the full name of the collection `name` inside the collection `above`. The empty name is
/// that of the home.
pub(crate) fn inside(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}{SEPARATOR}{name}") }
}

/// Returns the default calendar (RFC 6638 §9.2): the owner's choice if it still exists, else the
/// calendar with the name `calendar`, else the first calendar by name; each only if it accepts
/// events. `None` if no calendar does.
pub fn default_calendar(models: &ReadModels, home: PrincipalId) -> Result<Option<projections::Collection>, Error> {
    calendar_for("VEVENT", models, home)
}

/// Returns the calendar for new invitations with this kind of component: the default calendar, or,
/// if it does not accept the component (RFC 4791 §5.2.3), another calendar that does. `None` if no
/// calendar does.
fn calendar_for(
    component: &str,
    models: &ReadModels,
    home: PrincipalId,
) -> Result<Option<projections::Collection>, Error> {
    let inbox = models.outline_by_id(CollectionId::derive(home, "inbox", 0))?;
    let chosen = inbox.and_then(|inbox| inbox.settings.default_calendar).filter(|name| !name.is_empty());
    for name in chosen.as_deref().into_iter().chain([FIRST_DEFAULT_CALENDAR]) {
        let calendar = models.outline(home, name)?.filter(|calendar| accepts(calendar, component));
        if calendar.is_some() {
            return Ok(calendar);
        }
    }
    // RFC 6638 §4.3: while the home has a suitable calendar, it has a default calendar.
    Ok(models.home(home)?.into_iter().find(|calendar| accepts(calendar, component)))
}

/// Returns true if the collection is a calendar that accepts events, and so can be the default
/// calendar.
pub fn accepts_events(collection: &projections::Collection) -> bool {
    accepts(collection, "VEVENT")
}

/// Returns true if the collection is a calendar that accepts the component (RFC 4791 §5.2.3).
fn accepts(collection: &projections::Collection, component: &str) -> bool {
    let is_named = || collection.components.iter().any(|own| own == component);
    collection.kind == CollectionKind::Calendar && (collection.components.is_empty() || is_named())
}

/// Returns the calendar for new invitations for each kind of component. Tasks go to the collection
/// `tasks` if it lists VTODO among its components, also if the owner chose another default
/// calendar.
pub(crate) fn default_calendars(models: &ReadModels, home: PrincipalId) -> Result<DefaultCalendars, Error> {
    let calendar_for = |component| Ok::<_, Error>(calendar_for(component, models, home)?.map(|calendar| calendar.id));
    let list = models.outline(home, FIRST_TASKS)?.filter(|list| list.components.iter().any(|name| name == "VTODO"));
    let tasks = if let Some(list) = list { Some(list.id) } else { calendar_for("VTODO")? };
    Ok(DefaultCalendars { events: calendar_for("VEVENT")?, tasks, journals: calendar_for("VJOURNAL")? })
}
