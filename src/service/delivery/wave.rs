//! One wave: everything that waits for each stream, sorted by stream.

use std::collections::{BTreeMap, BTreeSet};

use calendar::object::Incoming;
use projections::Directory;
use schemas::{
    Event, ObjectId, PrincipalId,
    object::{Delivery, DeliveryReported, MessageIssued, Outcome, Recipient, Visibility},
    principal::PrincipalKind,
};
use uuid::Uuid;

use crate::store::Happened;

/// RFC 6638 §3.2.9 and RFC 5546 §3.6: the outcomes a sender is told.
mod status {
    /// Delivered to the recipient on this system.
    pub(super) const DELIVERED: &str = "1.2";
    /// No such calendar user here, and no way to anybody elsewhere.
    pub(super) const INVALID_USER: &str = "3.7";
    /// The recipient does not take messages about this object from this sender.
    pub(super) const REJECTED: &str = "5.3";
}

/// A message on its way, with the event that issued it.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub cause: Uuid,
    pub issued: MessageIssued,
}

impl Letter {
    pub(super) fn all(events: &[Happened]) -> Vec<Self> {
        let letter = |happened: &Happened| match &happened.event {
            Event::MessageIssued(issued) => Some(Self { cause: happened.id, issued: issued.clone() }),
            _ => None,
        };
        events.iter().filter_map(letter).collect()
    }
}

/// What one stream has to take in.
#[derive(Debug)]
pub(super) struct Work {
    pub home: PrincipalId,
    /// The event that brought this about: the first, if there are several.
    pub cause: Uuid,
    pub incoming: Vec<Incoming>,
    pub reports: Vec<DeliveryReported>,
}

/// Work by stream, in an order that depends on nothing but identities.
#[derive(Debug, Default)]
pub(super) struct Wave(pub BTreeMap<ObjectId, Work>);

impl Wave {
    /// Addresses the letters, and notes for the senders what comes of them.
    pub(super) fn of(letters: &[Letter], directory: &Directory) -> Self {
        let mut wave = Self::default();
        for letter in letters {
            wave.address(letter, directory);
        }
        wave
    }

    fn address(&mut self, letter: &Letter, directory: &Directory) {
        let issued = &letter.issued;
        for recipient in &issued.recipients {
            if let Some(home) = home_of(recipient, directory) {
                let work = self.work(ObjectId::derive(home, &issued.uid), home, letter.cause);
                work.incoming.push(Incoming {
                    message: issued.message,
                    method: issued.method,
                    uid: issued.uid.clone(),
                    sender: issued.sender.clone(),
                    visibility: issued.visibility,
                    ics: issued.ics.clone(),
                });
            }
        }
    }

    fn work(&mut self, stream: ObjectId, home: PrincipalId, cause: Uuid) -> &mut Work {
        self.0.entry(stream).or_insert_with(|| Work { home, cause, incoming: vec![], reports: vec![] })
    }

    /// Adds what the senders of `letters` are told. Refreshes are not reported: no `SCHEDULE-STATUS` speaks of them.
    pub(super) fn report(&mut self, letters: &[Letter], rejected: &Rejected, directory: &Directory) {
        for Letter { cause, issued } in letters {
            if issued.visibility == Visibility::Silent {
                continue;
            }
            let outcome = |recipient| outcome(recipient, issued.message, rejected, directory);
            let deliveries = issued.recipients.iter().map(outcome).collect();
            let stream = ObjectId::derive(issued.sender_home, &issued.uid);
            let reported = DeliveryReported { message: issued.message, deliveries };
            self.work(stream, issued.sender_home, *cause).reports.push(reported);
        }
    }
}

/// Messages that their recipients did not take.
#[derive(Debug, Default)]
pub(super) struct Rejected(BTreeSet<(Uuid, PrincipalId)>);

impl Rejected {
    /// A copy that belongs to somebody else's meeting is left alone; who has no calendar cannot be invited.
    const REASONS: [&str; 2] = ["another-organizer", "no-calendar"];

    pub(super) fn note(&mut self, events: &[Happened]) {
        for happened in events {
            if let Event::MessageReceived(received) = &happened.event
                && matches!(&received.outcome, Outcome::Ignored { reason } if Self::REASONS.contains(&reason.as_str()))
            {
                self.0.insert((received.message, received.home));
            }
        }
    }
}

fn outcome(recipient: &Recipient, message: Uuid, rejected: &Rejected, directory: &Directory) -> Delivery {
    let status = match home_of(recipient, directory) {
        Some(home) if rejected.0.contains(&(message, home)) => status::REJECTED,
        Some(_) => status::DELIVERED,
        None => status::INVALID_USER,
    };
    Delivery { address: recipient.address.clone(), status: status.to_owned() }
}

/// The home on this system that receives for `recipient`; a group has none.
fn home_of(recipient: &Recipient, directory: &Directory) -> Option<PrincipalId> {
    let entry = directory.by_id(recipient.principal?)?;
    (entry.kind != PrincipalKind::Group).then_some(entry.id)
}
