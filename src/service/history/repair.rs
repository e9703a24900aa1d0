//! Makes the copies of one meeting agree if they differ.
//!
//! **Invariant:** a repair consists of ordinary commands. The organizer's object is authoritative:
//! answers that did not reach it are added to it, the attendees' copies are changed to agree with
//! it, and attendees without a copy, except those who declined, are invited again.

use std::collections::BTreeSet;

use calendar::{
    Refusal,
    object::{self, Agree, Command, Object, TakeAnswers},
};
use ical::{Document, Property};
use schemas::{ObjectEvent, ObjectId, Position, PrincipalId, object::RevisionReason};

use crate::{
    Attributes, Put, Require, Service, Source, Stamp, address_book::DirectoryAddressBook, error::Error,
    principals::Extent,
};

/// One step of a repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// Home of the copy that the step changes or creates.
    pub home: PrincipalId,
    /// Kind of the step.
    pub step: RepairStep,
}

/// Kinds of steps that a repair takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepairStep {
    /// The answers in the attendees' copies are added to the organizer's object.
    TakeAnswers,
    /// An attendee's copy is changed to agree with the organizer's object.
    Agree,
    /// An attendee without a copy is invited again.
    InviteAgain,
}

impl RepairStep {
    /// Returns the step in words, to be followed by the name of the home's owner.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TakeAnswers => "apply lost answers to the copy of",
            Self::Agree => "update the copy of",
            Self::InviteAgain => "send the invitation again to",
        }
    }
}

/// Meeting whose copies are repaired.
struct Meeting {
    organizer: PrincipalId,
    id: ObjectId,
    uid: String,
}

impl Service {
    /// Repairs the copies of a meeting, or only determines the steps, as `extent` says. Returns the
    /// steps; the list is empty if there is nothing to repair.
    ///
    /// Returns [`Refusal::NotFound`] if the given principal does not organize such a meeting.
    pub async fn repair_copies(
        &self,
        stamp: &Stamp,
        organizer: PrincipalId,
        uid: &str,
        extent: Extent,
    ) -> Result<Vec<Repair>, Error> {
        let meeting = Meeting { organizer, id: ObjectId::derive(organizer, uid), uid: uid.to_owned() };
        let (mut steps, without) = self.agree_again(stamp, &meeting, extent).await?;
        if !without.is_empty() {
            if extent == Extent::Apply {
                self.invite_again(&stamp.next("invitations"), &meeting, &without).await?;
            }
            steps.extend(without.into_iter().map(|home| Repair { home, step: RepairStep::InviteAgain }));
        }
        Ok(steps)
    }

    /// Makes the existing copies agree. Returns the steps, and the attendees without a copy.
    async fn agree_again(
        &self,
        stamp: &Stamp,
        meeting: &Meeting,
        extent: Extent,
    ) -> Result<(Vec<Repair>, BTreeSet<PrincipalId>), Error> {
        let Meeting { organizer, id, uid } = meeting;
        let _home = self.lock_home(*organizer).await?;
        let _meeting = self.lock_meeting(uid, *organizer).await?;
        let before = self.organized(*id).await?;
        let invited = self.invited(&before, *organizer);
        let copies = self.copies(uid, invited.clone()).await?;
        let with_copy: BTreeSet<_> = copies.iter().map(|(home, _)| *home).collect();
        let take = Command::TakeAnswers(&TakeAnswers { copies: &copies, reason: RevisionReason::Repair });
        let (object, is_changed) = self.step(&stamp.next("answers"), (*organizer, *id), &take, extent).await?;
        let mut steps = vec![];
        if is_changed {
            steps.push(Repair { home: *organizer, step: RepairStep::TakeAnswers });
        }
        let text = object.scheduled().map(|known| known.content.ics.clone()).ok_or(Refusal::NotFound)?;
        let text = Document::parse(text).map_err(|error| Refusal::Unreadable { why: error.to_string() })?;
        for home in &with_copy {
            let agree = Agree { organizer: *organizer, object: &text, reason: RevisionReason::Repair };
            let (stamp, id) = (stamp.in_home(*home).next("agree"), ObjectId::derive(*home, uid));
            if self.step(&stamp, (*home, id), &Command::Agree(&agree), extent).await?.1 {
                steps.push(Repair { home: *home, step: RepairStep::Agree });
            }
        }
        Ok((steps, invited.difference(&with_copy).copied().collect()))
    }

    /// Executes a command, or only decides it, as `extent` says. Returns the resulting object, and
    /// true if the command changes it.
    async fn step(
        &self,
        stamp: &Stamp,
        (home, id): (PrincipalId, ObjectId),
        command: &Command<'_>,
        extent: Extent,
    ) -> Result<(Object, bool), Error> {
        if extent == Extent::Apply {
            let executed = self.execute_object(stamp, home, id, command).await?;
            self.applied(executed.position.max(Position::START)).await?;
            return Ok(((*executed.after).clone(), !executed.events.is_empty()));
        }
        let loaded = self.store.load::<Object>(id).await?;
        let events: Vec<ObjectEvent> = self.decide_object(stamp, home, command, &loaded.state)?;
        let after = events.iter().fold((*loaded.state).clone(), object::evolve);
        Ok((after, !events.is_empty()))
    }

    async fn organized(&self, id: ObjectId) -> Result<String, Error> {
        let object = self.store.load::<Object>(id).await?.state;
        let known = object.organized();
        Ok(known.ok_or(Refusal::NotFound)?.content.ics.clone())
    }

    /// Returns the principals, without groups, retired ones and the organizer, that have an
    /// ATTENDEE property whose SCHEDULE-AGENT is neither CLIENT nor NONE and whose PARTSTAT is not
    /// DECLINED. An attendee who declined may have deleted their copy.
    fn invited(&self, object: &str, organizer: PrincipalId) -> BTreeSet<PrincipalId> {
        let Ok(document) = Document::parse(object.to_owned()) else { return BTreeSet::new() };
        let directory = self.models.directory();
        let lines = || document.root().components().flat_map(|component| component.properties_named("ATTENDEE"));
        let of = |line: Property<'_>| {
            let entry = line.address().and_then(|address| directory.by_address(&address).cloned())?;
            (entry.is_present() && entry.kind != schemas::principal::PrincipalKind::Group).then_some(entry.id)
        };
        let is_told = |line: &Property<'_>| {
            let is = |name: &str, value: &str| line.param(name).is_some_and(|set| set.eq_ignore_ascii_case(value));
            !(is("PARTSTAT", "DECLINED") || is("SCHEDULE-AGENT", "CLIENT") || is("SCHEDULE-AGENT", "NONE"))
        };
        lines().filter(is_told).filter_map(of).filter(|id| *id != organizer).collect()
    }

    /// Stores the organizer's object again with SCHEDULE-FORCE-SEND=REQUEST for these attendees
    /// (RFC 6638 §7.2).
    async fn invite_again(
        &self,
        stamp: &Stamp,
        meeting: &Meeting,
        without: &BTreeSet<PrincipalId>,
    ) -> Result<(), Error> {
        let object = self.store.load::<Object>(meeting.id).await?.state;
        let known = object.scheduled().ok_or(Refusal::NotFound)?;
        let ics = self.forced(&known.content.ics, without)?;
        let (home, place) = (meeting.organizer, known.place.clone());
        let put = Put {
            home,
            place,
            ics,
            source: Source::Copy,
            require: Require::default(),
            attributes: Attributes::default(),
        };
        self.put(stamp, put).await.map(drop)
    }

    fn forced(&self, ics: &str, without: &BTreeSet<PrincipalId>) -> Result<String, Error> {
        let document = Document::parse(ics.to_owned());
        let document = document.map_err(|error| Refusal::Unreadable { why: error.to_string() })?;
        let book = DirectoryAddressBook(self.models.directory());
        let mut edit = document.edit();
        for line in document.root().components().flat_map(|component| component.properties_named("ATTENDEE")) {
            let owner = line.address().and_then(|address| book.0.by_address(&address).map(|entry| entry.id));
            if owner.is_some_and(|owner| without.contains(&owner)) {
                edit.set_param(line.id(), "SCHEDULE-FORCE-SEND", "REQUEST");
            }
        }
        Ok(edit.finish())
    }
}
