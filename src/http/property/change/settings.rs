//! Settings: properties of collections that change the behaviour of the server.

use dav::{
    Condition,
    property::DeadProperty,
    setting::{self, Setting},
};
use ical::{
    Document,
    zone::{self, Zone},
};
use schemas::collection::Transparency;
use service::collections::accepts_events;

use super::{ChangeTarget, Changes, FORBIDDEN, PropertyRefusal, Rejection};
use crate::{
    property::{Context, availability, calendar::COMPONENTS},
    refusal::Refusal,
    resource::{Kind, Path},
};

/// Maximum number of `CALDAV:calendar-timezone` values in one request. The last one counts, but
/// each definition can need much work to check.
const MAX_TIME_ZONES: usize = 8;

impl Changes {
    /// Applies a setting. Returns true if the property is also stored as a dead property, exactly
    /// as the client sent it.
    pub(super) fn set_setting(
        &mut self,
        context: &Context<'_>,
        target: ChangeTarget<'_>,
        setting: Setting,
    ) -> Result<bool, Rejection> {
        match setting {
            Setting::DisplayName(_) | Setting::Description(_) | Setting::Color(_) | Setting::Order(_) => Ok(true),
            Setting::TimeZone(text) => self.set_time_zone(text).map(|()| true),
            Setting::TimeZoneId(tzid) => self.set_time_zone_id(&tzid).map(|()| false),
            Setting::Components(components) => self.set_components(target, components).map(|()| false),
            Setting::Transparency(transparency) => self.set_transparency(target, transparency).map(|()| false),
            Setting::Availability(text) => check_availability(target, &text).map(|()| true),
            Setting::DefaultCalendar(href) => {
                self.settings.default_calendar = Some(default_calendar(context, target, href.as_deref())?);
                Ok(false)
            }
        }
    }

    fn set_time_zone(&mut self, text: String) -> Result<(), Rejection> {
        self.time_zones += 1;
        if self.time_zones > MAX_TIME_ZONES {
            return Err(FORBIDDEN.into());
        }
        check_time_zone(&text)?;
        self.settings.time_zone = Some(text);
        Ok(())
    }

    fn set_time_zone_id(&mut self, tzid: &str) -> Result<(), Rejection> {
        let refused = PropertyRefusal { condition: Some(Condition::ValidTimezone), ..FORBIDDEN };
        let text = zone::timezone_object(tzid).ok_or(refused)?;
        self.set_dead(DeadProperty::text(&dav::name::CALENDAR_TIMEZONE, &text));
        self.settings.time_zone = Some(text);
        Ok(())
    }

    fn set_components(&mut self, target: ChangeTarget<'_>, components: Vec<String>) -> Result<(), Rejection> {
        let unknown = components.iter().any(|name| !COMPONENTS.contains(&name.as_str()));
        if target.kind != Kind::Calendar || unknown {
            let condition = Some(Condition::SupportedCalendarComponent);
            return Err(PropertyRefusal { condition, ..FORBIDDEN }.into());
        }
        self.components = components;
        Ok(())
    }

    fn set_transparency(
        &mut self,
        target: ChangeTarget<'_>,
        transparency: setting::Transparency,
    ) -> Result<(), Rejection> {
        if target.kind != Kind::Calendar {
            return Err(FORBIDDEN.into());
        }
        self.settings.transparency = Some(match transparency {
            setting::Transparency::Opaque => Transparency::Opaque,
            setting::Transparency::Transparent => Transparency::Transparent,
        });
        Ok(())
    }
}

/// Checks the value of `calendar-availability`. RFC 7953 §7.2.4: only an inbox has this property,
/// and free-busy requests read it there.
fn check_availability(target: ChangeTarget<'_>, text: &str) -> Result<(), Rejection> {
    if target.kind != Kind::Inbox {
        return Err(FORBIDDEN.into());
    }
    if !availability::is_valid(text) {
        return Err(PropertyRefusal { condition: Some(Condition::ValidCalendarData), ..FORBIDDEN }.into());
    }
    Ok(())
}

/// Checks that the text is an iCalendar object whose only component is a `VTIMEZONE` that has a
/// known TZID or defines a zone (RFC 4791 §5.2.2).
fn check_time_zone(text: &str) -> Result<(), PropertyRefusal> {
    let is_zone = Document::parse(text).is_ok_and(|document| Zone::of_timezone_document(&document).is_some());
    if is_zone { Ok(()) } else { Err(PropertyRefusal { condition: Some(Condition::ValidCalendarData), ..FORBIDDEN }) }
}

/// Returns the name of the default calendar at `href`. `Err` unless the calendar accepts events and
/// is in the same home as the inbox (RFC 6638 §9.2).
fn default_calendar(context: &Context<'_>, target: ChangeTarget<'_>, href: Option<&str>) -> Result<String, Rejection> {
    let (Kind::Inbox, Some(owner)) = (target.kind, target.owner) else { return Err(FORBIDDEN.into()) };
    let refused = PropertyRefusal { condition: Some(Condition::ValidScheduleDefaultCalendarUrl), ..FORBIDDEN };
    // RFC 6638 §9.2: the element must contain an href. A client that gives up its choice removes
    // the property instead.
    let path = href.and_then(Path::of_href);
    let named = path.as_ref().and_then(|path| Some((path.owner()?, path.collection_name()?)));
    let Some((home, name)) = named else { return Err(refused.into()) };
    let calendar = context.models().collection(owner.id, &name).map_err(Refusal::from)?;
    let is_valid = calendar.is_some_and(|calendar| accepts_events(&calendar));
    if is_valid && home == owner.short_name { Ok(name) } else { Err(refused.into()) }
}
