//! Sets and removes properties (RFC 4918 §9.2). A request is carried out with all its instructions,
//! or not at all.

mod settings;

use std::collections::HashSet;

use dav::{
    Condition, QName, Status,
    property::DeadProperty,
    request::{RequestError, Update},
    setting::Setting,
    xml::Element,
};
use projections::Entry;
use schemas::{
    PrincipalId,
    collection::{Property, PropertyName, Settings, Transparency},
};

use super::{
    Context,
    table::{Access, live},
};
use crate::{
    refusal::Refusal,
    resource::{Kind, Lookup},
};

/// The combined effect of all instructions in one request.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub set: Vec<Property>,
    pub removed: Vec<PropertyName>,
    pub settings: Settings,
    pub components: Vec<String>,
    /// The new members of a delegates group; `None`: the request does not change them.
    pub members: Option<Vec<PrincipalId>>,
    /// The instructions for dead properties, in the order of the request. The text is the new XML;
    /// `None`: the property is removed.
    instructions: Vec<(PropertyName, Option<String>)>,
    /// Number of `CALDAV:calendar-timezone` values that the request has set so far.
    time_zones: usize,
}

/// The status and condition for an instruction that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PropertyRefusal {
    pub status: Status,
    pub condition: Option<Condition>,
}

/// The outcome of a request that changes properties.
#[derive(Debug)]
pub(crate) enum Outcome<'a> {
    Accepted(Changes),
    /// At least one instruction is refused, so nothing was changed. Lists every property of the
    /// request, with `None` if its own instruction is acceptable.
    Refused(Vec<(&'a QName, Option<PropertyRefusal>)>),
}

/// The reason why an instruction was not applied.
enum Rejection {
    /// This instruction alone is refused; the other instructions are still checked.
    Property(PropertyRefusal),
    /// The whole request fails, because the server failed.
    Request(Refusal),
}

impl From<PropertyRefusal> for Rejection {
    fn from(refusal: PropertyRefusal) -> Self {
        Self::Property(refusal)
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::Request(refusal)
    }
}

/// The resource whose properties a request changes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChangeTarget<'a> {
    pub kind: Kind,
    pub owner: Option<&'a Entry>,
    /// True if the request creates the resource. Some properties can be set only then.
    pub is_new: bool,
}

/// Maximum number of hrefs in `DAV:group-member-set` of a delegates group, because each new member
/// gets a share.
const MAX_DELEGATES: usize = 500;

const FORBIDDEN: PropertyRefusal = PropertyRefusal { status: Status::FORBIDDEN, condition: None };
const PROTECTED: PropertyRefusal =
    PropertyRefusal { status: Status::FORBIDDEN, condition: Some(Condition::CannotModifyProtectedProperty) };

impl Changes {
    /// Combines the instructions in the order of the request. `Err` if the server fails.
    pub(crate) fn of<'a>(
        context: &Context<'_>,
        target: ChangeTarget<'_>,
        updates: &'a [Update],
    ) -> Result<Outcome<'a>, Refusal> {
        let mut changes = Self::default();
        let mut verdicts = Vec::with_capacity(updates.len());
        for update in updates {
            let verdict = match changes.apply(context, target, update) {
                Ok(()) => None,
                Err(Rejection::Property(refusal)) => Some(refusal),
                Err(Rejection::Request(refusal)) => return Err(refusal),
            };
            verdicts.push((update.name(), verdict));
        }
        changes.settle();
        let is_accepted = verdicts.iter().all(|(_, refusal)| refusal.is_none());
        Ok(if is_accepted { Outcome::Accepted(changes) } else { Outcome::Refused(verdicts) })
    }

    fn apply(&mut self, context: &Context<'_>, target: ChangeTarget<'_>, update: &Update) -> Result<(), Rejection> {
        check_permitted(target, update.name())?;
        if target.kind == Kind::Delegates {
            self.members = Some(match update {
                Update::Set(property) => members(context, property)?,
                Update::Remove(_) => vec![],
            });
            return Ok(());
        }
        match update {
            Update::Set(property) => self.set(context, target, property),
            Update::Remove(name) => Ok(self.remove(target, name)?),
        }
    }

    fn set(&mut self, context: &Context<'_>, target: ChangeTarget<'_>, property: &Element) -> Result<(), Rejection> {
        // Only homes and the collections in them have settings. On other resources, those that are
        // stored exactly as the client sent them are dead properties.
        let setting = if target.kind.has_settings() {
            Setting::read(property).map_err(|error| invalid_value(&error))?
        } else if is_of_collections(&property.name) {
            return Err(FORBIDDEN.into());
        } else {
            None
        };
        let is_dead = setting.map_or(Ok(true), |setting| self.set_setting(context, target, setting))?;
        if is_dead {
            self.set_dead(DeadProperty::of(property));
        }
        Ok(())
    }

    fn set_dead(&mut self, property: DeadProperty) {
        self.instructions.push((stored_name(&property.name), Some(property.xml)));
    }

    /// Removes a property. It is not an error if the property does not exist (RFC 4918 §9.2).
    fn remove(&mut self, target: ChangeTarget<'_>, name: &QName) -> Result<(), PropertyRefusal> {
        if !target.kind.has_settings() {
            self.remove_dead(name);
        } else if *name == dav::name::SCHEDULE_CALENDAR_TRANSP {
            self.settings.transparency = Some(Transparency::Opaque);
        } else if *name == dav::name::SCHEDULE_DEFAULT_CALENDAR_URL {
            if target.kind != Kind::Inbox {
                return Err(FORBIDDEN);
            }
            self.settings.default_calendar = Some(String::new());
        } else {
            // RFC 7809 §3.1.5: `calendar-timezone` and `calendar-timezone-id` are removed together.
            let is_time_zone = *name == dav::name::CALENDAR_TIMEZONE || *name == dav::name::CALENDAR_TIMEZONE_ID;
            if is_time_zone {
                self.settings.time_zone = Some(String::new());
            }
            self.remove_dead(if is_time_zone { &dav::name::CALENDAR_TIMEZONE } else { name });
        }
        Ok(())
    }

    fn remove_dead(&mut self, name: &QName) {
        self.instructions.push((stored_name(name), None));
    }

    /// Sorts the instructions for dead properties into `set` and `removed`. The last instruction
    /// for each name counts (RFC 4918 §9.2).
    fn settle(&mut self) {
        let mut seen = HashSet::new();
        for (name, xml) in std::mem::take(&mut self.instructions).into_iter().rev() {
            if !seen.insert(name.clone()) {
                continue;
            }
            match xml {
                Some(xml) => self.set.push(Property { name, xml }),
                None => self.removed.push(name),
            }
        }
        self.set.reverse();
        self.removed.reverse();
    }
}

/// Checks that clients may change the property with this name on this resource.
fn check_permitted(target: ChangeTarget<'_>, name: &QName) -> Result<(), PropertyRefusal> {
    if target.kind == Kind::Principal && *name == dav::name::DISPLAY_NAME {
        // The display name of a principal comes from the directory and is protected.
        return Err(PROTECTED);
    }
    // `DAV:group-member-set` is the only property that clients can set on a delegates group. The
    // members of all other groups come from the directory.
    if (target.kind == Kind::Delegates) != (*name == dav::name::GROUP_MEMBER_SET) {
        return Err(PROTECTED);
    }
    // RFC 4791 §9.6: `calendar-data` is not a property, so PROPPATCH cannot set it.
    if *name == dav::name::CALENDAR_DATA {
        return Err(FORBIDDEN);
    }
    match live(name).map(|live| live.access) {
        Some(Access::Protected) => return Err(PROTECTED),
        Some(Access::OnCreation) if !target.is_new => return Err(PROTECTED),
        Some(Access::OnCreation | Access::Client) | None => {}
    }
    match target.kind {
        Kind::Home
        | Kind::Calendar
        | Kind::Inbox
        | Kind::Outbox
        | Kind::Plain
        | Kind::Object
        | Kind::File
        | Kind::Principal
        | Kind::Delegates => Ok(()),
        // Clients cannot set properties on the root, on the collections of principals and of homes,
        // and on scheduling messages.
        Kind::Root | Kind::Principals | Kind::Homes | Kind::SchedulingMessage => Err(FORBIDDEN),
    }
}

/// Returns true for a live property that only homes and the collections in them have. Elsewhere it
/// could be stored, but not read back.
fn is_of_collections(name: &QName) -> bool {
    // A display name can be set on every resource (RFC 4918 §15.2).
    *name != dav::name::DISPLAY_NAME && live(name).is_some_and(|live| live.access == Access::Client)
}

/// Reads the members of a delegates group from the hrefs or the addresses of principals. `Err`
/// (409) if one of them is not a principal of this server, or if there are more than
/// [`MAX_DELEGATES`].
fn members(context: &Context<'_>, property: &Element) -> Result<Vec<PrincipalId>, PropertyRefusal> {
    let lookup = Lookup { person: context.person, directory: &context.person.directory, models: context.models() };
    // RFC 4918 §9.2.1: 409 for a value that is not acceptable for the property.
    let unfit = PropertyRefusal { status: Status::CONFLICT, condition: None };
    let mut members = Vec::new();
    let mut seen = HashSet::new();
    for (earlier, href) in property.named(dav::name::DAV, "href").enumerate() {
        let entry = lookup.somebody(&href.text()).filter(|_| earlier < MAX_DELEGATES).ok_or(unfit)?;
        if seen.insert(entry.id) {
            members.push(entry.id);
        }
    }
    Ok(members)
}

/// Returns the refusal for an invalid value (RFC 4918 §9.2.1): 403 with the condition of the
/// property's RFC, or 409 if that RFC has no condition.
fn invalid_value(error: &RequestError) -> PropertyRefusal {
    match error.condition() {
        Some(condition) => PropertyRefusal { condition: Some(condition), ..FORBIDDEN },
        None => PropertyRefusal { status: Status::CONFLICT, condition: None },
    }
}

fn stored_name(name: &QName) -> PropertyName {
    PropertyName { namespace: name.namespace().to_owned(), local: name.local().to_owned() }
}
