//! Explains messages that were not sent, could not be delivered or changed nothing, and answers
//! that declined.

use schemas::{
    Event, ObjectEvent, PrincipalId, Recorded, Timestamp,
    object::{Method, Outcome, Recipient},
};

use crate::{
    Clock, foreign,
    reasons::{self, answered},
    sentence::Context,
};

/// Returns a sentence for each message to the person (to anybody, for `None`) that was not sent,
/// could not be delivered, or changed nothing.
pub(super) fn not_notified(context: &Context<'_>, person: Option<PrincipalId>) -> Vec<String> {
    let mut sentences = vec![];
    let is_meant = |to: &Recipient| match (person, to.principal) {
        (None, _) => true,
        (Some(person), Some(principal)) => person == principal,
        (Some(person), None) => context.evidence.names.principal(&to.address) == Some(person),
    };
    for recorded in &context.evidence.events {
        let Event::Object(event) = &recorded.event else { continue };
        let position = recorded.position;
        match event {
            ObjectEvent::MessageSuppressed(suppressed) => {
                let why = reasons::suppressed(&suppressed.reason, &context.actor(recorded));
                let method = suppressed.method.as_str();
                for to in suppressed.recipients.iter().filter(|to| is_meant(to)) {
                    let to = context.recipient(to, recorded);
                    sentences.push(format!("{to} was not notified (no {method}, #{position}), because {why}."));
                }
            }
            ObjectEvent::DeliveryReported(reported) => {
                let failed = reported.deliveries.iter().filter(|one| !reasons::has_arrived(&one.status));
                for delivery in failed {
                    let to = Recipient { address: delivery.address.clone(), principal: None };
                    if is_meant(&to) {
                        let (name, status) = (context.recipient(&to, recorded), reasons::status(&delivery.status));
                        sentences.push(format!("The message to {name} did not arrive (#{position}: {status})."));
                    }
                }
            }
            ObjectEvent::MessageReceived(received) => {
                let is_own = person.is_some_and(|person| person == received.home);
                if let (Outcome::Ignored { reason }, true) = (&received.outcome, is_own || person.is_none()) {
                    let (owner, method) = (context.owner(recorded), received.method.as_str());
                    let why = reasons::ignored(reason);
                    sentences.push(format!(
                        "The {method} that arrived in {owner}'s home changed nothing (#{position}): {why}."
                    ));
                }
            }
            _ => {}
        }
    }
    sentences.dedup();
    sentences
}

/// Returns a sentence for each REPLY of the person (of anybody, for `None`) that declined. After an
/// automatic one with conflicts, a second sentence says how to list the meetings of that day.
pub(super) fn declined(context: &Context<'_>, person: Option<PrincipalId>, clock: &Clock) -> Vec<String> {
    let mut sentences = vec![];
    for recorded in &context.evidence.events {
        let Event::Object(ObjectEvent::MessageIssued(issued)) = &recorded.event else { continue };
        let is_own = person.is_none_or(|person| issued.sender_home == person);
        if issued.method != Method::Reply || !is_own || !says_no(&issued.ics) {
            continue;
        }
        let (owner, when) = (context.owner(recorded), clock.long(recorded.metadata.at));
        let by = if recorded.metadata.actor.is_some() {
            format!("{} declined", context.actor(recorded))
        } else {
            format!("The server declined for {owner}")
        };
        let instances = if issued.instances.is_empty() {
            String::new()
        } else {
            let named: Vec<String> = issued.instances.iter().map(|id| foreign::identifier(id)).collect();
            format!(" for {}", reasons::short_list(&named))
        };
        let (busy, day) = conflicts(context, recorded, clock).unwrap_or_default();
        sentences.push(format!("{by}{instances}{busy} (#{}, {when}).", recorded.position));
        if let Some(login) = context.evidence.names.login(issued.sender_home).filter(|_| !day.is_empty()) {
            sentences.push(format!("To list the meetings of {owner} on that day: daybook find who:{login} on:{day}"));
        }
    }
    sentences
}

/// Returns the conflicts that an automatic answer recorded, as `, because Lake was busy during at
/// least a part of …`, and the day of the first conflict; `None` if it recorded none.
fn conflicts(context: &Context<'_>, reply: &Recorded, clock: &Clock) -> Option<(String, String)> {
    let same_answer =
        |other: &&Recorded| other.stream == reply.stream && other.metadata.correlation == reply.metadata.correlation;
    let automatic = context.evidence.events.iter().filter(same_answer).find_map(|other| match &other.event {
        Event::Object(ObjectEvent::Revised(revised)) => revised.automatic.as_ref(),
        _ => None,
    })?;
    let first = clock.searched_day(Timestamp::from_seconds(automatic.conflicts.first()?.start));
    let busy = reasons::busy(automatic, clock)?;
    Some((format!(", because {} was {busy}", context.owner(reply)), first))
}

fn says_no(reply: &str) -> bool {
    let Ok(document) = ical::Document::parse(reply) else { return false };
    let mut components = document.root().components();
    components.any(|component| {
        let partstat = component.property("ATTENDEE").and_then(|line| line.param("PARTSTAT"));
        partstat.and_then(|partstat| answered(&partstat)) == Some("declined")
    })
}
