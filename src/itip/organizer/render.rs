//! The organizer's messages as text.
//!
//! **Invariant:** a REQUEST holds what its recipients are invited to and leaves out what they are not (RFC 6638 §3.2.6); a
//! CANCEL names its recipients and nobody else.

use super::plan::Invitation;
use crate::body::Body;
use crate::line::Line;
use crate::meeting::{Meeting, Part, Slot};
use crate::outgoing::{message, publish};
use crate::times::Key;
use crate::{Context, Method};
use ical::Address;

/// A REQUEST with the components of an invitation.
pub(super) fn request(
    is: &Meeting<'_>,
    invitation: &Invitation,
    recipients: &[&Address],
    context: &Context<'_>,
) -> String {
    let mut bodies = Vec::new();
    for part in invitation.slots.iter().filter_map(|slot| is.part(*slot)) {
        let mut body = Body::of(part.component);
        if part.recurrence_id().is_none() {
            body.lines.extend(invitation.excluded.iter().filter_map(|key| is.exclusion(*key)));
        }
        publish(&mut body, context);
        if is.hides_guests() {
            body.lines.retain(|line| !line.is("ATTENDEE") || may_see(line, is, recipients, context));
            body.inner.retain(|inner| !inner.is("PARTICIPANT"));
        }
        bodies.push(body);
    }
    message(Method::Request, &bodies, &[is.document])
}

fn may_see(attendee: &Line<'_>, is: &Meeting<'_>, recipients: &[&Address], context: &Context<'_>) -> bool {
    let address = attendee.address().map(|address| (context.same)(&address));
    address.is_some_and(|address| is.organizer.as_ref() == Some(&address) || recipients.contains(&&address))
}

/// The `RECURRENCE-ID`s of these components; none where the master is among them.
pub(super) fn instances(is: &Meeting<'_>, slots: &[Slot]) -> Vec<String> {
    if slots.contains(&Slot::Master) {
        return vec![];
    }
    let ids = slots.iter().filter_map(|slot| is.part(*slot)?.recurrence_id());
    ids.map(|id| id.value().to_owned()).collect()
}

/// A CANCEL to be written.
#[derive(Debug)]
pub(super) struct Cancel<'m, 'a> {
    pub(super) was: &'m Meeting<'a>,
    pub(super) is: Option<&'m Meeting<'a>>,
    pub(super) recipients: &'m [&'m Address],
    /// It is cancelled for everybody, not only for the recipients.
    pub(super) gone: bool,
}

impl Cancel<'_, '_> {
    /// Everything: RFC 5546 §3.2.5 has it without a `RECURRENCE-ID`. Who was invited to instances only gets to know those.
    pub(super) fn whole(&self, part: &Part<'_>, slot: Slot, context: &Context<'_>) -> String {
        let sequence = self.sequence(part.sequence(), slot);
        let mut body = Body::of(part.component);
        body.remove("RECURRENCE-ID");
        self.cancel(&mut body, sequence, context);
        message(Method::Cancel, &[body], &[self.was.document])
    }

    /// Single instances, and how they are called.
    pub(super) fn instances(&self, keys: &[Key], context: &Context<'_>) -> Option<(Vec<String>, String)> {
        let (mut ids, mut bodies) = (Vec::new(), Vec::new());
        for key in keys {
            let mut body = self.was.body(*key)?;
            let known = self.was.describing(*key)?.sequence();
            let slot = match self.is {
                Some(is) if is.overrides.contains_key(key) => Slot::Instance(*key),
                Some(_) | None => Slot::Master,
            };
            self.cancel(&mut body, self.sequence(known, slot), context);
            self.keep_range(&mut body, slot);
            ids.push(body.value("RECURRENCE-ID").unwrap_or_default().to_owned());
            bodies.push(body);
        }
        let sources: Vec<_> = std::iter::once(self.was.document).chain(self.is.map(|is| is.document)).collect();
        Some((ids, message(Method::Cancel, &bodies, &sources)))
    }

    /// RFC 5546 §3.2.5: with all that follow, if that is how it was cancelled.
    fn keep_range(&self, body: &mut Body<'_>, slot: Slot) {
        let id = self.is.and_then(|is| is.part(slot)?.recurrence_id());
        let range = id.and_then(|id| id.param("RANGE").map(std::borrow::Cow::into_owned));
        let line = body.lines.iter_mut().find(|line| line.is("RECURRENCE-ID"));
        if let Some((range, line)) = range.zip(line) {
            line.set_param("RANGE", &range);
        }
    }

    /// RFC 5546 §2.1.4: raised with every CANCEL, as it is in what is kept.
    fn sequence(&self, known: i32, slot: Slot) -> i32 {
        let kept = self.is.and_then(|is| is.part(slot)).map_or(0, Part::sequence);
        kept.max(known.saturating_add(1))
    }

    fn cancel(&self, body: &mut Body<'_>, sequence: i32, context: &Context<'_>) {
        publish(body, context);
        // RFC 5546 §3.2.5: those who are no longer invited
        body.lines.retain(|line| !line.is("ATTENDEE") || self.is_recipient(line, context));
        body.set(Line::new("SEQUENCE", &sequence.to_string()));
        if self.gone {
            body.set(Line::new("STATUS", "CANCELLED"));
        } else {
            body.remove("STATUS");
        }
    }

    fn is_recipient(&self, attendee: &Line<'_>, context: &Context<'_>) -> bool {
        let address = attendee.address().map(|address| (context.same)(&address));
        address.is_some_and(|address| self.recipients.contains(&&address))
    }
}
