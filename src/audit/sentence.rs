//! One event in one sentence.

use std::collections::BTreeMap;

use schemas::{
    Event, Fact, FileEvent, Metadata, ObjectEvent, PrincipalId, Recorded, Stream,
    object::{Delivery, MessageIssued, ObjectRevised, Outcome, Recipient, RevisionReason, Visibility},
};

use crate::Names;

/// What sentences need to know beside the event.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub names: &'a Names,
    /// Whose home each stream belongs to.
    pub homes: &'a BTreeMap<Stream, PrincipalId>,
}

impl Context<'_> {
    /// Whose copy an event is about.
    pub(crate) fn owner(&self, stream: Stream) -> String {
        self.homes.get(&stream).map_or_else(|| "somebody".to_owned(), |home| self.names.person(*home))
    }

    /// `Alice`, or `Alice for Bob`.
    pub(crate) fn actor(&self, metadata: &Metadata) -> String {
        let actor = metadata.actor.map_or_else(|| "the server".to_owned(), |actor| self.names.person(actor));
        match metadata.on_behalf_of.filter(|other| metadata.actor != Some(*other)) {
            Some(other) => format!("{actor} for {}", self.names.person(other)),
            None => actor,
        }
    }

    /// `is_new`: nothing stood at that place before.
    pub(crate) fn sentence(&self, recorded: &Recorded, is_new: bool) -> String {
        let Recorded { stream, event, metadata, .. } = recorded;
        let actor = self.actor(metadata);
        match event {
            Event::Object(event) => self.object(event, metadata, *stream, is_new),
            Event::File(event) => file(event, &actor),
            Event::Principal(_) | Event::Collection(_) => format!("{actor}: {}", event.kind()),
        }
    }

    fn object(&self, event: &ObjectEvent, metadata: &Metadata, stream: Stream, is_new: bool) -> String {
        let (owner, actor) = (self.owner(stream), self.actor(metadata));
        match event {
            ObjectEvent::Put(_) if metadata.actor.is_none() => format!("a copy was put into {owner}'s calendar"),
            ObjectEvent::Put(_) if is_new => format!("{actor} stored it in {owner}'s calendar"),
            ObjectEvent::Put(_) => format!("{actor} changed it in {owner}'s calendar"),
            ObjectEvent::Revised(revised) => revision(revised, &owner),
            ObjectEvent::Moved(moved) => format!("{actor} moved it from {} to {}", moved.from.name, moved.to.name),
            ObjectEvent::Removed(_) => format!("{actor} removed it from {owner}'s calendar"),
            ObjectEvent::AclChanged(_) => format!("{actor} changed who may do what with it in {owner}'s calendar"),
            ObjectEvent::PropertiesChanged(_) => format!("{actor} changed properties of it in {owner}'s calendar"),
            ObjectEvent::MessageIssued(issued) => self.issued(issued),
            ObjectEvent::MessageSuppressed(suppressed) => format!(
                "no {} to {}: {}{}",
                suppressed.method.as_str(),
                self.recipient(&suppressed.recipient),
                suppressed.reason,
                instances(&suppressed.instances)
            ),
            ObjectEvent::MessageReceived(received) => {
                let sender = self.names.address(&received.sender);
                let inbox = if received.item.is_some() { ", in the inbox" } else { ", silently" };
                let outcome = match &received.outcome {
                    Outcome::Applied => String::new(),
                    Outcome::Ignored { reason } => format!(", and nothing changed: {reason}"),
                };
                format!("{owner} received the {} of {sender}{inbox}{outcome}", received.method.as_str())
            }
            ObjectEvent::InboxItemRemoved(_) => format!("{actor} cleared a message from {owner}'s inbox"),
            ObjectEvent::DeliveryReported(reported) => {
                format!("{owner} is told of the delivery: {}", self.deliveries(&reported.deliveries))
            }
        }
    }

    fn issued(&self, issued: &MessageIssued) -> String {
        let recipients: Vec<_> = issued.recipients.iter().map(|recipient| self.recipient(recipient)).collect();
        let (method, to) = (issued.method.as_str(), list(&recipients));
        let which = instances(&issued.instances);
        match issued.visibility {
            Visibility::Inbox => format!("{method} to {to}: {}{which}", issued.reason),
            Visibility::Silent => format!("silent {method} to {to}: {}{which}", issued.reason),
        }
    }

    fn recipient(&self, recipient: &Recipient) -> String {
        match recipient.principal {
            Some(principal) => self.names.person(principal),
            None => self.names.address(&recipient.address),
        }
    }

    /// Recipients by status, as most have the same.
    fn deliveries(&self, deliveries: &[Delivery]) -> String {
        let mut by_status: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for Delivery { address, status } in deliveries {
            by_status.entry(status).or_default().push(self.names.address(address));
        }
        let parts = by_status.iter().map(|(status, people)| format!("{status} for {}", list(people)));
        parts.collect::<Vec<_>>().join("; ")
    }
}

fn file(event: &FileEvent, actor: &str) -> String {
    match event {
        FileEvent::Stored(stored) => format!("{actor} stored the file {}", stored.place.name),
        FileEvent::AclChanged(changed) => {
            format!("{actor} changed who may do what with the file {}", changed.place.name)
        }
        FileEvent::PropertiesChanged(changed) => {
            format!("{actor} changed properties of the file {}", changed.place.name)
        }
        FileEvent::Removed(removed) => format!("{actor} removed the file {}", removed.place.name),
    }
}

fn revision(revised: &ObjectRevised, owner: &str) -> String {
    match revised.reason {
        RevisionReason::Request => format!("{owner}'s copy was brought up to date"),
        RevisionReason::Refresh => format!("{owner}'s copy shows what the others answered"),
        RevisionReason::Cancel => format!("{owner}'s copy shows the cancellation"),
        RevisionReason::Reply => format!("the answer was written into {owner}'s meeting"),
        RevisionReason::Status => format!("the outcome was written into {owner}'s copy"),
        RevisionReason::AutomaticAnswer => format!("the server answered for {owner}"),
    }
}

fn instances(instances: &[String]) -> String {
    if instances.is_empty() { String::new() } else { format!(" ({})", list(instances)) }
}

/// `a, b and c`.
fn list(names: &[String]) -> String {
    match names {
        [] => "nobody".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
