//! One wave: everything that waits for each stream, sorted by stream.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use calendar::object::{InboundMessage, Object};
use schemas::{
    ObjectId, PrincipalId,
    object::{Delivery, DeliveryReported, Visibility},
};
use uuid::Uuid;

use super::{
    letter::{Addressed, Letter},
    status,
    transport::Route,
};
use crate::error::Error;

/// What one stream has to take in.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub home: PrincipalId,
    /// The events that brought this about, by the messages that they issued.
    causes: Vec<(Uuid, Uuid)>,
    pub incoming: Vec<Arc<InboundMessage>>,
    pub reports: Vec<DeliveryReported>,
}

impl Work {
    /// The cause of what is new in this for `object`: the first, if there are several. Whatever is repeated after a
    /// crash may come together with more than the first time; the ids of events must not.
    pub(super) fn cause(&self, object: &Object) -> Uuid {
        let is_new = |(message, _): &&(Uuid, Uuid)| {
            let arrives = self.incoming.iter().any(|incoming| incoming.message() == *message);
            if arrives { !object.received.contains(message) } else { !object.reported.contains(message) }
        };
        self.causes.iter().find(is_new).or(self.causes.first()).map(|(_, cause)| *cause).unwrap_or_default()
    }
}

impl Work {
    /// The messages that arrive with it.
    fn arriving(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.incoming.iter().map(|incoming| incoming.message())
    }

    fn reporting(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.reports.iter().map(|report| report.message)
    }

    fn is_about(&self, message: Uuid) -> bool {
        self.arriving().chain(self.reporting()).any(|known| known == message)
    }
}

/// Work by stream, in an order that depends on nothing but identities.
#[derive(Debug, Default)]
pub(super) struct Wave(pub BTreeMap<ObjectId, Work>);

impl Wave {
    /// What the homes of this system take in.
    pub(super) fn of(letters: &[Addressed]) -> Self {
        let mut wave = Self::default();
        for Addressed { letter, routes } in letters {
            let incoming = Arc::new(InboundMessage::of(&letter.issued));
            for route in routes {
                match route {
                    Route::Home(home) => wave.arrive(*home, letter, &incoming),
                    Route::Members | Route::Nowhere(_) => {}
                }
            }
        }
        wave
    }

    /// Puts what a stream did not take in before what it has to take in now: nothing overtakes it.
    pub(super) fn begin_with(&mut self, failed: BTreeMap<ObjectId, Work>) {
        for (stream, first) in failed {
            let Some(now) = self.0.insert(stream, first) else { continue };
            let work = self.0.get_mut(&stream).expect("it was just put there");
            let is_new =
                |incoming: &Arc<InboundMessage>, work: &Work| !work.arriving().any(|known| known == incoming.message());
            let new: Vec<_> = now.incoming.into_iter().filter(|incoming| is_new(incoming, work)).collect();
            work.incoming.extend(new);
            work.causes.extend(now.causes);
        }
    }

    fn arrive(&mut self, home: PrincipalId, letter: &Letter, incoming: &Arc<InboundMessage>) {
        let work = self.work(ObjectId::derive(home, &letter.issued.uid), home, letter);
        // Two addresses of one person are one recipient.
        if work.incoming.iter().all(|known| known.message() != incoming.message()) {
            work.incoming.push(Arc::clone(incoming));
        }
    }

    fn work(&mut self, stream: ObjectId, home: PrincipalId, letter: &Letter) -> &mut Work {
        let new = || Work { home, causes: vec![], incoming: vec![], reports: vec![] };
        let work = self.0.entry(stream).or_insert_with(new);
        work.causes.push((letter.issued.message, letter.cause));
        work
    }

    /// Adds what the senders of `letters` are told. Refreshes are not reported: no `SCHEDULE-STATUS` speaks of them.
    pub(super) fn report(&mut self, letters: &[Addressed], undelivered: &Undelivered) {
        for Addressed { letter, routes } in letters {
            let issued = &letter.issued;
            if issued.visibility == Visibility::Silent {
                continue;
            }
            let delivery = |(recipient, route): (&schemas::object::Recipient, &Route)| Delivery {
                address: recipient.address.clone(),
                status: undelivered.status(issued.message, *route).to_owned(),
            };
            let deliveries = issued.recipients.iter().zip(routes).map(delivery).collect();
            let stream = ObjectId::derive(issued.sender_home, &issued.uid);
            let reported = DeliveryReported {
                home: Some(issued.sender_home),
                uid: Some(issued.uid.clone()),
                message: issued.message,
                deliveries,
            };
            let work = self.work(stream, issued.sender_home, letter);
            // It may be there from a time when it failed.
            if !work.reporting().any(|known| known == issued.message) {
                work.reports.push(reported);
            }
        }
    }
}

/// What became of messages that had a way to a home, if it was not that they were delivered.
#[derive(Debug, Default)]
pub(super) struct Undelivered {
    rejected: BTreeSet<(Uuid, PrincipalId)>,
    impossible: BTreeSet<(Uuid, PrincipalId)>,
    /// What streams could not take in for now.
    failed: BTreeMap<ObjectId, Work>,
}

impl Undelivered {
    /// Reasons by which a recipient's home rejects a message: the sender's status says so (RFC 6638 §3.2.9).
    const REASONS: [&str; 8] = [
        "another-organizer",
        "no-calendar",
        "uid-in-use",
        "too-large",
        "unknown-object",
        "unknown-instance",
        "not-an-attendee",
        "not-the-organizer",
    ];

    /// Notes the messages that their recipient did not take, now or in an earlier run: the recipient's object knows.
    pub(super) fn note(&mut self, work: &Work, object: &Object) {
        let is_rejected =
            |message: &Uuid| object.ignored.get(message).is_some_and(|why| Self::REASONS.contains(&why.as_str()));
        self.rejected.extend(work.arriving().filter(is_rejected).map(|message| (message, work.home)));
    }

    /// Notes what could not be brought to an end, for ever or for now.
    pub(super) fn fail(&mut self, stream: ObjectId, work: &Work, why: &Error) {
        if why.is_final() {
            self.impossible.extend(work.arriving().map(|message| (message, work.home)));
        } else {
            self.failed.insert(stream, work.clone());
        }
    }

    /// Whether the message, or the report of it, has to be carried again.
    pub(super) fn waits(&self, message: Uuid) -> bool {
        self.failed.values().any(|work| work.is_about(message))
    }

    /// What failed, to be tried again, and the messages that so arrive only now.
    pub(super) fn again(&mut self) -> (BTreeMap<ObjectId, Work>, BTreeSet<Uuid>) {
        let failed = std::mem::take(&mut self.failed);
        let late = failed.values().flat_map(Work::arriving).collect();
        (failed, late)
    }

    fn status(&self, message: Uuid, route: Route) -> status::Status {
        match route {
            Route::Home(home) if self.rejected.contains(&(message, home)) => status::REJECTED,
            Route::Home(home) if self.impossible.contains(&(message, home)) => status::NOT_COMPLETED,
            Route::Home(_) | Route::Members => status::DELIVERED,
            Route::Nowhere(status) => status,
        }
    }
}
