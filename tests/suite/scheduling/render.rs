//! Writes the outcome of a step as text: events, refusals, mailboxes.

use std::fmt::Write;

use calendar::Refusal;
use schemas::{
    CollectionId, Fact, ObjectEvent,
    object::{Content, Outcome, Place, RevisionReason, Role, Visibility},
};
use specimens::expected::changed_lines;

use super::{
    edit::unfolded,
    homes::{Home, Homes},
    world::{COLLECTIONS, id},
};

/// The beginnings of lines that are equal in every calendar object, and therefore not shown.
const SAME: [&str; 4] = ["BEGIN:VCALENDAR", "END:VCALENDAR", "VERSION:2.0", "PRODID:"];

/// Writes an event, without its version, which the tests of `schemas` cover. `home` is the home of
/// `who` before the event. `sent` is the text that `who` stored in this step.
pub fn event(text: &mut String, who: &str, event: &ObjectEvent, home: &Home, sent: Option<&str>) {
    let kind = event.kind();
    let _ = write!(text, "\n    {who}: {}", kind.rsplit_once(".v").map_or(kind, |(name, _)| name));
    match event {
        ObjectEvent::Put(put) => {
            let _ = write!(text, " as {}", role(put.content.role));
            if let Some(sent) = sent {
                changes(text, sent, &put.content);
            }
        }
        ObjectEvent::Revised(revised) => {
            let _ = write!(text, " because of {}", reason(revised.reason));
            changes(text, home.text(), &revised.content);
        }
        ObjectEvent::DeliveryReported(reported) => {
            let of = reported.deliveries.iter().map(|delivery| format!(" {} {}", delivery.address, delivery.status));
            text.push_str(&of.collect::<Vec<_>>().join(","));
        }
        ObjectEvent::MessageIssued(issued) => {
            let to: Vec<_> = issued.recipients.iter().map(|recipient| recipient.address.as_str()).collect();
            let silent = if issued.visibility == Visibility::Silent { " silently" } else { "" };
            let (method, reason) = (issued.method.as_str(), &issued.reason);
            let _ = write!(text, " {method}{silent} {} -> {} ({reason})", issued.sender, to.join(", "));
            body(text, &issued.ics);
        }
        ObjectEvent::MessageSuppressed(suppressed) => {
            let (method, reason) = (suppressed.method.as_str(), &suppressed.reason);
            let to: Vec<_> = suppressed.recipients.iter().map(|recipient| recipient.address.as_str()).collect();
            let _ = write!(text, " {method} -> {}: {reason}", to.join(", "));
            body(text, &suppressed.ics);
        }
        ObjectEvent::MessageReceived(received) => {
            let outcome = match &received.outcome {
                Outcome::Applied => "applied",
                Outcome::Ignored { reason } => reason.as_str(),
            };
            let inbox = if received.item.is_some() { ", in the inbox" } else { "" };
            let _ = write!(text, " {} from {}: {outcome}{inbox}", received.method.as_str(), received.sender);
        }
        _ => {}
    }
}

/// Writes the lines in which the stored copy differs from `before`.
fn changes(text: &mut String, before: &str, after: &Content) {
    for line in changed_lines(&lines(before).join("\n"), &lines(&after.ics).join("\n")) {
        let _ = write!(text, "\n        {line}");
    }
}

fn body(text: &mut String, ics: &str) {
    for line in lines(ics) {
        let _ = write!(text, "\n        {line}");
    }
}

/// Returns the content lines, without those that are equal in every calendar object.
fn lines(ics: &str) -> Vec<String> {
    unfolded(ics).into_iter().filter(|line| !SAME.iter().any(|same| line.starts_with(same))).collect()
}

/// Returns every mailbox that changed since `before`, and the names of the unchanged ones; `None`
/// if no mailbox was ever used.
pub fn mailboxes(before: &Homes, homes: &Homes) -> Option<String> {
    let mut text = "mailboxes".to_owned();
    let mut is_any = false;
    for (who, uid, home) in homes.all() {
        is_any = true;
        if before.of(who, uid) == *home {
            let _ = write!(text, "\n    {who}: unchanged");
        } else {
            mailbox(&mut text, who, home);
        }
    }
    is_any.then_some(text)
}

fn mailbox(text: &mut String, who: &str, home: &Home) {
    match home.copy() {
        None => drop(write!(text, "\n    {who}: no copy")),
        Some((place, content)) => {
            let (etag, tag) = home.tags();
            let tag = if tag == 0 { String::new() } else { format!(", schedule-tag {tag}") };
            let _ = write!(text, "\n    {who}: {}, {}, etag {etag}{tag}", collection(who, place), role(content.role));
            body(text, &content.ics);
        }
    }
    for item in home.inbox() {
        let _ = write!(text, "\n    {who}: inbox, {item}");
    }
}

/// Describes the precondition that a step violated.
pub fn refusal(who: &str, refusal: &Refusal) -> String {
    let why = match refusal {
        Refusal::Precondition { header } => format!("{header} does not match"),
        Refusal::Scheduling(refusal) => {
            let instance = refusal.instance.as_ref().map(|id| format!(" of {id}")).unwrap_or_default();
            format!("CALDAV:{} ({}{instance})", refusal.condition.as_str(), refusal.property)
        }
        Refusal::SchedulingObjectNotUnique { by } => {
            format!("CALDAV:unique-scheduling-object-resource ({})", collection(who, by))
        }
        other => other.to_string(),
    };
    format!("\n    refused: {why}")
}

fn collection(who: &str, place: &Place) -> &'static str {
    let is_named = |name: &&str| CollectionId::derive(id(who), name, 0) == place.collection;
    COLLECTIONS.into_iter().find(is_named).expect("a collection of these texts")
}

fn role(role: Role) -> &'static str {
    match role {
        Role::None => "no scheduling object",
        Role::Organizer => "organizer",
        Role::Attendee => "attendee",
    }
}

fn reason(reason: RevisionReason) -> &'static str {
    match reason {
        RevisionReason::Request => "a request",
        RevisionReason::Refresh => "a refresh",
        RevisionReason::Cancel => "a cancellation",
        RevisionReason::Reply => "a reply",
        RevisionReason::Status => "a delivery status",
        RevisionReason::AutomaticAnswer => "an automatic answer",
        RevisionReason::Import => "an import",
        RevisionReason::Repair => "a repair",
    }
}
