//! Undelivered messages, and answers that declined.

use schemas::{
    Event, ObjectEvent, PrincipalId, Recorded,
    object::{Method, Outcome, Recipient},
};

use crate::{
    Clock, foreign,
    reasons::{self, answered},
    sentence::Context,
};

/// Statuses of delivered messages.
const ARRIVED: [&str; 3] = ["1.2", "2.0", "1.1"];

/// Returns a sentence for each message to the person that was not sent, not delivered, or changed nothing.
pub(super) fn not_told(context: &Context<'_>, person: Option<PrincipalId>) -> Vec<String> {
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
                    sentences.push(format!("{to} was not told (no {method}, #{position}), because {why}."));
                }
            }
            ObjectEvent::DeliveryReported(reported) => {
                let failed = reported.deliveries.iter().filter(|one| !ARRIVED.contains(&one.status.as_str()));
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
                    sentences
                        .push(format!("The {method} that arrived at {owner}'s changed nothing (#{position}): {why}."));
                }
            }
            _ => {}
        }
    }
    sentences.dedup();
    sentences
}

/// Returns a sentence for each answer of the person that declined: their own, or an automatic one of the server.
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
        let busy = conflicts(context, recorded, clock).unwrap_or_default();
        sentences.push(format!("{by}{instances}{busy} (#{}, {when}).", recorded.position));
    }
    sentences
}

/// Returns `, because Lake was busy from … to …`, as the automatic answer recorded it; `None` if it recorded nothing.
fn conflicts(context: &Context<'_>, reply: &Recorded, clock: &Clock) -> Option<String> {
    let same_answer =
        |other: &&Recorded| other.stream == reply.stream && other.metadata.correlation == reply.metadata.correlation;
    let automatic = context.evidence.events.iter().filter(same_answer).find_map(|other| match &other.event {
        Event::Object(ObjectEvent::Revised(revised)) => revised.automatic.as_ref(),
        _ => None,
    })?;
    let shown = |at: i64| clock.long(schemas::Timestamp::from_seconds(at));
    let busy: Vec<String> =
        automatic.conflicts.iter().map(|busy| format!("{} to {}", shown(busy.start), shown(busy.end))).collect();
    (!busy.is_empty()).then(|| format!(", because {} was busy from {}", context.owner(reply), reasons::list(&busy)))
}

fn says_no(reply: &str) -> bool {
    let Ok(document) = ical::Document::parse(reply) else { return false };
    let mut components = document.root().components();
    components.any(|component| {
        let partstat = component.property("ATTENDEE").and_then(|line| line.param("PARTSTAT"));
        partstat.and_then(|partstat| answered(&partstat)) == Some("declined")
    })
}
