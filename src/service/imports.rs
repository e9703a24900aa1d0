//! Imports calendar objects of another server. No message is sent. The copies of one meeting are
//! made to agree, in whatever order they are imported.
//!
//! **Invariant:** a text is stored once: a repeated import of it only completes what an
//! interruption left out, and makes the copies agree again.

use std::collections::BTreeSet;

pub use calendar::object::{ImportOutcome, Present};
use calendar::{
    Refusal,
    object::{self, Agree, Command, Import, NameHolder, Object, SentBody, TakeAnswers},
};
use ical::{
    Address, Component, Document,
    repair::{self, Repaired},
};
use schemas::{
    CollectionId, ObjectId, PrincipalId, Timestamp,
    ids::NAMESPACE,
    object::{Imported, Place, RevisionReason, Role},
};
use uuid::Uuid;

use crate::{
    Service,
    clock::Stamp,
    error::Error,
    freshness::Subject,
    objects::{name_holder, uid},
};

/// One calendar object of an imported file.
#[derive(Debug, Clone)]
pub struct ImportedObject {
    /// Owner of the calendar into which the object is imported.
    pub home: PrincipalId,
    /// Calendar into which the object is imported. `None` in a trial for a calendar that does not
    /// exist yet.
    pub calendar: Option<CollectionId>,
    /// iCalendar text: one calendar object with the time zones that it uses.
    pub octets: Vec<u8>,
    /// File and line at which the object was found.
    pub from: Imported,
    /// Treatment of an existing resource that was changed on this server, or was not stored by an
    /// import.
    pub present: Present,
}

/// Result of the import of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// The UID of the imported object.
    pub uid: String,
    /// Outcome for the resource: created, replaced or left as it was.
    pub outcome: ImportOutcome,
    /// The name of the resource in its calendar.
    pub name: String,
    /// Role of the calendar's owner in the meeting.
    pub role: Role,
    /// The repairs that were made, by their names in docs/ical.md.
    pub repairs: Vec<&'static str>,
    /// Number of copies of the meeting, in any home, that were changed to agree.
    pub agreed: usize,
    /// The first reason for which another copy of the meeting was refused, and does not agree;
    /// `None` if there is none.
    pub disagreement: Option<String>,
}

/// The copies of a meeting that were made to agree.
#[derive(Debug, Default)]
struct Agreed {
    changed: usize,
    refusal: Option<Refusal>,
}

impl Agreed {
    /// Returns what a change of one copy resulted in; `None` if the change was refused, which is
    /// noted. The imported object is stored already, so that a refusal of another copy is not one
    /// of the import.
    fn note<T>(&mut self, changed: Result<T, Error>) -> Result<Option<T>, Error> {
        match changed {
            Err(Error::Refused(refusal)) => {
                self.refusal.get_or_insert(refusal);
                Ok(None)
            }
            other => other.map(Some),
        }
    }
}

/// Maximum length of a UID that is used as the name of a resource, in bytes.
const MAX_NAME_OF_UID: usize = 200;

impl Service {
    /// Stores an object, and makes the copies of its meeting agree. No message is sent.
    ///
    /// `Err`: the object is refused, and nothing of it is stored; or the server failed, and the
    /// import has to be repeated. If only another copy of the meeting is refused, the report says
    /// so.
    pub async fn import(&self, stamp: &Stamp, imported: ImportedObject) -> Result<ImportReport, Error> {
        let stamp = &stamp.next(&format!("{}/{}", imported.from.file, imported.from.line));
        let home = imported.home;
        let _home = self.lock_home(home).await?;
        let (id, mut import) = self.prepare(imported, stamp.metadata.at)?;
        let uid = uid(&import.document);
        let meeting = self.lock_meeting(&uid, home).await?;
        import.withdrawable = self.runner.outbox.withdrawable(&uid);
        let decide = |object: &Object| self.decide_object(stamp, home, &Command::Import(&import), object);
        let executed = match import.name_holder {
            NameHolder::Own if self.object_at(&import.place)?.is_none() => {
                self.store.execute_new::<Object>(Subject::Home(home), id, stamp, decide).await?
            }
            NameHolder::Own | NameHolder::Another => {
                self.store.execute::<Object>(Subject::Home(home), id, stamp, decide).await?
            }
        };
        self.runner.outbox.issued(&executed, &stamp.metadata);
        let mut report = report(&import, &executed.before, &executed.after);
        let mut follow = stamp.clone();
        follow.metadata.causation = executed.events.last().map(|happened| happened.id);
        let agreed = self.make_agree(&follow, home, &executed.after).await?;
        report.agreed = agreed.changed;
        report.disagreement = agreed.refusal.map(|refusal| refusal.to_string());
        drop(meeting);
        Ok(report)
    }

    /// Returns the report that an import would have at this moment, except that `agreed` is 0.
    /// Stores nothing.
    pub async fn try_import(&self, stamp: &Stamp, imported: ImportedObject) -> Result<ImportReport, Error> {
        let home = imported.home;
        self.fresh(Subject::Home(home)).await?;
        let (id, import) = self.prepare(imported, stamp.metadata.at)?;
        let loaded = self.store.load::<Object>(id).await?;
        let before = loaded.state;
        let events = self.decide_object(stamp, home, &Command::Import(&import), &before)?;
        let after = events.iter().fold(Object::clone(&before), calendar::object::evolve);
        Ok(report(&import, &before, &after))
    }

    /// Parses and repairs an object at the time `now`, and chooses its place.
    fn prepare(&self, imported: ImportedObject, now: Timestamp) -> Result<(ObjectId, Import), Error> {
        let ImportedObject { home, calendar, octets, from, present } = imported;
        let limits = &self.settings.limits;
        let unreadable = |error: ical::SyntaxError| Refusal::NotCalendarData { why: error.to_string() };
        let (text, decoded) = repair::utf8(octets.clone()).map_err(unreadable)?;
        let Repaired { document, mut repairs } = object::read(text, now, limits)?;
        repairs.splice(0..0, decoded);
        let sent = SentBody::of(&octets, &repairs);
        let uid = uid(&document);
        let id = ObjectId::derive(home, &uid);
        let mut place = Place { collection: calendar.unwrap_or(CollectionId(Uuid::nil())), name: name_of(&uid) };
        let mut components = vec![];
        if calendar.is_some() {
            if self.object_at(&place)?.is_some_and(|resident| resident != id) {
                place.name = derived_name(&uid);
            }
            components = self.accepted(home, &place)?;
            self.has_room(home, &place, document.as_str().len(), 0)?;
        }
        let name_holder = name_holder(self.object_at(&place)?, id);
        let withdrawable = vec![];
        Ok((id, Import { place, document, repairs, sent, from, components, name_holder, present, withdrawable }))
    }

    /// Makes the copies of a meeting agree after one of them was imported: adds the attendees'
    /// answers to the organizer's object, and changes the attendees' copies to agree with it.
    /// A copy that is refused keeps no other copy from being changed.
    async fn make_agree(&self, stamp: &Stamp, home: PrincipalId, imported: &Object) -> Result<Agreed, Error> {
        let mut agreed = Agreed::default();
        let Some(copy) = imported.scheduled() else { return Ok(agreed) };
        let Ok(text) = Document::parse(copy.content.ics.clone()) else { return Ok(agreed) };
        let Some(organizer) = self.organizer(&text) else { return Ok(agreed) };
        let id = ObjectId::derive(organizer, &imported.uid);
        let before = self.store.load::<Object>(id).await?.state;
        let Some(object) = before.organized() else {
            return Ok(agreed);
        };
        let copies = if organizer == home {
            let everybody = self.attendees(&object.content.ics, organizer);
            self.copies(&imported.uid, everybody).await?
        } else {
            vec![(home, text)]
        };
        let take = Command::TakeAnswers(&TakeAnswers { copies: &copies, reason: RevisionReason::Import });
        let taken = self.execute_object(&stamp.next("answers"), organizer, id, &take).await;
        let Some(taken) = agreed.note(taken)? else { return Ok(agreed) };
        agreed.changed += usize::from(!taken.events.is_empty());
        let Some(object) = taken.after.scheduled().map(|known| known.content.ics.clone()) else { return Ok(agreed) };
        // If the organizer's object was imported, or has new answers, the copies of all attendees
        // are checked.
        let concerned = if organizer == home || !taken.events.is_empty() {
            self.attendees(&object, organizer)
        } else {
            BTreeSet::from([home])
        };
        let Ok(object) = Document::parse(object) else { return Ok(agreed) };
        for attendee in concerned {
            let agree = Command::Agree(&Agree { organizer, object: &object, reason: RevisionReason::Import });
            let stamp = stamp.in_home(attendee).next("agree");
            let id = ObjectId::derive(attendee, &imported.uid);
            let executed = agreed.note(self.execute_object(&stamp, attendee, id, &agree).await)?;
            agreed.changed += usize::from(executed.is_some_and(|executed| !executed.events.is_empty()));
        }
        Ok(agreed)
    }

    /// Returns the principal who organizes a meeting. `None` if the meeting has no organizer, or
    /// the organizer is no principal of this server.
    fn organizer(&self, meeting: &Document) -> Option<PrincipalId> {
        let organizer = meeting.root().components().find_map(Component::organizer)?;
        self.models.directory().by_address(&organizer).map(|entry| entry.id)
    }

    /// Returns the principals of this server who are invited to a meeting, without the organizer.
    fn attendees(&self, meeting: &str, organizer: PrincipalId) -> BTreeSet<PrincipalId> {
        let Ok(document) = Document::parse(meeting.to_owned()) else { return BTreeSet::new() };
        let directory = self.models.directory();
        let lines = document.root().components().flat_map(|component| component.properties_named("ATTENDEE"));
        let addresses: Vec<Address> = lines.filter_map(ical::Property::address).collect();
        let found = addresses.iter().filter_map(|address| directory.by_address(address)).map(|entry| entry.id);
        found.filter(|id| *id != organizer).collect()
    }

    /// Returns the attendees' copies of a meeting that these owners have.
    pub(crate) async fn copies(
        &self,
        uid: &str,
        owners: BTreeSet<PrincipalId>,
    ) -> Result<Vec<(PrincipalId, Document)>, Error> {
        let mut copies = vec![];
        for owner in owners {
            let object = self.store.load::<Object>(ObjectId::derive(owner, uid)).await?.state;
            let copy = object.scheduled().filter(|copy| copy.content.role == Role::Attendee);
            copies.extend(copy.and_then(|copy| Some((owner, Document::parse(copy.content.ics.clone()).ok()?))));
        }
        Ok(copies)
    }
}

fn report(import: &Import, before: &Object, after: &Object) -> ImportReport {
    let stored = after.resources.iter().find(|resource| resource.place.collection == import.place.collection);
    ImportReport {
        uid: uid(&import.document),
        outcome: import.outcome(before),
        name: stored.map_or(&import.place.name, |stored| &stored.place.name).clone(),
        role: stored.map(|stored| stored.content.role).unwrap_or_default(),
        repairs: import.repairs.iter().map(|repair| repair.kind.as_str()).collect(),
        agreed: 0,
        disagreement: None,
    }
}

/// Returns the name for a resource with this UID: the UID itself with `.ics`, if it has 1 to
/// [`MAX_NAME_OF_UID`] characters, all of them ASCII letters, digits or `-_.@`, and does not begin
/// with `.`; otherwise a name derived from it.
fn name_of(uid: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.@".contains(character);
    if !uid.is_empty() && uid.len() <= MAX_NAME_OF_UID && !uid.starts_with('.') && uid.chars().all(is_plain) {
        return format!("{uid}.ics");
    }
    derived_name(uid)
}

fn derived_name(uid: &str) -> String {
    format!("{}.ics", Uuid::new_v5(&NAMESPACE, format!("name/{uid}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{self, Given, id, stamp};

    #[test]
    fn a_resource_is_named_after_its_uid_where_a_path_can_hold_it() {
        assert_eq!(name_of("lunch-1@example.org"), "lunch-1@example.org.ics");
        for uid in ["", ".hidden", "a/b", "mittag ü", &"x".repeat(MAX_NAME_OF_UID + 1)] {
            assert_eq!(name_of(uid), derived_name(uid), "{uid}");
        }
        assert_ne!(derived_name("a/b"), derived_name("a/c"));
    }

    #[tokio::test]
    async fn a_trial_has_the_report_of_the_import() {
        let given = Given::of(&["anna", "bert"], calendar::Limits::default()).await;
        let meeting = |organizer: &str, guest: &str| specimens::meeting("1", organizer, &[guest]).into_bytes();
        let rows = [(meeting("anna", "bert"), Role::Organizer), (meeting("bert", "anna"), Role::Attendee)];
        for (octets, role) in rows {
            let imported = || ImportedObject {
                home: id("anna"),
                calendar: Some(given::calendar("anna")),
                octets: octets.clone(),
                from: Imported { file: "anna.ics".to_owned(), line: 1 },
                present: Present::IsReplaced,
            };
            let trial = given.service.try_import(&stamp("anna"), imported()).await.expect("a report");
            let import = given.service.import(&stamp("anna"), imported()).await.expect("a report");
            assert_eq!(trial.role, role);
            assert_eq!(trial, import);
        }
    }

    /// A text that this version cannot read refuses every change of its copy.
    #[tokio::test]
    async fn an_object_is_stored_though_another_copy_of_its_meeting_cannot_agree() {
        let given = Given::of(&["anna", "bert", "carol"], calendar::Limits::default()).await;
        let text = specimens::meeting("1", "anna", &["bert", "carol"]);
        given.put("anna", "1.ics", text.clone()).await;
        given.damage("bert", "1").await;
        let imported = ImportedObject {
            home: id("anna"),
            calendar: Some(given::calendar("anna")),
            octets: text.replace("SUMMARY:Lunch", "SUMMARY:Dinner").into_bytes(),
            from: Imported { file: "anna.ics".to_owned(), line: 1 },
            present: Present::IsReplaced,
        };
        let report = given.service.import(&stamp("anna"), imported).await.expect("the object is stored");
        assert_eq!(report.outcome, ImportOutcome::Replaced);
        assert!(report.disagreement.is_some(), "{report:?}");
        assert_eq!(report.agreed, 1, "carol's copy agrees");
    }
}
