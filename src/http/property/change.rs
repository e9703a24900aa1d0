//! Setting and removing properties (RFC 4918 §9.2): all of it, or nothing.

use dav::{
    Condition, QName, Status,
    href::Href,
    property::DeadProperty,
    request::{RequestError, Update},
    setting::{self, Setting},
    xml::Element,
};
use ical::{Document, time::Window, zone};
use projections::Entry;
use schemas::collection::{Property, PropertyName, Settings, Transparency};
use service::collections::takes_events;

use super::{
    Context, availability,
    calendar::COMPONENTS,
    table::{Access, live},
};
use crate::{no::No, node::Kind, path::Path};

/// What the instructions of one request come to.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub set: Vec<Property>,
    pub removed: Vec<PropertyName>,
    pub settings: Settings,
    pub components: Vec<String>,
}

/// Why an instruction cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub status: Status,
    pub condition: Option<Condition>,
}

/// What properties are set on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub kind: Kind,
    pub owner: Option<&'a Entry>,
    /// Some may only be said when a collection is made.
    pub is_new: bool,
}

/// A named time zone is told from here on: 1 January 2000.
const TOLD_SINCE: i64 = 946_684_800;

const FORBIDDEN: Refused = Refused { status: Status::FORBIDDEN, condition: None };
const PROTECTED: Refused =
    Refused { status: Status::FORBIDDEN, condition: Some(Condition::CannotModifyProtectedProperty) };

impl Changes {
    /// In the order of the request. The outer error is a failure, the inner what became of each instruction.
    #[expect(clippy::type_complexity, reason = "one verdict per instruction, in their order")]
    pub(crate) fn of<'a>(
        context: &Context<'_>,
        target: Target<'_>,
        updates: &'a [Update],
    ) -> Result<Result<Self, Vec<(&'a QName, Option<Refused>)>>, No> {
        let mut changes = Self::default();
        let mut verdicts = Vec::with_capacity(updates.len());
        for update in updates {
            let verdict = match permitted(target, update.name()) {
                Ok(()) => match update {
                    Update::Set(property) => changes.set(context, target, property)?,
                    Update::Remove(name) => changes.remove(target, name),
                },
                Err(refused) => Err(refused),
            };
            verdicts.push((update.name(), verdict.err()));
        }
        Ok(if verdicts.iter().all(|(_, refused)| refused.is_none()) { Ok(changes) } else { Err(verdicts) })
    }

    fn set(
        &mut self,
        context: &Context<'_>,
        target: Target<'_>,
        property: &Element,
    ) -> Result<Result<(), Refused>, No> {
        // What the server acts on is said of collections; elsewhere it is kept like anything else.
        if !target.kind.has_settings() {
            self.keep(DeadProperty::of(property));
            return Ok(Ok(()));
        }
        let setting = match Setting::read(property) {
            Ok(setting) => setting,
            Err(error) => return Ok(Err(wrong(&error))),
        };
        let kept = match setting {
            None | Some(Setting::DisplayName(_) | Setting::Description(_) | Setting::Color(_) | Setting::Order(_)) => {
                true
            }
            Some(Setting::TimeZone(text)) => match time_zone(&text) {
                Ok(()) => {
                    self.settings.time_zone = Some(text);
                    true
                }
                Err(refused) => return Ok(Err(refused)),
            },
            Some(Setting::TimeZoneId(tzid)) => {
                let Some(text) = named_time_zone(&tzid) else {
                    return Ok(Err(Refused { condition: Some(Condition::ValidTimezone), ..FORBIDDEN }));
                };
                self.keep(DeadProperty::text(&dav::name::CALENDAR_TIMEZONE, &text));
                self.settings.time_zone = Some(text);
                false
            }
            Some(Setting::Components(components)) => {
                let unknown = components.iter().any(|name| !COMPONENTS.contains(&name.as_str()));
                if target.kind != Kind::Calendar || unknown {
                    let condition = Some(Condition::SupportedCalendarComponent);
                    return Ok(Err(Refused { condition, ..FORBIDDEN }));
                }
                self.components = components;
                false
            }
            Some(Setting::Transparency(transparency)) => {
                if target.kind != Kind::Calendar {
                    return Ok(Err(FORBIDDEN));
                }
                self.settings.transparency = Some(match transparency {
                    setting::Transparency::Opaque => Transparency::Opaque,
                    setting::Transparency::Transparent => Transparency::Transparent,
                });
                false
            }
            Some(Setting::Availability(text)) => {
                // RFC 7953 §7.2.4: on an inbox, where it is looked up when somebody asks.
                if target.kind != Kind::Inbox {
                    return Ok(Err(FORBIDDEN));
                }
                if !availability::is_valid(&text) {
                    return Ok(Err(Refused { condition: Some(Condition::ValidCalendarData), ..FORBIDDEN }));
                }
                true
            }
            Some(Setting::DefaultCalendar(href)) => match default_calendar(context, target, href.as_deref())? {
                Ok(name) => {
                    self.settings.default_calendar = Some(name);
                    false
                }
                Err(refused) => return Ok(Err(refused)),
            },
        };
        if kept {
            self.keep(DeadProperty::of(property));
        }
        Ok(Ok(()))
    }

    fn keep(&mut self, property: DeadProperty) {
        let name = stored_name(&property.name);
        self.removed.retain(|removed| *removed != name);
        self.set.retain(|set| set.name != name);
        self.set.push(Property { name, xml: property.xml });
    }

    /// RFC 4918 §9.2: removing what is not there is no error.
    fn remove(&mut self, target: Target<'_>, name: &QName) -> Result<(), Refused> {
        if !target.kind.has_settings() {
            self.forget(name);
        } else if *name == dav::name::SCHEDULE_CALENDAR_TRANSP {
            self.settings.transparency = Some(Transparency::Opaque);
        } else if *name == dav::name::SCHEDULE_DEFAULT_CALENDAR_URL {
            if target.kind != Kind::Inbox {
                return Err(FORBIDDEN);
            }
            self.settings.default_calendar = Some(String::new());
        } else {
            // RFC 7809 §3.1.5: one goes with the other.
            let is_time_zone = *name == dav::name::CALENDAR_TIMEZONE || *name == dav::name::CALENDAR_TIMEZONE_ID;
            if is_time_zone {
                self.settings.time_zone = Some(String::new());
            }
            self.forget(if is_time_zone { &dav::name::CALENDAR_TIMEZONE } else { name });
        }
        Ok(())
    }

    fn forget(&mut self, name: &QName) {
        let name = stored_name(name);
        self.set.retain(|set| set.name != name);
        self.removed.push(name);
    }
}

/// Whether a property of that name may be changed there at all.
fn permitted(target: Target<'_>, name: &QName) -> Result<(), Refused> {
    if target.kind == Kind::Principal && *name == dav::name::DISPLAY_NAME {
        // It comes from the directory.
        return Err(PROTECTED);
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
        | Kind::Principal => Ok(()),
        // These keep no properties.
        Kind::Root | Kind::Principals | Kind::Homes | Kind::Item => Err(FORBIDDEN),
    }
}

/// RFC 4918 §9.2.1: 409 where the value is not one of the property's.
fn wrong(error: &RequestError) -> Refused {
    match error.condition() {
        Some(condition) => Refused { condition: Some(condition), ..FORBIDDEN },
        None => Refused { status: Status::CONFLICT, condition: None },
    }
}

/// RFC 4791 §5.2.2: an iCalendar object with one `VTIMEZONE` and nothing else.
fn time_zone(text: &str) -> Result<(), Refused> {
    let is_one = Document::parse(text).is_ok_and(|document| {
        let mut components = document.root().components();
        components.next().is_some_and(|component| component.is("VTIMEZONE")) && components.next().is_none()
    });
    if is_one { Ok(()) } else { Err(Refused { condition: Some(Condition::ValidCalendarData), ..FORBIDDEN }) }
}

/// A whole iCalendar object with the zone of that name (RFC 7809 §3.1.5); nothing where nobody knows it.
fn named_time_zone(tzid: &str) -> Option<String> {
    let window = Window::new(TOLD_SINCE, Window::ALL.end);
    let timezone = zone::vtimezone(tzid, window)?;
    Some(format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Daybook//Daybook//EN\r\n{timezone}END:VCALENDAR\r\n"))
}

/// RFC 6638 §9.2: a calendar of the same home, on the inbox. The name it is stored as.
fn default_calendar(
    context: &Context<'_>,
    target: Target<'_>,
    href: Option<&str>,
) -> Result<Result<String, Refused>, No> {
    let (Kind::Inbox, Some(owner)) = (target.kind, target.owner) else { return Ok(Err(FORBIDDEN)) };
    let refused = Refused { condition: Some(Condition::ValidScheduleDefaultCalendarUrl), ..FORBIDDEN };
    // RFC 6638 §9.2: the element holds an href; whoever wants none removes the property.
    let path = href.and_then(|href| Href::parse(href).ok()).and_then(|href| Path::of(href.path));
    let named = path.as_ref().and_then(|path| Some((path.owner()?, path.collection_name()?)));
    let Some((home, name)) = named else { return Ok(Err(refused)) };
    let calendar = context.models().collection(owner.id, &name)?;
    let is_valid = calendar.is_some_and(|calendar| takes_events(&calendar));
    Ok(if is_valid && home == owner.short_name { Ok(name) } else { Err(refused) })
}

fn stored_name(name: &QName) -> PropertyName {
    PropertyName { namespace: name.namespace.clone().into_owned(), local: name.local.clone().into_owned() }
}
