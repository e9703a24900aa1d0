//! Stores and removes calendar objects: from the command to the delivery of its messages.

mod places;
mod text;
mod transfer;

use calendar::{
    Refusal, Require,
    object::{self, Command, DecisionContext, Object, Remove, SameMeeting},
};
use itip::ScheduleReply;
use schemas::{
    ObjectEvent, ObjectId, PrincipalId,
    object::{Content, Method, Place, Role},
};

pub use calendar::object::Overwrite;
pub(crate) use places::name_holder;
pub use text::Source;
pub(crate) use text::{Read, named_for_owner, organizer_of_delegate, uid};
pub use transfer::Transfer;

use crate::{
    Service,
    address_book::DirectoryAddressBook,
    attributes::{Attributes, with_attributes},
    clock::Stamp,
    delivery::MeetingLock,
    error::Error,
    freshness::Subject,
    store::Executed,
};

#[derive(Debug, Clone)]
pub struct Put {
    pub home: PrincipalId,
    pub place: Place,
    pub ics: String,
    pub source: Source,
    pub require: Require,
    pub attributes: Attributes,
}

#[derive(Debug, Clone)]
pub struct Delete {
    pub home: PrincipalId,
    pub place: Place,
    pub require: Require,
    pub reply: ScheduleReply,
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

impl Service {
    /// Stores a calendar object. Returns when the delivery of its messages, apart from delayed
    /// ones, has ended or `delivery_wait` is over, and the read models show the result. If they do
    /// not show it in time, returns [`Error::Behind`], although the object is stored.
    pub async fn put(&self, stamp: &Stamp, put: Put) -> Result<Written, Error> {
        let _home = self.lock_home(put.home).await?;
        self.put_locked(stamp, put, 0, SameMeeting::Moves).await
    }

    /// Stores a calendar object like [`Self::put`], for a request that then removes `frees` bytes
    /// from the same home. The same meeting in another calendar of the home is a conflict.
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
        let Put { home, place, ics, source, require, attributes } = put;
        let limits = &self.settings.limits;
        let mut read = Read::of(&ics, &source, stamp.metadata.at, limits)?;
        let uid = uid(&read.document);
        let id = ObjectId::derive(home, &uid);
        let components = self.accepted(home, &place)?;
        self.has_room(home, &place, read.document.as_str().len(), frees)?;
        self.has_room_for_properties(home, &attributes.set)?;
        let resident = self.object_at(&place)?;
        let name_holder = name_holder(resident, id);
        self.refresh_rooms(&read.document, &uid).await?;
        let meeting = self.lock_meeting(&uid, home).await?;
        let stamp = &stamp.dated_now();
        if read.is_dated() {
            read = Read::of(&ics, &source, stamp.metadata.at, limits)?;
        }
        if let Some(from) = source.of_delegate() {
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
        let attributes = attributes.of_object(&command.place);
        let commands = with_attributes(&command, &attributes);
        let decide = |object: &Object| self.decide_all(stamp, home, &commands, object);
        let executed = match resident {
            Some(_) => self.store.execute::<Object>(Subject::Home(home), id, stamp, decide).await?,
            // If the name is free, the UID is usually new too, and there is no stream to load.
            None => self.store.execute_new::<Object>(Subject::Home(home), id, stamp, decide).await?,
        };
        let created = executed.before.at(&place).is_none();
        self.finish(stamp, &executed, meeting).await?;
        self.written_at(id, created, &command).await
    }

    /// Returns the description of the resource at the place of a PUT, after the deliveries that
    /// followed. `created`: the PUT created the resource.
    async fn written_at(&self, id: ObjectId, created: bool, put: &object::Put) -> Result<Written, Error> {
        let settled = self.store.load::<Object>(id).await?;
        let content = settled.state.at(&put.place).map(|resource| &resource.content).ok_or(Refusal::NotFound)?;
        let written = written(content, created, put.document.as_str());
        Ok(Written { as_sent: written.as_sent && put.repairs.is_empty(), ..written })
    }

    /// Removes a calendar object resource or an inbox item.
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

    /// Checks conditions against the calendar object or file at a place as it is now. A write
    /// checks them again when it is decided.
    pub async fn check_conditions(&self, place: &Place, require: &Require) -> Result<(), Error> {
        match self.models.member(place.collection, &place.name)? {
            Some(member) if member.media_type.is_none() => {
                let object = self.store.load::<Object>(member.object).await?;
                require.check(object.state.at(place))?;
            }
            file => require.check_tags(file.as_ref().map(|file| file.etag.as_str()), None)?,
        }
        Ok(())
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
        self.decide_all(stamp, home, std::slice::from_ref(command), object)
    }

    /// Decides several commands that become one append.
    fn decide_all(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        commands: &[Command<'_>],
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
        let events = object::decide_all(object, commands, &context)?;
        may_send(stamp, home, &events)?;
        Ok(events)
    }

    /// Locks the meeting that an object belongs to.
    pub(crate) async fn lock_meeting_of(&self, id: ObjectId, home: PrincipalId) -> Result<MeetingLock, Error> {
        let uid = self.store.load::<Object>(id).await?.state.uid.clone();
        self.lock_meeting(&uid, home).await
    }

    /// Locks a meeting for a change in `home`. Returns [`Error::Behind`] if the lock is not free in
    /// time, or earlier messages about it are not delivered in time.
    pub(crate) async fn lock_meeting(&self, uid: &str, home: PrincipalId) -> Result<MeetingLock, Error> {
        let meeting = self.runner.lock_delivered(uid, home, self.settings.read_models_wait).await;
        meeting.ok_or(Error::Behind(
            "another change of this meeting, or the delivery of its messages, is not finished; try again later".into(),
        ))
    }

    /// Delivers the issued messages for at most `delivery_wait`, and then waits, at most
    /// `read_models_wait`, until the read models show the result.
    pub(crate) async fn finish(
        &self,
        stamp: &Stamp,
        executed: &Executed<Object>,
        meeting: MeetingLock,
    ) -> Result<(), Error> {
        let delivered = self.runner.deliver(stamp, executed, meeting, self.settings.delivery_wait).await?;
        self.applied(executed.position.max(delivered)).await
    }
}

/// Returns a refusal if one of the events sends a message that the caller may not send in the
/// owner's name. Sending in the owner's name needs a privilege on the owner's outbox (RFC 6638
/// §6.2.2, §6.2.3).
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

/// Returns the role that sends messages with this method (RFC 5546 §1.4).
const fn sent_by(method: Method) -> Role {
    match method {
        Method::Publish | Method::Request | Method::Add | Method::Cancel | Method::DeclineCounter => Role::Organizer,
        Method::Reply | Method::Refresh | Method::Counter => Role::Attendee,
    }
}

fn written(content: &Content, created: bool, sent: &str) -> Written {
    Written {
        created,
        etag: content.etag.clone(),
        schedule_tag: content.schedule_tag.clone(),
        as_sent: content.ics == sent,
    }
}
