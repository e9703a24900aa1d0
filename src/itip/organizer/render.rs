//! Writes the organizer's messages.
//!
//! **Invariant:** a REQUEST contains only components that list its recipients (RFC 6638 §3.2.6); a
//! CANCEL lists only its recipients as attendees.

use super::messages::RequestContent;
use crate::body::Body;
use crate::line::Line;
use crate::meeting::{ComponentKey, Meeting, Part};
use crate::outgoing::{message, publish};
use crate::times::InstanceKey;
use crate::{Context, Method};
use ical::Address;
use std::collections::HashSet;

/// Writes a REQUEST.
pub(super) fn request(
    is: &Meeting<'_>,
    invitation: &RequestContent,
    recipients: &[&Address],
    context: &Context<'_>,
) -> String {
    let recipients = recipients.iter().copied().collect();
    let mut bodies = Vec::new();
    for part in invitation.component_keys.iter().filter_map(|component_key| is.part(*component_key)) {
        let mut body = Body::of(part.component);
        if part.recurrence_id().is_none() {
            body.lines.extend(invitation.excluded.iter().filter_map(|key| is.exclusion(*key)));
        }
        publish(&mut body, context);
        if is.hides_attendees() {
            body.lines.retain(|line| !line.is("ATTENDEE") || may_see(line, is, &recipients, context));
            body.nested.retain(|inner| !inner.is("PARTICIPANT"));
        }
        bodies.push(body);
    }
    message(Method::Request, &bodies, &[is.document])
}

fn may_see(attendee: &Line<'_>, is: &Meeting<'_>, recipients: &HashSet<&Address>, context: &Context<'_>) -> bool {
    let address = attendee.address().map(|address| (context.canonical)(&address));
    address.is_some_and(|address| is.organizer.as_ref() == Some(&address) || recipients.contains(&address))
}

/// Returns the `RECURRENCE-ID`s of these components; empty if the master is among them.
pub(super) fn instances(is: &Meeting<'_>, component_keys: &[ComponentKey]) -> Vec<String> {
    if component_keys.contains(&ComponentKey::Master) {
        return vec![];
    }
    let ids = component_keys.iter().filter_map(|component_key| is.part(*component_key)?.recurrence_id());
    ids.map(|id| id.value().to_owned()).collect()
}

/// A CANCEL to write.
#[derive(Debug)]
pub(super) struct Cancel<'m, 'a> {
    pub(super) was: &'m Meeting<'a>,
    pub(super) is: Option<&'m Meeting<'a>>,
    pub(super) recipients: HashSet<&'m Address>,
    /// True if the meeting or the instances are cancelled for everybody, not only for the
    /// recipients.
    pub(super) gone: bool,
}

impl Cancel<'_, '_> {
    /// Writes a CANCEL of everything that the recipients were invited to, without `RECURRENCE-ID`
    /// (RFC 5546 §3.2.5).
    pub(super) fn whole(&self, part: &Part<'_>, component_key: ComponentKey, context: &Context<'_>) -> String {
        let sequence = self.sequence(part.sequence(), component_key);
        let mut body = self.as_cancelled(component_key, context).unwrap_or_else(|| Body::of(part.component));
        body.remove("RECURRENCE-ID");
        self.cancel(&mut body, sequence, context);
        message(Method::Cancel, &[body], &[self.was.document])
    }

    /// Writes a CANCEL of single instances. Returns their `RECURRENCE-ID`s and the text; `None` if
    /// the former meeting lacks one of them.
    pub(super) fn instances(&self, keys: &[InstanceKey], context: &Context<'_>) -> Option<(Vec<String>, String)> {
        let (mut ids, mut bodies) = (Vec::new(), Vec::new());
        for key in keys {
            let mut body = self.was.body(*key)?;
            let known = self.was.describing(*key)?.sequence();
            let component_key = match self.is {
                Some(is) if is.overrides.contains_key(key) => ComponentKey::Instance(*key),
                Some(_) | None => ComponentKey::Master,
            };
            if let Some(said) = self.as_cancelled(ComponentKey::Instance(*key), context) {
                body = said;
            }
            self.cancel(&mut body, self.sequence(known, component_key), context);
            self.keep_range(&mut body, component_key);
            ids.push(body.value("RECURRENCE-ID").unwrap_or_default().to_owned());
            bodies.push(body);
        }
        let sources: Vec<_> = std::iter::once(self.was.document).chain(self.is.map(|is| is.document)).collect();
        Some((ids, message(Method::Cancel, &bodies, &sources)))
    }

    /// Returns the cancelled component as the organizer stored it, because its texts may state the
    /// reason (RFC 5546 §3.2.5). Recipients whom the component no longer lists are added. `None` if
    /// others are still invited, because the new texts then do not concern the recipients, or if
    /// the stored object has no such cancelled component.
    fn as_cancelled(&self, component_key: ComponentKey, context: &Context<'_>) -> Option<Body<'_>> {
        let said = self.is.filter(|_| self.gone)?.part(component_key).filter(|part| part.cancelled)?;
        let mut body = Body::of(said.component);
        let known = self.was.body_at(component_key)?;
        let unlisted = |line: &Line<'_>| {
            let address = line.address().map(|address| (context.canonical)(&address));
            line.is("ATTENDEE") && address.is_some_and(|address| said.attendee(&address).is_none())
        };
        let unlisted = known.lines.into_iter().filter(|line| unlisted(line) && self.is_recipient(line, context));
        body.lines.extend(unlisted);
        Some(body)
    }

    /// Keeps RANGE=THISANDFUTURE if the organizer cancelled all following instances, and removes it
    /// otherwise (RFC 5546 §3.2.5).
    fn keep_range(&self, body: &mut Body<'_>, component_key: ComponentKey) {
        let id = self.is.and_then(|is| is.part(component_key)?.recurrence_id());
        let range = id.and_then(|id| id.param("RANGE").map(std::borrow::Cow::into_owned));
        let Some(line) = body.lines.iter_mut().find(|line| line.is("RECURRENCE-ID")) else { return };
        match range {
            Some(range) => line.set_param("RANGE", &range),
            None => line.remove_param("RANGE"),
        }
    }

    /// Returns the SEQUENCE of a CANCEL: higher than `known`, and not lower than in the stored
    /// object (RFC 5546 §2.1.4).
    fn sequence(&self, known: i32, component_key: ComponentKey) -> i32 {
        let kept = self.is.and_then(|is| is.part(component_key)).map_or(0, Part::sequence);
        kept.max(known.saturating_add(1))
    }

    fn cancel(&self, body: &mut Body<'_>, sequence: i32, context: &Context<'_>) {
        publish(body, context);
        // RFC 5546 §3.2.5: a CANCEL lists only the attendees who are no longer invited.
        body.lines.retain(|line| !line.is("ATTENDEE") || self.is_recipient(line, context));
        body.set(Line::new("SEQUENCE", &sequence.to_string()));
        if self.gone {
            body.set(Line::new("STATUS", "CANCELLED"));
        } else {
            body.remove("STATUS");
        }
    }

    fn is_recipient(&self, attendee: &Line<'_>, context: &Context<'_>) -> bool {
        let address = attendee.address().map(|address| (context.canonical)(&address));
        address.is_some_and(|address| self.recipients.contains(&address))
    }
}
