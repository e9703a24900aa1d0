//! The consequences of an act: messages with their outcomes, and actions that the server did by
//! itself.

use std::collections::BTreeMap;

use ical::Document;
use schemas::{
    ObjectEvent, PrincipalId, Recorded,
    object::{MessageIssued, Method, Outcome, RevisionReason, Visibility},
};
use uuid::Uuid;

use super::fold::ActEvent;
use crate::{
    Clock,
    reasons::{self, answered, short_list},
    sentence::Context,
};

/// The consequences of an act, as lines of text.
#[derive(Debug, Default)]
pub(super) struct Consequences {
    pub server: Vec<String>,
    pub notified: Vec<String>,
    pub not_notified: Vec<String>,
}

/// Finds the consequences among the events of one act.
pub(super) fn of(context: &Context<'_>, group: &[ActEvent<'_>]) -> Consequences {
    let outcomes = Outcomes::of(group);
    let mut found = Consequences::default();
    let mut people: BTreeMap<(String, Delivered), Vec<String>> = BTreeMap::new();
    for event in group {
        match event.object() {
            Some(ObjectEvent::MessageIssued(issued)) if issued.visibility == Visibility::Inbox => {
                if is_automatic(event, issued) {
                    let busy = busy(group, event.recorded.stream).unwrap_or_default();
                    found.server.push(automatic_answer(context, event.recorded, issued) + &busy);
                } else {
                    for to in &issued.recipients {
                        let key = (reasons::issued(&issued.reason), outcomes.status(issued.message, to));
                        people.entry(key).or_default().push(context.recipient(to, event.recorded));
                    }
                }
            }
            Some(ObjectEvent::MessageReceived(received)) => {
                if let Outcome::Ignored { reason } = &received.outcome
                    && received.item.is_none()
                    && received.method != Method::Refresh
                {
                    let owner = context.owner(event.recorded);
                    let method = received.method.as_str();
                    found
                        .server
                        .push(format!("{owner}: the {method} changed nothing, because {}", reasons::ignored(reason)));
                }
            }
            _ => {}
        }
    }
    for ((reason, delivered), people) in &people {
        match delivered {
            Delivered::Arrived(status) => found.notified.push(notified_line(reason, status, people)),
            Delivered::Failed(why) => found.not_notified.push(failed_line(reason, why, people)),
        }
    }
    found.not_notified.extend(not_notified(context, group));
    found.server.extend(copies(group));
    found
}

/// Returns true for a REPLY that the server sent automatically, in the name of an owner who did
/// nothing.
fn is_automatic(event: &ActEvent<'_>, issued: &MessageIssued) -> bool {
    !event.is_direct() && event.recorded.metadata.actor.is_none() && issued.method == Method::Reply
}

fn automatic_answer(context: &Context<'_>, recorded: &Recorded, issued: &MessageIssued) -> String {
    let owner = context.owner(recorded);
    let partstat = partstat(&issued.ics).unwrap_or_default();
    match answered(&partstat) {
        Some(word) => format!("{owner} {word} automatically"),
        None => format!("{owner} answered automatically"),
    }
}

/// Returns `, as it was busy during at least a part of …` for an automatic answer; `None` if no
/// conflict is recorded.
fn busy(group: &[ActEvent<'_>], stream: schemas::Stream) -> Option<String> {
    let automatic =
        group.iter().filter(|event| event.recorded.stream == stream).find_map(|event| match event.object() {
            Some(ObjectEvent::Revised(revised)) => revised.automatic.as_ref(),
            _ => None,
        })?;
    reasons::busy(automatic, &Clock::default()).map(|busy| format!(", as it was {busy}"))
}

/// Returns the PARTSTAT of the attendee in a REPLY; `None` if it has none or cannot be parsed.
fn partstat(reply: &str) -> Option<String> {
    let document = Document::parse(reply).ok()?;
    let attendee = document.root().components().find_map(|component| component.property("ATTENDEE"))?;
    attendee.param("PARTSTAT").map(std::borrow::Cow::into_owned)
}

/// The outcome of a message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Delivered {
    /// The message arrived, or was sent without a report of its arrival. The text is the delivery
    /// status; `arrived` if none is reported.
    Arrived(String),
    /// The message did not arrive, or not yet. The text says so, with the delivery status if one is
    /// reported.
    Failed(String),
}

/// Outcomes of messages for their recipients: the reported delivery status, or the arrival that is
/// recorded in the recipient's stream.
struct Outcomes<'a> {
    reported: BTreeMap<(Uuid, &'a str), &'a str>,
    arrived: Vec<(Uuid, PrincipalId)>,
}

impl<'a> Outcomes<'a> {
    fn of(group: &[ActEvent<'a>]) -> Self {
        let mut outcomes = Self { reported: BTreeMap::new(), arrived: vec![] };
        for event in group {
            match event.object() {
                Some(ObjectEvent::DeliveryReported(reported)) => {
                    let each = reported.deliveries.iter();
                    let each = each.map(|one| ((reported.message, one.address.as_str()), one.status.as_str()));
                    outcomes.reported.extend(each);
                }
                Some(ObjectEvent::MessageReceived(received)) => {
                    let arrived = received.also.iter().chain([&received.message]);
                    outcomes.arrived.extend(arrived.map(|message| (*message, received.home)));
                }
                _ => {}
            }
        }
        outcomes
    }

    fn status(&self, message: Uuid, to: &schemas::object::Recipient) -> Delivered {
        if let Some(status) = self.reported.get(&(message, to.address.as_str())) {
            return if reasons::has_arrived(status) {
                Delivered::Arrived((*status).to_owned())
            } else {
                Delivered::Failed(format!("the message did not arrive ({})", reasons::status(status)))
            };
        }
        if to.principal.is_some_and(|principal| self.arrived.contains(&(message, principal))) {
            Delivered::Arrived("arrived".to_owned())
        } else {
            Delivered::Failed("the message is not delivered yet".to_owned())
        }
    }
}

/// Returns a line such as `Bob, Carol and Dave (rescheduled: 1.2 each)`.
fn notified_line(reason: &str, status: &str, people: &[String]) -> String {
    let each = if people.len() > 1 { " each" } else { "" };
    format!("{} ({reason}: {status}{each})", short_list(people))
}

/// Returns a line such as `Bob (invited): the message did not arrive (3.7, no principal has this
/// address)`.
fn failed_line(reason: &str, why: &str, people: &[String]) -> String {
    format!("{} ({reason}): {why}", short_list(people))
}

/// Returns a line for each reason for which messages were suppressed, with the people to whom they
/// were not sent.
fn not_notified(context: &Context<'_>, group: &[ActEvent<'_>]) -> Vec<String> {
    let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in group {
        let Some(ObjectEvent::MessageSuppressed(suppressed)) = event.object() else { continue };
        let why = reasons::suppressed(&suppressed.reason, &context.actor(event.recorded)).into_owned();
        let people = by_reason.entry(why).or_default();
        for to in &suppressed.recipients {
            let name = context.recipient(to, event.recorded);
            if !people.contains(&name) {
                people.push(name);
            }
        }
    }
    by_reason.iter().map(|(why, people)| format!("{}: {why}", short_list(people))).collect()
}

/// Returns a line such as `3 copies brought up to date, 1 copy cancelled`; `None` if the server
/// made none of these changes.
fn copies(group: &[ActEvent<'_>]) -> Option<String> {
    let count = |is_meant: &dyn Fn(&ObjectEvent) -> bool| {
        let counted = |event: &&ActEvent<'_>| !event.is_direct() && event.object().is_some_and(is_meant);
        group.iter().filter(counted).count()
    };
    let revised = |reason: RevisionReason| {
        count(&|event| matches!(event, ObjectEvent::Revised(revised) if revised.reason == reason))
    };
    let put = count(&|event| matches!(event, ObjectEvent::Put(_)));
    let plural = |count: usize| if count == 1 { "copy" } else { "copies" };
    let part = |count: usize, what: &str| (count > 0).then(|| format!("{count} {} {what}", plural(count)));
    let parts = [
        part(put, "created"),
        part(revised(RevisionReason::Request), "brought up to date"),
        part(revised(RevisionReason::Cancel), "cancelled"),
        part(revised(RevisionReason::Refresh), "refreshed with the others' answers"),
        part(revised(RevisionReason::Import), "made to agree"),
        part(revised(RevisionReason::Repair), "repaired"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
