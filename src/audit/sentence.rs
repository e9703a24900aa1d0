//! Describes one event in one sentence.

use std::collections::BTreeMap;

use schemas::{
    Event, Fact, FileEvent, Metadata, ObjectEvent, Position, PrincipalId, Recorded, Stream,
    object::{
        Delivery, DeliveryReported, Imported, MessageIssued, MessageReceived, MessageSuppressed, ObjectMoved,
        ObjectPut, ObjectRevised, Outcome, Recipient, RevisionReason, Visibility,
    },
    share::SharePersonalDataChanged,
};

use crate::{
    calendars::{self, Offers},
    evidence::Evidence,
    foreign,
    names::NamesAt,
    places::Places,
    reasons::{self, list},
};

/// The data that sentences need in addition to the event itself.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub evidence: &'a Evidence,
    /// The owner of the home to which each stream of a calendar object belongs.
    pub homes: BTreeMap<Stream, PrincipalId>,
    pub places: Places,
    pub offers: Offers,
}

impl<'a> Context<'a> {
    pub(crate) fn of(evidence: &'a Evidence) -> Self {
        let offers = Offers::of(&evidence.shares);
        Self { evidence, homes: evidence.homes(), places: evidence.places(), offers }
    }

    /// Returns the position whose past state an event restores; `None` if it restores nothing. The
    /// position is recorded in the first event of the same append.
    pub(crate) fn restored(&self, recorded: &Recorded) -> Option<Position> {
        let of_append = |event: &&Recorded| {
            event.stream == recorded.stream
                && event.metadata.request == recorded.metadata.request
                && event.metadata.at == recorded.metadata.at
        };
        let end = self.evidence.events.partition_point(|event| event.position <= recorded.position);
        self.evidence.events[..end].iter().rev().take_while(of_append).find_map(|event| event.metadata.restored)
    }

    pub(crate) fn names(&self, recorded: &Recorded) -> NamesAt<'a> {
        self.evidence.names.at(recorded.position)
    }

    /// Returns the name of the owner of the copy or collection that an event is about; for an event
    /// of a share, the name of the sharee; `somebody` if unknown.
    pub(crate) fn owner(&self, recorded: &Recorded) -> String {
        let home = match recorded.stream {
            Stream::Collection(id) => self.places.home(id),
            Stream::Share(id) => self.offers.get(id).map(|offer| offer.sharee),
            stream => self.homes.get(&stream).copied(),
        };
        home.map_or_else(|| "somebody".to_owned(), |home| self.names(recorded).person(home))
    }

    /// Returns the owner of a stream, by today's name; the name of the stream if the owner is
    /// unknown.
    pub(crate) fn owner_of(&self, stream: Stream) -> String {
        let home = self.homes.get(&stream);
        home.map_or_else(|| stream.to_string(), |home| self.evidence.names.today().person(*home))
    }

    /// Returns the actor of an event: `Alice`, `Alice for Bob`, an operator, or `the server`.
    pub(crate) fn actor(&self, recorded: &Recorded) -> String {
        let Metadata { actor, on_behalf_of, client, .. } = &recorded.metadata;
        let names = self.names(recorded);
        let Some(actor) = actor else {
            let is_by_hand = matches!(client.via.as_str(), "command line" | "import" | "restore");
            return if is_by_hand || recorded.metadata.operator.is_some() {
                operator(&recorded.metadata)
            } else {
                "the server".to_owned()
            };
        };
        match on_behalf_of.filter(|other| other != actor) {
            Some(other) => format!("{} for {}", names.person(*actor), names.person(other)),
            None => names.person(*actor),
        }
    }

    /// Describes the event in a sentence. `is_new` is true if no resource was at the event's place
    /// before.
    pub(crate) fn sentence(&self, recorded: &Recorded, is_new: bool) -> String {
        match &recorded.event {
            Event::Object(event) => self.object(event, recorded, is_new),
            Event::File(event) => file(event, &self.actor(recorded)),
            Event::Share(_) | Event::Collection(_) => match calendars::deed(self, recorded) {
                Some(deed) => format!("{} {deed}", self.actor(recorded)),
                None => format!("{}: {}", self.actor(recorded), recorded.event.kind()),
            },
            Event::Principal(_) | Event::Access(_) | Event::Server(_) => {
                format!("{}: {}", self.actor(recorded), recorded.event.kind())
            }
            Event::Erased(erased) => format!("{}: {}, whose contents were erased", self.actor(recorded), erased.kind),
        }
    }

    /// Returns a phrase about a change of a sharee's personal data for an object. In a sentence, it
    /// follows the name of the actor.
    pub(crate) fn personal_data(&self, changed: &SharePersonalDataChanged, recorded: &Recorded) -> String {
        let calendar = self.places.collection(changed.place.collection, &self.names(recorded), recorded.position);
        let what = match changed.data.as_slice() {
            [] => "removed all data of their own",
            data if data.iter().any(|data| !data.alarms.is_empty()) => {
                "changed data of their own, which include alarms,"
            }
            _ => "changed data of their own",
        };
        format!("{what} for {} in {calendar}", foreign::quoted(&changed.place.name))
    }

    fn object(&self, event: &ObjectEvent, recorded: &Recorded, is_new: bool) -> String {
        let (owner, actor) = (self.owner(recorded), self.actor(recorded));
        let into = |place: &schemas::object::Place| {
            self.places.collection(place.collection, &self.names(recorded), recorded.position)
        };
        match event {
            ObjectEvent::Put(put) if put.imported.is_some() => format!("{actor} {}", imported(put, &into(&put.place))),
            ObjectEvent::Put(put) if self.restored(recorded).is_some() => {
                format!("{actor} put it back into {}{}", into(&put.place), as_it_was(self.restored(recorded)))
            }
            ObjectEvent::Put(put) if recorded.metadata.actor.is_none() => {
                format!("the server put a copy into {}", into(&put.place))
            }
            ObjectEvent::Put(put) if is_new => format!("{actor} stored it in {}", into(&put.place)),
            ObjectEvent::Put(put) => format!("{actor} changed it in {}", into(&put.place)),
            ObjectEvent::Revised(revised) => revision(revised, &owner),
            ObjectEvent::Moved(moved) => format!("{actor} {}", self.moved(moved, recorded)),
            ObjectEvent::Removed(removed) => {
                let (from, was) = (into(&removed.place), as_it_was(self.restored(recorded)));
                if self.places.removed_by(removed.place.collection, recorded.metadata.request).is_some() {
                    format!("{actor} removed {from} with everything in it")
                } else {
                    format!("{actor} deleted it from {from}{was}")
                }
            }
            ObjectEvent::AclChanged(_) => format!("{actor} changed the access control list of {owner}'s copy"),
            ObjectEvent::PropertiesChanged(_) => format!("{actor} changed WebDAV properties of {owner}'s copy"),
            ObjectEvent::MessageIssued(issued) => self.issued(issued, recorded),
            ObjectEvent::MessageSuppressed(suppressed) => self.suppressed(suppressed, recorded),
            ObjectEvent::MessageWithdrawn(_) => {
                format!("{owner}'s copy was stored again in time, so nobody is notified of its removal")
            }
            ObjectEvent::MessageReceived(received) => self.received(received, recorded),
            ObjectEvent::InboxItemRemoved(_) => format!("{actor} deleted a message from {owner}'s inbox"),
            ObjectEvent::DeliveryReported(reported) => {
                format!("{owner}'s copy shows the outcome of the delivery: {}", self.deliveries(reported, recorded))
            }
        }
    }

    /// Returns the phrase for a MOVE: `moved it from … to …` with the names of the collections.
    /// Within one collection, the names of the resource are used.
    pub(crate) fn moved(&self, moved: &ObjectMoved, recorded: &Recorded) -> String {
        let ObjectMoved { from, to, .. } = moved;
        if from.collection == to.collection {
            let (from, to) = (foreign::identifier(&from.name), foreign::identifier(&to.name));
            return format!("renamed its resource from {from} to {to}{}", as_it_was(self.restored(recorded)));
        }
        let names = self.names(recorded);
        let collection =
            |place: &schemas::object::Place| self.places.collection(place.collection, &names, recorded.position);
        format!("moved it from {} to {}{}", collection(from), collection(to), as_it_was(self.restored(recorded)))
    }

    fn issued(&self, issued: &MessageIssued, recorded: &Recorded) -> String {
        let recipients: Vec<_> = issued.recipients.iter().map(|to| self.recipient(to, recorded)).collect();
        let (method, to) = (issued.method.as_str(), list(&recipients));
        let (reason, which) = (reasons::issued(&issued.reason), instances(&issued.instances));
        match issued.visibility {
            Visibility::Inbox => format!("{method} to {to}: {reason}{which}"),
            Visibility::Silent => format!("{method} to {to}, without an inbox item: {reason}{which}"),
        }
    }

    fn suppressed(&self, suppressed: &MessageSuppressed, recorded: &Recorded) -> String {
        let to: Vec<_> = suppressed.recipients.iter().map(|to| self.recipient(to, recorded)).collect();
        let to = list(&to);
        let why = reasons::suppressed(&suppressed.reason, &self.actor(recorded));
        format!("no {} to {to}: {why}{}", suppressed.method.as_str(), instances(&suppressed.instances))
    }

    fn received(&self, received: &MessageReceived, recorded: &Recorded) -> String {
        let owner = self.owner(recorded);
        let sender = self.names(recorded).address(&received.sender);
        let inbox = if received.item.is_some() { ", in the inbox" } else { ", silently" };
        let outcome = match &received.outcome {
            Outcome::Applied => String::new(),
            Outcome::Ignored { reason } => format!(", and nothing changed: {}", reasons::ignored(reason)),
        };
        format!("{owner} received the {} of {sender}{inbox}{outcome}", received.method.as_str())
    }

    /// Returns the name of a recipient at the time of the event.
    pub(crate) fn recipient(&self, recipient: &Recipient, recorded: &Recorded) -> String {
        match recipient.principal {
            Some(principal) => self.names(recorded).person(principal),
            None => self.names(recorded).address(&recipient.address),
        }
    }

    /// Returns the recipients grouped by delivery status, because most have the same.
    fn deliveries(&self, reported: &DeliveryReported, recorded: &Recorded) -> String {
        let mut by_status: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for Delivery { address, status } in &reported.deliveries {
            by_status.entry(status).or_default().push(self.names(recorded).address(address));
        }
        let parts = by_status.iter().map(|(status, people)| format!("{} ({})", list(people), reasons::status(status)));
        parts.collect::<Vec<_>>().join("; ")
    }
}

fn file(event: &FileEvent, actor: &str) -> String {
    let named = |place: &schemas::object::Place| foreign::quoted(&place.name);
    match event {
        FileEvent::Stored(stored) => format!("{actor} stored the file {}", named(&stored.place)),
        FileEvent::AclChanged(changed) => {
            format!("{actor} changed the access control list of the file {}", named(&changed.place))
        }
        FileEvent::PropertiesChanged(changed) => {
            format!("{actor} changed WebDAV properties of the file {}", named(&changed.place))
        }
        FileEvent::Removed(removed) => format!("{actor} deleted the file {}", named(&removed.place)),
    }
}

fn revision(revised: &ObjectRevised, owner: &str) -> String {
    match revised.reason {
        RevisionReason::Request => format!("the server brought {owner}'s copy up to date"),
        RevisionReason::Refresh => format!("the server wrote the others' answers into {owner}'s copy"),
        RevisionReason::Cancel => format!("the server wrote the cancellation into {owner}'s copy"),
        RevisionReason::Reply => format!("the server wrote the answer into {owner}'s meeting"),
        RevisionReason::Status => format!("the server wrote the outcome of the delivery into {owner}'s copy"),
        RevisionReason::AutomaticAnswer => format!("the server answered for {owner}"),
        RevisionReason::Import => format!("after an import, the server made {owner}'s copy agree with the others"),
        RevisionReason::Repair => format!("the operator's repair made {owner}'s copy agree with the others"),
    }
}

/// Returns `, as it was after event #17` for the position that a restore brings back; an empty text
/// for `None`.
pub(crate) fn as_it_was(restored: Option<Position>) -> String {
    restored.map(|position| format!(", as it was after event #{position}")).unwrap_or_default()
}

/// Returns `olga (operator)`; `an operator` if the user's login is not recorded.
pub(crate) fn operator(metadata: &Metadata) -> String {
    let login = metadata.operator.as_ref().map(|operator| operator.login.as_str()).filter(|login| !login.is_empty());
    login.map_or_else(|| "an operator".to_owned(), |login| format!("{} (operator)", foreign::identifier(login)))
}

/// Returns a phrase such as `imported it from alice.ics, line 7, into …`.
pub(crate) fn imported(put: &ObjectPut, into: &str) -> String {
    let from =
        put.imported.as_ref().map(|Imported { file, line }| format!(" from {}, line {line},", foreign::quoted(file)));
    format!("imported it{} into {into}", from.unwrap_or_default())
}

fn instances(instances: &[String]) -> String {
    if instances.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = instances.iter().map(|instance| foreign::identifier(instance)).collect();
    format!(" ({})", reasons::short_list(&shown))
}
