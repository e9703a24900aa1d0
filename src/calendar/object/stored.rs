//! The event that stores a text, with the messages of the same change.

use ical::Document;
use schemas::{
    ObjectEvent,
    edit::Edit,
    object::{Content, ObjectPut, Place},
};

use super::{DecisionContext, Resource, SentBody, edits, limits::fits, scheduling::SchedulingOutcome};
use crate::{Refusal, tag};

/// The resource to write.
pub(super) struct Target<'a> {
    /// The current resource; `None` if it is new.
    pub known: Option<&'a Resource>,
    pub place: &'a Place,
    pub uid: &'a str,
    pub component: &'a str,
}

/// The origin of a text to store.
#[derive(Default)]
pub(super) struct Origin<'a> {
    /// The body of the request or the copied text, and the text that was parsed from it; `None` if
    /// the server stores a text of its own.
    pub sent: Option<(&'a SentBody, &'a str)>,
    /// The changes that the server made before it applied the scheduling rules.
    pub edits: Vec<Edit>,
}

/// Returns the events for a planned change and its messages; empty if nothing changes.
///
/// Returns an error if the text that scheduling completed exceeds a limit of one object, or if all
/// messages together, counted once for each recipient, exceed `max_delivery_bytes`. The text is
/// checked here because the server may have added to the sent text (RFC 6638 §11.1).
pub(super) fn stored(
    target: &Target<'_>,
    origin: Origin<'_>,
    document: &Document,
    plan: SchedulingOutcome,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    if plan.delivered_bytes > context.limits.max_delivery_bytes {
        return Err(Refusal::DeliveryTooLarge { limit_bytes: context.limits.max_delivery_bytes });
    }
    if let Some(completed) = &plan.stored {
        fits(completed, context.limits)?;
    }
    let Origin { sent, mut edits } = origin;
    edits.extend(plan.stored.iter().flat_map(|stored| edits::between(document, stored)));
    let ics = plan.stored.unwrap_or_else(|| document.as_str().to_owned());
    if target.known.is_some_and(|resource| resource.content.ics == ics && plan.messages.is_empty()) {
        return Ok(vec![]);
    }
    let copied = sent.and_then(|(sent, parsed)| sent.copied(parsed, &ics));
    let sent = sent.and_then(|(sent, parsed)| sent.recorded(parsed, &ics));
    let new = Content {
        etag: tag::etag(&ics),
        // RFC 6638 §3.2.10: every direct change by HTTP changes the Schedule-Tag.
        schedule_tag: plan.role.map(|_| tag::schedule_tag(context.act)),
        role: plan.role.unwrap_or_default(),
        ics,
    };
    let put = ObjectEvent::Put(ObjectPut {
        home: context.home,
        place: target.place.clone(),
        uid: target.uid.to_owned(),
        component: target.component.to_owned(),
        content: new,
        sent,
        edits,
        imported: None,
        copied,
    });
    Ok(std::iter::once(put).chain(plan.messages).collect())
}
