//! Records delivery outcomes and writes them as `SCHEDULE-STATUS` (RFC 6638 §3.2.9).

use ical::Address;
use schemas::{
    ObjectEvent,
    object::{Content, DeliveryReported, ObjectRevised, RevisionReason},
};

use super::{DecisionContext, Object, scheduling};
use crate::tag;

/// Records the delivery outcomes that were not recorded before, in the order in which the messages
/// were issued.
pub(super) fn decide(object: &Object, reports: &[DeliveryReported], context: &DecisionContext<'_>) -> Vec<ObjectEvent> {
    let news: Vec<_> =
        reports.iter().filter(|reported| !object.reported.contains(&reported.message)).cloned().collect();
    let statuses: Vec<(Address, String)> = news
        .iter()
        .flat_map(|reported| &reported.deliveries)
        .filter_map(|delivery| Some((Address::parse(&delivery.address)?, delivery.status.clone())))
        .collect();
    let revised = revise(object, &statuses, context);
    news.into_iter().map(ObjectEvent::DeliveryReported).chain(revised).collect()
}

fn revise(object: &Object, statuses: &[(Address, String)], context: &DecisionContext<'_>) -> Option<ObjectEvent> {
    let resource = object.scheduled().filter(|_| !statuses.is_empty())?;
    // A copy that cannot be parsed gets no SCHEDULE-STATUS. The report is recorded in any case.
    let copy = scheduling::document(resource).ok()?;
    let ics =
        scheduling::with_itip_context(context, |context| itip::status::set_schedule_status(&copy, statuses, context))?;
    // RFC 6638 §3.2.10: the outcome of a delivery does not change the Schedule-Tag.
    let reported = Content { etag: tag::etag(&ics), ics, ..resource.content.clone() };
    Some(ObjectEvent::Revised(ObjectRevised {
        home: Some(context.home),
        uid: Some(object.uid.clone()),
        place: resource.place.clone(),
        content: reported,
        reason: RevisionReason::Status,
        message: None,
        automatic: None,
    }))
}
