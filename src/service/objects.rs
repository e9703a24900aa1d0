//! Storing, removing, copying and moving calendar objects: one PUT from the command to the last
//! delivered copy.

use calendar::{
    Limits, Refusal, Require,
    object::{
        self, AddressBook as _, ChangeProperties, Command, DecisionContext, NameHolder, Object, Relocate, Remove,
        SameMeeting, SentBody, TextSource,
    },
};
use ical::{
    Address, Document,
    repair::{Repair, RepairKind, Repaired},
};
use itip::ScheduleReply;
use schemas::{
    CollectionId, ObjectEvent, ObjectId, PrincipalId, Timestamp,
    collection::CollectionKind,
    object::{Content, Method, Place, Role},
};

pub use calendar::object::Overwrite;

use crate::{
    Service, address_book::DirectoryAddressBook, attributes::MemberKind, clock::Stamp, delivery::MeetingLock,
    error::Error, freshness::Subject, sharing::personal::kept_apart, store::Executed,
};

/// Where the organizer of a meeting stands.
const ORGANIZER_PATH: &str = "VCALENDAR/*/ORGANIZER";

#[derive(Debug, Clone)]
pub struct Put {
    pub home: PrincipalId,
    pub place: Place,
    pub ics: String,
    pub source: Source,
    pub require: Require,
}

/// Where the text of a [`Put`] comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// The body of the request: its octets are the text.
    Body,
    /// The body of the request, whose octets became the text by a repair.
    Decoded { octets: Vec<u8>, repair: Repair },
    /// Another resource.
    Copy,
    /// The body of the request without what a sharee keeps apart ([`Service::put_shared`]).
    Parted,
}

#[derive(Debug, Clone)]
pub struct Delete {
    pub home: PrincipalId,
    pub place: Place,
    pub require: Require,
    pub reply: ScheduleReply,
}

/// `COPY` or `MOVE`.
#[derive(Debug, Clone)]
pub struct Transfer {
    pub home: PrincipalId,
    pub from: Place,
    pub to_home: PrincipalId,
    pub to: Place,
    pub overwrite: Overwrite,
    pub require: Require,
}

/// The result of a write, for the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub created: bool,
    pub etag: String,
    pub schedule_tag: Option<String>,
    /// True if the stored bytes equal the sent ones. Only then may the response have an `ETag` (RFC
    /// 4791 §5.3.4).
    pub as_sent: bool,
}

/// A text that was read, with all its repairs and the body it came from.
pub(crate) struct Read {
    pub(crate) document: Document,
    repairs: Vec<Repair>,
    sent: Option<SentBody>,
}

impl Read {
    /// Reads a text as at `now`.
    pub(crate) fn of(ics: &str, source: &Source, now: Timestamp, limits: &Limits) -> Result<Self, Error> {
        let Repaired { document, mut repairs } = object::read(ics.to_owned(), now, limits)?;
        let sent = match source {
            Source::Body => Some(SentBody::of(ics.as_bytes(), &repairs)),
            Source::Decoded { octets, repair } => {
                repairs.insert(0, repair.clone());
                Some(SentBody::of(octets, &repairs))
            }
            Source::Copy => Some(SentBody::from(TextSource::Copy, ics.as_bytes(), &repairs)),
            Source::Parted => {
                repairs.push(kept_apart());
                Some(SentBody::from(TextSource::Copy, ics.as_bytes(), &repairs))
            }
        };
        Ok(Self { document, repairs, sent })
    }

    /// True if the text depends on when it was read.
    fn is_dated(&self) -> bool {
        self.repairs.iter().any(|repair| repair.kind == RepairKind::MissingDtstamp)
    }
}

impl Service {
    /// Stores a resource. Answers when every copy on this system is there, or `delivery_wait` is
    /// over.
    pub async fn put(&self, stamp: &Stamp, put: Put) -> Result<Written, Error> {
        let _home = self.lock_home(put.home).await?;
        self.put_locked(stamp, put, 0, SameMeeting::Moves).await
    }

    /// The same, by a request that then removes `frees` bytes from the same home.
    pub async fn put_freeing(&self, stamp: &Stamp, put: Put, frees: usize) -> Result<Written, Error> {
        let _home = self.lock_home(put.home).await?;
        self.put_locked(stamp, put, frees, SameMeeting::Conflicts).await
    }

    pub(crate) async fn put_locked(
        &self,
        stamp: &Stamp,
        put: Put,
        frees: usize,
        same_meeting: SameMeeting,
    ) -> Result<Written, Error> {
        let Put { home, place, ics, source, require } = put;
        let limits = &self.settings.limits;
        let mut read = Read::of(&ics, &source, stamp.metadata.at, limits)?;
        let uid = uid(&read.document);
        let id = ObjectId::derive(home, &uid);
        let components = self.accepted(home, &place)?;
        self.has_room(home, &place, read.document.as_str().len(), frees)?;
        let resident = self.object_at(&place)?;
        let name_holder = name_holder(resident, id);
        self.refresh_rooms(&read.document, &uid).await?;
        let meeting = self.lock_meeting(&uid, home).await?;
        let stamp = &stamp.dated_now();
        if read.is_dated() {
            read = Read::of(&ics, &source, stamp.metadata.at, limits)?;
        }
        let from = match source {
            Source::Body => Some(TextSource::Request),
            Source::Parted => Some(TextSource::Copy),
            Source::Decoded { .. } | Source::Copy => None,
        };
        if let Some(from) = from {
            self.in_name_of_owner(stamp, home, (from, &ics), &mut read).await?;
        }
        let Read { document, repairs, sent } = read;
        let command = object::Put {
            place: place.clone(),
            document,
            repairs,
            sent,
            require,
            components,
            name_holder,
            same_meeting,
            withdrawable: self.runner.outbox.withdrawable(&uid),
        };
        let decide = |object: &Object| self.decide_object(stamp, home, &Command::Put(&command), object);
        let executed = match resident {
            Some(_) => self.store.execute::<Object>(Subject::Home(home), id, stamp, decide).await?,
            // If the name is free, the UID is usually new to the home too.
            None => self.store.execute_new::<Object>(Subject::Home(home), id, stamp, decide).await?,
        };
        let created = executed.before.at(&place).is_none();
        self.finish(stamp, &executed, meeting).await?;
        let settled = self.store.load::<Object>(id).await?;
        let content = settled.state.at(&place).map(|resource| &resource.content).ok_or(Refusal::NotFound)?;
        let written = written(content, created, command.document.as_str());
        Ok(Written { as_sent: written.as_sent && command.repairs.is_empty(), ..written })
    }

    /// Some programs name the acting person as organizer, even in the calendar of somebody else.
    /// The owner of the calendar becomes the organizer instead, because otherwise no invitation
    /// would be sent. Meetings of that person in their own home stay theirs.
    async fn in_name_of_owner(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        (from, body): (TextSource, &str),
        read: &mut Read,
    ) -> Result<(), Error> {
        let Some(delegate) = acts_for(stamp, home) else { return Ok(()) };
        let book = DirectoryAddressBook(self.models.directory());
        let Some(text) = named_for_owner(&book, (home, delegate), &read.document) else { return Ok(()) };
        let own = self.store.load::<Object>(ObjectId::derive(delegate, &uid(&read.document))).await?;
        if !own.state.resources.is_empty() {
            return Ok(());
        }
        read.document = Document::parse(text).map_err(Error::failed)?;
        read.repairs.push(organizer_of_delegate());
        read.sent = Some(SentBody::from(from, body.as_bytes(), &read.repairs));
        Ok(())
    }

    /// Removes a resource or an inbox item.
    pub async fn delete(&self, stamp: &Stamp, delete: Delete) -> Result<(), Error> {
        let _home = self.lock_home(delete.home).await?;
        self.delete_locked(stamp, delete).await
    }

    pub(crate) async fn delete_locked(&self, stamp: &Stamp, delete: Delete) -> Result<(), Error> {
        let Delete { home, place, require, reply } = delete;
        let id = self.object_at(&place)?.ok_or(Refusal::NotFound)?;
        let remove = Remove { place, require, reply };
        let meeting = self.lock_meeting_of(id, home).await?;
        let stamp = &stamp.dated_now();
        let executed = self.execute_object(stamp, home, id, &Command::Remove(&remove)).await?;
        self.finish(stamp, &executed, meeting).await
    }

    /// Moves an object (`MOVE`). Within a home it keeps its identity; to another home it is stored
    /// there and removed here.
    pub async fn relocate(&self, stamp: &Stamp, transfer: Transfer) -> Result<Written, Error> {
        if transfer.home != transfer.to_home {
            return self.move_to_other_home(stamp, transfer).await;
        }
        let _home = self.lock_home(transfer.home).await?;
        let id = self.object_at(&transfer.from)?.ok_or(Refusal::NotFound)?;
        let Transfer { home, from, to, overwrite, require, .. } = transfer;
        let components = self.accepted(home, &to)?;
        let name_holder = name_holder(self.object_at(&to)?, id);
        let relocate = Relocate { from, to, overwrite, require, components, name_holder };
        let meeting = self.lock_meeting_of(id, home).await?;
        let stamp = &stamp.dated_now();
        let executed = self.execute_object(stamp, home, id, &Command::Relocate(&relocate)).await?;
        let created = executed.before.at(&relocate.to).is_none();
        let content = executed.after.at(&relocate.to).map(|resource| resource.content.clone());
        self.finish(stamp, &executed, meeting).await?;
        let content = content.ok_or(Refusal::NotFound)?;
        Ok(written(&content, created, &content.ics))
    }

    /// Moves an object to another home. It is stored there only if it can be removed here.
    async fn move_to_other_home(&self, stamp: &Stamp, transfer: Transfer) -> Result<Written, Error> {
        let Transfer { home, from, require, to_home, to, .. } = transfer.clone();
        let id = self.object_at(&from)?.ok_or(Refusal::NotFound)?;
        let leaving = self.store.load::<Object>(id).await?;
        let remove = Remove { place: from.clone(), require: require.clone(), reply: ScheduleReply::Send };
        self.decide_object(stamp, home, &Command::Remove(&remove), &leaving.state)?;
        let arrival = stamp.in_home(to_home);
        let written = self.copy(&arrival, transfer).await?;
        // RFC 3744 §7.3: MOVE keeps the access control list.
        let entries = leaving.state.at(&from).map(|resource| resource.entries.clone()).unwrap_or_default();
        if !entries.is_empty() {
            self.change_member_acl(&arrival.next("acl"), to_home, (MemberKind::Object, to), entries).await?;
        }
        self.delete(stamp, Delete { home, place: from, require, reply: ScheduleReply::Send }).await?;
        Ok(written)
    }

    /// Copies an object with its dead properties (`COPY`). The rules of `PUT` apply.
    pub async fn copy(&self, stamp: &Stamp, transfer: Transfer) -> Result<Written, Error> {
        let Transfer { from, to_home: home, to: place, overwrite, require, .. } = transfer;
        let id = self.object_at(&from)?.ok_or(Refusal::NotFound)?;
        let source = self.store.load::<Object>(id).await?;
        let source = source.state.at(&from).ok_or(Refusal::NotFound)?;
        require.check(Some(source))?;
        let _home = self.lock_home(home).await?;
        let replaced = self.models.member(place.collection, &place.name)?;
        if overwrite == Overwrite::Forbidden && replaced.is_some() {
            return Err(Refusal::Exists.into());
        }
        let (ics, require) = (source.content.ics.clone(), Require::default());
        let put = Put { home, place: place.clone(), ics, source: Source::Copy, require };
        let written = self.put_locked(stamp, put, 0, SameMeeting::Conflicts).await?;
        // RFC 4918 §9.8.2: those of the source in place of those that were there.
        let set = source.properties.clone();
        let removed: Vec<_> = replaced.into_iter().flat_map(|member| member.properties).map(|old| old.name).collect();
        if !set.is_empty() || !removed.is_empty() {
            let removed = removed.into_iter().filter(|name| set.iter().all(|new| new.name != *name)).collect();
            let change = ChangeProperties { place: place.clone(), set, removed };
            self.change_object(&stamp.next("properties"), home, &place, &Command::ChangeProperties(&change)).await?;
        }
        Ok(written)
    }

    /// Decides and appends one command on one object.
    pub(crate) async fn execute_object(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        id: ObjectId,
        command: &Command<'_>,
    ) -> Result<Executed<Object>, Error> {
        let decide = |object: &Object| self.decide_object(stamp, home, command, object);
        self.store.execute::<Object>(Subject::Home(home), id, stamp, decide).await
    }

    pub(crate) fn decide_object(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        command: &Command<'_>,
        object: &Object,
    ) -> Result<Vec<ObjectEvent>, Error> {
        let book = DirectoryAddressBook(self.models.directory());
        let context = DecisionContext {
            now: stamp.metadata.at,
            act: stamp.act,
            home,
            actor: stamp.metadata.actor,
            limits: &self.settings.limits,
            address_book: &book,
        };
        let events = object::decide(object, command, &context)?;
        may_send(stamp, home, &events)?;
        Ok(events)
    }

    /// Locks the meeting that an object belongs to.
    pub(crate) async fn lock_meeting_of(&self, id: ObjectId, home: PrincipalId) -> Result<MeetingLock, Error> {
        let uid = self.store.load::<Object>(id).await?.state.uid.clone();
        self.lock_meeting(&uid, home).await
    }

    /// Locks a meeting for a change in `home`; refuses with [`Error::Behind`] while earlier
    /// messages about it have not arrived.
    pub(crate) async fn lock_meeting(&self, uid: &str, home: PrincipalId) -> Result<MeetingLock, Error> {
        let meeting = self.runner.lock_delivered(uid, home, self.settings.read_models_wait).await;
        meeting.ok_or(Error::Behind("earlier messages about this meeting are still being delivered".into()))
    }

    /// Delivers the issued messages and waits for the read models, both within the request's time
    /// limit.
    pub(crate) async fn finish(
        &self,
        stamp: &Stamp,
        executed: &Executed<Object>,
        meeting: MeetingLock,
    ) -> Result<(), Error> {
        let delivered = self.runner.deliver(stamp, executed, meeting, self.settings.delivery_wait).await?;
        self.applied(executed.position.max(delivered)).await
    }

    /// Returns the object at a place; `None` if the name is free.
    pub(crate) fn object_at(&self, place: &Place) -> Result<Option<ObjectId>, Error> {
        Ok(self.models.member(place.collection, &place.name)?.map(|member| member.object))
    }

    /// The components a collection of this home accepts.
    pub(crate) fn accepted(&self, home: PrincipalId, place: &Place) -> Result<Vec<String>, Error> {
        self.object_name_allowed(&place.name)?;
        let collection = self.collection_of(home, place.collection)?;
        if collection.kind != CollectionKind::Calendar {
            return Err(Refusal::OtherKind { collection: collection.name, wanted: "calendar" }.into());
        }
        Ok(collection.components)
    }

    pub(crate) fn collection_of(&self, home: PrincipalId, id: CollectionId) -> Result<projections::Collection, Error> {
        let collection = self.models.outline_by_id(id)?.filter(|collection| collection.home == home);
        Ok(collection.ok_or(Refusal::NotFound)?)
    }

    /// Checks the name of a collection or a file, which is a segment of paths below the home.
    pub(crate) fn name_allowed(&self, name: &str) -> Result<(), Refusal> {
        if name.contains('/') {
            return Err(Refusal::BadName { why: "it has a slash" });
        }
        self.object_name_allowed(name)
    }

    /// Checks the name of a calendar object. Clients make it of the UID, which may contain a slash.
    fn object_name_allowed(&self, name: &str) -> Result<(), Refusal> {
        if name.is_empty() {
            return Err(Refusal::BadName { why: "it is empty" });
        }
        if name.len() > self.settings.limits.max_name_length {
            return Err(Refusal::BadName { why: "it has more octets of UTF-8 than max-name-length" });
        }
        if name.chars().any(char::is_control) {
            return Err(Refusal::BadName { why: "it has a control character" });
        }
        // RFC 3986 §5.2.4: a client takes these out of a path before it sends a request.
        if matches!(name, "." | "..") {
            return Err(Refusal::BadName { why: "paths give it another meaning" });
        }
        Ok(())
    }
}

/// Returns who holds the name under which the object `id` is to be stored.
pub(crate) fn name_holder(resident: Option<ObjectId>, id: ObjectId) -> NameHolder {
    match resident {
        Some(resident) if resident != id => NameHolder::Another,
        Some(_) | None => NameHolder::Own,
    }
}

/// Returns who acts in the name of the owner of a home, and may invite in it; `None` for the owner.
fn acts_for(stamp: &Stamp, home: PrincipalId) -> Option<PrincipalId> {
    stamp.metadata.actor.filter(|actor| *actor != home && stamp.sending.invitations)
}

/// Returns the text with the owner of the home as organizer in place of the delegate; `None` if the
/// delegate organizes nothing in it.
pub(crate) fn named_for_owner(
    book: &DirectoryAddressBook,
    (home, delegate): (PrincipalId, PrincipalId),
    document: &Document,
) -> Option<String> {
    let (owner, by) = book.address_of(home).zip(book.address_of(delegate))?;
    let name = book.0.by_id(home).map(|entry| entry.display_name.clone()).unwrap_or_default();
    let is_of = |whose: PrincipalId| move |address: &Address| book.principal(address) == Some(whose);
    let owner = itip::Owner { address: &owner, name: &name };
    itip::in_name_of_owner(document, owner, &by, &is_of(delegate), &is_of(home))
}

/// The repair that names the owner as organizer.
pub(crate) fn organizer_of_delegate() -> Repair {
    Repair { kind: RepairKind::OrganizerOfDelegate, path: ORGANIZER_PATH.to_owned() }
}

/// RFC 6638 §6.2.2, §6.2.3: who acts for the owner needs a privilege on the outbox for what
/// triggers messages.
fn may_send(stamp: &Stamp, home: PrincipalId, events: &[ObjectEvent]) -> Result<(), Refusal> {
    let role = |event: &ObjectEvent| match event {
        ObjectEvent::MessageIssued(issued) => sent_by(issued.method),
        _ => Role::None,
    };
    match events.iter().map(role).find(|role| !stamp.sending.allows(*role)) {
        Some(role) => Err(Refusal::MayNotSend { home, role }),
        None => Ok(()),
    }
}

/// Who sends messages of this method (RFC 5546 §1.4).
const fn sent_by(method: Method) -> Role {
    match method {
        Method::Publish | Method::Request | Method::Add | Method::Cancel | Method::DeclineCounter => Role::Organizer,
        Method::Reply | Method::Refresh | Method::Counter => Role::Attendee,
    }
}

/// Returns the UID, which names the stream; empty if the text has none.
pub(crate) fn uid(document: &Document) -> String {
    document.uid().unwrap_or_default()
}

fn written(content: &Content, created: bool, sent: &str) -> Written {
    Written {
        created,
        etag: content.etag.clone(),
        schedule_tag: content.schedule_tag.clone(),
        as_sent: content.ics == sent,
    }
}
