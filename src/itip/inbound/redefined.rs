//! Handles messages that define a time zone differently from the copy (RFC 5545 §3.6.5).
//!
//! **Invariant:** a message moves only the components that it contains. The definition of a time
//! zone in a REQUEST replaces the copy's if the REQUEST contains every component of the copy that
//! uses the zone, or replaces the whole copy. Otherwise the copy keeps its definition, and the
//! times of the message that this would move are converted to UTC.

use super::request;
use crate::body::Body;
use crate::calendar_user_role::is_scheduled;
use crate::line::Line;
use crate::meeting::{Meeting, Part};
use crate::outgoing::zones;
use crate::times::{InstanceKey, Times, utc};
use crate::{Context, Method};
use ical::value::DateTime;
use ical::{Component, Document};

/// A time zone that is defined differently in the copy (`known`) and in the message (`said`).
#[derive(Debug, Clone, Copy)]
pub(super) struct Redefined<'m, 'c> {
    tzid: &'m str,
    pub(super) said: Component<'m>,
    pub(super) known: Component<'c>,
}

/// Returns the time zones of the copy whose definitions a REQUEST replaces. `times` reads the copy
/// with its own definitions.
pub(super) fn replaced<'m, 'c>(
    message: &Meeting<'m>,
    copy: &Meeting<'c>,
    times: &Times,
    context: &Context<'_>,
) -> Vec<Redefined<'m, 'c>> {
    let mut found = of(message, copy, times);
    found.retain(|zone| concerns_all(zone.tzid, message, copy, context));
    found
}

/// Returns the copy, read with the message's definitions of the time zones that the message
/// replaces, so that both give the same keys to instances. `None` if no definition is replaced.
pub(super) fn read_anew<'c>(message: &Meeting<'_>, copy: &Meeting<'c>, context: &Context<'_>) -> Option<Meeting<'c>> {
    let replaced = replaced(message, copy, &copy.times, context);
    let tzids = replaced.iter().map(|zone| zone.tzid);
    (!replaced.is_empty()).then(|| copy.in_zones(copy.times.redefined(tzids, &message.times), context))
}

/// Returns a REQUEST or an ADD whose times are converted to UTC if the copy keeps another
/// definition of their zone, which would move them. `None` if there are no such times.
///
/// Only single instances are converted, because a REQUEST with a series replaces the copy. They
/// have no RDATE and no EXDATE (RFC 5546 §3.2.4), so each property has a single time.
pub(super) fn in_utc(
    method: Method,
    message: &Meeting<'_>,
    copy: &Meeting<'_>,
    context: &Context<'_>,
) -> Option<Document> {
    let adds = method == Method::Add && message.master.is_some();
    let mut kept = of(message, copy, &copy.times);
    kept.retain(|zone| adds || !concerns_all(zone.tzid, message, copy, context));
    if kept.is_empty() {
        return None;
    }
    let mut edit = message.document.edit();
    for property in message.document.root().components().flat_map(Component::properties) {
        let line = Line::of(property);
        let Some(tzid) = line.param("TZID").filter(|tzid| kept.iter().any(|zone| zone.tzid == *tzid)) else { continue };
        let Ok(time) = DateTime::parse(line.value(), Some(tzid)) else { continue };
        match message.times.key(&time) {
            key @ InstanceKey::Instant(instant) if key != copy.times.key(&time) => {
                let mut line = line.clone();
                line.remove_param("TZID");
                line.set_value(&utc(instant));
                edit.replace(property.id(), line.as_str());
            }
            InstanceKey::Instant(_) | InstanceKey::Local(_) => {}
        }
    }
    (!edit.is_empty()).then(|| Document::parse(edit.finish()).expect("an edited document is as well-formed as it was"))
}

/// Returns the time zones that the message uses and that the copy defines differently. Two
/// spellings of one definition do not differ.
fn of<'m, 'c>(message: &Meeting<'m>, copy: &Meeting<'c>, times: &Times) -> Vec<Redefined<'m, 'c>> {
    let redefined = |said: Component<'m>| {
        let tzid = said.property("TZID")?.value();
        let mut known = copy.document.root().components_named("VTIMEZONE");
        let known = known.find(|known| known.property("TZID").is_some_and(|known| known.value() == tzid))?;
        let differs = known.text() != said.text() && !message.times.agree_on(tzid, times);
        differs.then_some(Redefined { tzid, said, known })
    };
    let mut found: Vec<_> = message.document.root().components_named("VTIMEZONE").filter_map(redefined).collect();
    if !found.is_empty() {
        let components = message.document.root().components().filter(|component| is_scheduled(*component));
        let used = zones(&components.map(Body::of).collect::<Vec<_>>(), &[message.document]);
        found.retain(|zone| used.iter().any(|used| used.id() == zone.said.id()));
    }
    found
}

/// Returns whether the message contains every component of the copy that uses the zone, or replaces
/// the whole copy.
fn concerns_all(tzid: &str, message: &Meeting<'_>, copy: &Meeting<'_>, context: &Context<'_>) -> bool {
    let uses =
        |part: &Part<'_>| part.component.properties().any(|line| line.param("TZID").is_some_and(|it| it == tzid));
    let named = |part: &Part<'_>| part.recurrence_id().map(|id| Line::of(id).normal());
    let contains = |part: &Part<'_>| message.parts().any(|(_, said)| named(said) == named(part));
    request::replaces(message, copy, context)
        || copy.parts().filter(|(_, part)| uses(part)).all(|(key, part)| message.part(key).is_some() || contains(part))
}
