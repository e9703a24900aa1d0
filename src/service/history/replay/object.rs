//! Replays acts on calendar objects: derives the command from the recorded events, and decides it
//! again.

use calendar::{
    Require,
    object::{
        self, AddressBook as _, ChangeAcl, ChangeProperties, Command, DecisionContext, Import, LookAgain, NameHolder,
        Object, Overwrite, Present, Relocate, Remove, SameMeeting, SentBody, TakeOver, TextSource,
    },
};
use ical::{Address, Document};
use itip::ScheduleReply;
use schemas::{
    Event, ObjectEvent, ObjectId, PrincipalId, Recorded, Timestamp,
    edit::EditReason,
    object::{ObjectAclChanged, ObjectPropertiesChanged, ObjectPut, Place, RevisionReason, Role},
};

use uuid::Uuid;

use super::{Again, Decided, Replay, compare, sent};
use crate::{
    address_book::DirectoryAddressBook, attributes::with_attributes, delivery::availability::HomeAvailability,
    error::Error, free_busy::HomeTime, objects,
};

/// The input of a decision in addition to the object.
type Surroundings<'a> = (&'a DecisionContext<'a>, &'a DirectoryAddressBook);

/// Maximum number of seconds before the decision at which a replay assumes that the body was read.
/// The decision may have waited for other requests, and repairs of the body contain the time of the
/// reading.
const READ_BEFORE_SECONDS: i64 = 4;

/// Returns the former organizer if the act handed their meeting over to the owner of the home;
/// `None` otherwise.
fn predecessor(act: &[Recorded], book: &DirectoryAddressBook) -> Option<PrincipalId> {
    let address = events(act).find_map(|event| match event {
        ObjectEvent::MessageIssued(issued) => issued.taken_over_from.as_deref(),
        _ => None,
    });
    book.principal(&Address::parse(address?)?)
}

/// Returns those recorded events of an act that belong to a calendar object.
pub(super) fn events(act: &[Recorded]) -> impl Iterator<Item = &ObjectEvent> {
    act.iter().filter_map(|recorded| match &recorded.event {
        Event::Object(event) => Some(event),
        _ => None,
    })
}

fn decided(events: Result<Vec<ObjectEvent>, calendar::Refusal>) -> Decided {
    events.map(|events| events.into_iter().map(Event::from).collect())
}

impl Replay<'_> {
    pub(super) fn object(&mut self, id: ObjectId, act: &[Recorded]) -> Result<Again, Error> {
        let (Some(first), Some(event)) = (act.first(), events(act).next()) else {
            return Ok(Err("the act has no event of this object"));
        };
        let Some(home) = events(act).find_map(ObjectEvent::home) else {
            return Ok(Err("the home of the object is not recorded"));
        };
        let book = DirectoryAddressBook(self.shadow.directory()?);
        let context = DecisionContext {
            now: first.metadata.at,
            act: first.metadata.act.unwrap_or_default(),
            home,
            actor: first.metadata.actor,
            limits: self.limits,
            address_book: &book,
        };
        let nothing = Object::default();
        match event {
            ObjectEvent::MessageReceived(_) | ObjectEvent::DeliveryReported(_) => {
                return self.delivery(id, act, &context, &book);
            }
            ObjectEvent::Revised(revised) if revised.reason == RevisionReason::AutomaticAnswer => {
                return self.booking((home, id), &context, &book);
            }
            _ => {}
        }
        let object = self.known.objects.get(&id).unwrap_or(&nothing);
        Ok(self.by_person(object, act, (&context, &book)))
    }

    fn by_person(&self, object: &Object, act: &[Recorded], (context, book): Surroundings<'_>) -> Again {
        let put = events(act).find_map(|event| match event {
            ObjectEvent::Put(put) => Some(put),
            _ => None,
        });
        if let Some(put) = put {
            return self.put(object, put, act, (context, book));
        }
        let mut single = events(act);
        let decide = |command: &Command<'_>| Ok(decided(object::decide(object, command, context)));
        match single.next() {
            Some(ObjectEvent::Moved(moved)) => decide(&Command::Relocate(&Relocate {
                from: moved.from.clone(),
                to: moved.to.clone(),
                overwrite: Overwrite::Allowed,
                require: Require::default(),
                components: self.components(&moved.to),
                name_holder: NameHolder::Own,
            })),
            Some(ObjectEvent::Removed(removed)) => decide(&Command::Remove(&remove(&removed.place, act))),
            Some(ObjectEvent::InboxItemRemoved(removed)) => decide(&Command::Remove(&remove(&removed.place, act))),
            Some(ObjectEvent::AclChanged(changed)) => decide(&Command::ChangeAcl(&acl_change(changed))),
            Some(ObjectEvent::PropertiesChanged(changed)) => {
                decide(&Command::ChangeProperties(&property_change(changed)))
            }
            Some(ObjectEvent::Revised(revised)) if revised.reason == RevisionReason::Import => {
                Err("the act made imported copies of a meeting agree")
            }
            Some(_) | None => Err("the command of the act is not recorded"),
        }
    }

    /// Returns the components that the collection of a place accepts; empty if it accepts all, or
    /// is not known.
    fn components(&self, place: &Place) -> Vec<String> {
        self.known.components.get(&place.collection).cloned().unwrap_or_default()
    }

    /// Repeats the decision by which the owner of the home took over a meeting from an organizer
    /// who left.
    fn taken_over(
        &self,
        object: &Object,
        put: &ObjectPut,
        predecessor: PrincipalId,
        (context, book): Surroundings<'_>,
    ) -> Again {
        let handed_over = self.known.objects.get(&ObjectId::derive(predecessor, &put.uid)).and_then(Object::scheduled);
        let handed_over = handed_over.and_then(|known| Document::parse(known.content.ics.clone()).ok());
        let handed_over = handed_over.ok_or("the meeting that was handed over is not in the journal")?;
        let name = book.0.by_id(context.home).map(|entry| entry.display_name.as_str()).unwrap_or_default();
        let (place, name_holder) = (put.place.clone(), NameHolder::Own);
        let take = TakeOver { object: &handed_over, predecessor, name, place, name_holder };
        Ok(decided(object::decide(object, &Command::TakeOver(&take), context)))
    }

    fn put(&self, object: &Object, put: &ObjectPut, act: &[Recorded], (context, book): Surroundings<'_>) -> Again {
        if is_of_a_group(put) {
            return Ok(decided(object::decide(object, &Command::SyncGroupMembers, context)));
        }
        if let Some(predecessor) = predecessor(act, book) {
            return self.taken_over(object, put, predecessor, (context, book));
        }
        let octets = sent::octets(put)?;
        let source = if put.sent.is_some() { TextSource::Request } else { TextSource::Copy };
        let mut first = None;
        // Repairs contain the time at which the body was read, which is not recorded: each possible
        // second is tried.
        for before in 0..=READ_BEFORE_SECONDS {
            let at = Timestamp::from_seconds(context.now.seconds() - before);
            let read = sent::read(&octets, source, at, self.limits)
                .map(|read| if sent::is_parted(put) { read.parted(&octets) } else { read });
            let again = match read {
                Ok(mut read) if sent::is_for_owner(put) => {
                    self.name_owner((source, &octets), &mut read, (context, book));
                    self.stored(object, put, act, read, context)?
                }
                Ok(read) if before == 0 || !read.repairs.is_empty() => self.stored(object, put, act, read, context)?,
                Ok(_) => break,
                Err(refusal) => Err(refusal),
            };
            if compare::is_same(act, &again) {
                return Ok(again);
            }
            first.get_or_insert(again);
        }
        Ok(first.unwrap_or(Ok(vec![])))
    }

    /// Replaces a delegate as the organizer by the owner of the home, unless the delegate organizes
    /// the meeting in their own home. The delegate's privilege to send in the owner's name is not
    /// checked again, because the repair is recorded.
    fn name_owner(
        &self,
        (source, octets): (TextSource, &[u8]),
        read: &mut sent::ReadAgain,
        (context, book): Surroundings<'_>,
    ) {
        let Some(delegate) = context.actor.filter(|actor| *actor != context.home) else { return };
        let text = objects::named_for_owner(book, (context.home, delegate), &read.document);
        let Some(document) = text.and_then(|text| Document::parse(text).ok()) else { return };
        let own = ObjectId::derive(delegate, &objects::uid(&read.document));
        if self.known.objects.get(&own).is_some_and(|own| own.organized().is_some()) {
            return;
        }
        read.document = document;
        read.repairs.push(objects::organizer_of_delegate());
        read.sent = Some(SentBody::from(source, octets, &read.repairs));
    }

    fn stored(
        &self,
        object: &Object,
        recorded: &ObjectPut,
        act: &[Recorded],
        read: sent::ReadAgain,
        context: &DecisionContext<'_>,
    ) -> Again {
        let sent::ReadAgain { document, repairs, sent } = read;
        let (place, components, name_holder) =
            (recorded.place.clone(), self.components(&recorded.place), NameHolder::Own);
        if let (Some(from), Some(sent)) = (&recorded.imported, sent.clone()) {
            let (from, present) = (from.clone(), Present::IsReplaced);
            let withdrawable = withdrawn(act);
            let import =
                Import { place, document, repairs, sent, from, components, name_holder, present, withdrawable };
            return Ok(decided(object::decide(object, &Command::Import(&import), context)));
        }
        let metadata = act.first().map(|first| &first.metadata).ok_or("the act has no event of this object")?;
        // The preconditions of a sharee also concern their personal data, which is in another
        // stream, so they are not checked again.
        let require = if sent::is_parted(recorded) { Some(Require::default()) } else { sent::require(metadata) };
        let require = require.ok_or("the conditions of the request are not completely recorded")?;
        let is_merged = recorded.edits.iter().any(|edit| edit.reason == EditReason::Merged);
        if is_merged && require.if_match.is_none() && require.if_schedule_tag_match.is_none() {
            return Err("the conditions of a request that was merged with a later change are not recorded");
        }
        let is_moved = matches!(events(act).next(), Some(ObjectEvent::Moved(_)));
        // A COPY, and a MOVE that stores a new object, may neither move the meeting from another
        // calendar of the home nor withdraw messages about its removal. Other requests may, under
        // the conditions of `SameMeeting::Moves`.
        let is_copy = matches!(metadata.client.via.as_str(), "COPY" | "MOVE");
        let same_meeting = if is_copy && !is_moved { SameMeeting::Conflicts } else { SameMeeting::Moves };
        let withdrawable = withdrawn(act);
        let command = object::Put {
            place,
            document,
            repairs,
            sent,
            require,
            components,
            name_holder,
            same_meeting,
            withdrawable,
        };
        let attributes = attributes(act);
        let commands = with_attributes(&command, &attributes);
        Ok(decided(object::decide_all(object, &commands, context)))
    }

    /// Repeats the recorded check of a booking, with the busy times at the moment of that check.
    fn booking(
        &mut self,
        (home, id): (PrincipalId, ObjectId),
        context: &DecisionContext<'_>,
        book: &DirectoryAddressBook,
    ) -> Result<Again, Error> {
        let Some(object) = self.known.objects.get(&id) else {
            return Ok(Err("the booking of the room is not recorded"));
        };
        let models = self.shadow.with_busy_times()?;
        let time = HomeTime { models, book, home, availability: self.availability };
        let availability = HomeAvailability::of_accepted(time);
        let answer = book.0.by_id(home).map(|entry| entry.automatic_answer).unwrap_or_default();
        let look = LookAgain { answer, availability: &availability };
        Ok(Ok(decided(object::decide(object, &Command::LookAgain(&look), context))))
    }
}

/// Returns the changes of the access control list and of dead properties in the append of a PUT;
/// `None` for each that the append does not change.
fn attributes(act: &[Recorded]) -> (Option<ChangeAcl>, Option<ChangeProperties>) {
    let acl = |event: &ObjectEvent| match event {
        ObjectEvent::AclChanged(changed) => Some(acl_change(changed)),
        _ => None,
    };
    let properties = |event: &ObjectEvent| match event {
        ObjectEvent::PropertiesChanged(changed) => Some(property_change(changed)),
        _ => None,
    };
    (events(act).find_map(acl), events(act).find_map(properties))
}

fn acl_change(changed: &ObjectAclChanged) -> ChangeAcl {
    ChangeAcl { place: changed.place.clone(), entries: changed.entries.clone() }
}

fn property_change(changed: &ObjectPropertiesChanged) -> ChangeProperties {
    let ObjectPropertiesChanged { place, set, removed, .. } = changed.clone();
    ChangeProperties { place, set, removed }
}

/// Returns the ids of the messages that an act withdrew.
fn withdrawn(act: &[Recorded]) -> Vec<Uuid> {
    let message = |event: &ObjectEvent| match event {
        ObjectEvent::MessageWithdrawn(withdrawn) => Some(withdrawn.message),
        _ => None,
    };
    events(act).filter_map(message).collect()
}

/// Returns true if the server stored the object because the members of a group changed.
fn is_of_a_group(put: &ObjectPut) -> bool {
    let is_expanded = put.edits.first().is_some_and(|edit| edit.reason == EditReason::GroupsExpanded);
    is_expanded && put.sent.is_none() && put.copied.is_none() && put.content.role == Role::Organizer
}

fn remove(place: &Place, act: &[Recorded]) -> Remove {
    let asked = act.first().and_then(|first| first.metadata.conditions.schedule_reply.as_deref());
    let is_suppressed = |event: &ObjectEvent| matches!(event, ObjectEvent::MessageSuppressed(suppressed) if suppressed.reason == "schedule-reply-false");
    let is_silent = asked.is_some_and(|value| value.eq_ignore_ascii_case("f")) || events(act).any(is_suppressed);
    let reply = if is_silent { ScheduleReply::Suppress } else { ScheduleReply::Send };
    Remove { place: place.clone(), require: Require::default(), reply }
}
