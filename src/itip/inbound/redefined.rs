//! A message that defines a time zone otherwise than the copy (RFC 5545 §3.6.5).
//!
//! **Invariant:** a message moves only what it contains. A new definition replaces the copy's where
//! the message contains all that uses the zone; elsewhere the message's times are taken in UTC, and
//! the definition of the copy stays.

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

/// A definition of the copy, and the message's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Redefined<'m, 'c> {
    tzid: &'m str,
    pub(super) said: Component<'m>,
    pub(super) known: Component<'c>,
}

/// Returns the definitions of the copy, with the `times` that they give it, that those of a REQUEST
/// replace.
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

/// Returns the copy with the definitions that replace its own: its instances are those that the
/// message names. `None` if nothing is replaced.
pub(super) fn read_anew<'c>(message: &Meeting<'_>, copy: &Meeting<'c>, context: &Context<'_>) -> Option<Meeting<'c>> {
    let replaced = replaced(message, copy, &copy.times, context);
    let tzids = replaced.iter().map(|zone| zone.tzid);
    (!replaced.is_empty()).then(|| copy.in_zones(copy.times.redefined(tzids, &message.times), context))
}

/// Returns a REQUEST or an ADD with times in UTC where it means others than the definition of their
/// zone in the copy, and does not replace it; `None` if there are none.
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

/// Returns the zones of the message that the copy defines otherwise. Clients that write a
/// definition anew, in their own spelling, change no zone.
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

/// Returns whether the request contains everything in the copy that uses the zone, or leaves
/// nothing else there.
fn concerns_all(tzid: &str, message: &Meeting<'_>, copy: &Meeting<'_>, context: &Context<'_>) -> bool {
    let uses =
        |part: &Part<'_>| part.component.properties().any(|line| line.param("TZID").is_some_and(|it| it == tzid));
    let named = |part: &Part<'_>| part.recurrence_id().map(|id| Line::of(id).normal());
    let contains = |part: &Part<'_>| message.parts().any(|(_, said)| named(said) == named(part));
    request::replaces(message, copy, context)
        || copy.parts().filter(|(_, part)| uses(part)).all(|(key, part)| message.part(key).is_some() || contains(part))
}
