//! Applies each event to the search index.

use schemas::{Event, ObjectEvent, ObjectId, PrincipalId, Recorded, ShareEvent, Stream, object::Content};

use super::{
    Clue,
    batch::Batch,
    log::Entry,
    meeting::{About, Meeting},
    terms,
    words::{self, Said},
};

pub(super) fn apply(batch: &mut Batch<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
    let entry = match (&recorded.event, recorded.stream) {
        (Event::Object(event), Stream::Object(id)) => object(batch, recorded, id, event)?,
        (Event::Collection(_), _) => Entry { clues: vec![Clue::Request(recorded.metadata.request)], act: None },
        (Event::Share(ShareEvent::PersonalDataChanged(changed)), _) => {
            let clues = vec![Clue::Request(recorded.metadata.request), Clue::PersonalData(changed.uid.clone())];
            Entry { clues, act: None }
        }
        _ => return Ok(()),
    };
    if batch.log.add(batch.rows, recorded.position.0, recorded.metadata.at.seconds(), &entry)? {
        batch.sort_terms()?;
    }
    Ok(())
}

fn object(batch: &mut Batch<'_>, recorded: &Recorded, id: ObjectId, event: &ObjectEvent) -> rusqlite::Result<Entry> {
    let rows = batch.rows;
    let known = match event.uid() {
        Some(uid) => batch.meetings.by_uid(rows, uid)?,
        None => batch.meetings.of_object(rows, id)?,
    };
    let (meeting, is_new) = match (known, event.uid()) {
        (Some(known), _) => (known, false),
        (None, Some(uid)) => (batch.meetings.begin(rows, uid, (recorded.position.0, recorded.metadata.at))?, true),
        // The meeting is unknown, because no event in the stream has named its UID so far.
        (None, None) => return Ok(Entry::default()),
    };
    let mut fold = Fold { batch, recorded, meeting, entry: Entry::default(), news: vec![], is_acted_upon: false };
    if let Some(home) = event.home() {
        fold.add(id, home)?;
    }
    fold.apply(event)?;
    let Fold { meeting, mut entry, news, is_acted_upon, .. } = fold;
    if is_new || is_acted_upon {
        entry.act = Some(meeting.key);
    }
    let is_due = !news.is_empty() && batch.pending.wait(rows, meeting.key, &news)?;
    batch.meetings.hold(rows, meeting)?;
    if is_due {
        batch.sort_terms()?;
    }
    Ok(entry)
}

/// Returns true if an event without an actor removed an inbox item: the server removed an old one
/// by itself, which is no act on the meeting.
fn is_cleaning(recorded: &Recorded) -> bool {
    recorded.metadata.actor.is_none() && matches!(recorded.event, Event::Object(ObjectEvent::InboxItemRemoved(_)))
}

struct Fold<'a, 'b> {
    batch: &'a mut Batch<'b>,
    recorded: &'a Recorded,
    meeting: Meeting,
    entry: Entry,
    /// The new terms of the meeting.
    news: Vec<u64>,
    is_acted_upon: bool,
}

impl Fold<'_, '_> {
    /// Adds an object, and the owner of its home, to the meeting, if the meeting does not have the
    /// object yet.
    fn add(&mut self, id: ObjectId, home: PrincipalId) -> rusqlite::Result<()> {
        if self.meeting.has(self.batch.rows, id)? {
            return Ok(());
        }
        self.meeting.add(id);
        self.meeting.lead(self.batch.rows, id)?;
        self.learn([terms::person(home)])
    }

    fn apply(&mut self, event: &ObjectEvent) -> rusqlite::Result<()> {
        let is_direct = self.recorded.metadata.causation.is_none();
        if is_direct && is_cleaning(self.recorded) {
            self.entry.clues.push(Clue::Request(self.recorded.metadata.request));
        } else if is_direct {
            self.act()?;
        }
        match event {
            ObjectEvent::Put(put) => self.content(&put.content, is_direct),
            ObjectEvent::Revised(revised) => self.content(&revised.content, false),
            ObjectEvent::Moved(moved) => {
                self.entry.clues.extend(moved.schedule_tag.clone().map(Clue::ScheduleTag));
                Ok(())
            }
            ObjectEvent::MessageIssued(issued) => {
                self.entry.clues.push(Clue::Message(issued.message));
                Ok(())
            }
            ObjectEvent::Removed(_)
            | ObjectEvent::AclChanged(_)
            | ObjectEvent::PropertiesChanged(_)
            | ObjectEvent::MessageSuppressed(_)
            | ObjectEvent::MessageWithdrawn(_)
            | ObjectEvent::MessageReceived(_)
            | ObjectEvent::InboxItemRemoved(_)
            | ObjectEvent::DeliveryReported(_) => Ok(()),
        }
    }

    /// Records an act, unless the event belongs to the same request as the meeting's last act.
    fn act(&mut self) -> rusqlite::Result<()> {
        let metadata = &self.recorded.metadata;
        let agent = match metadata.client.agent.as_str() {
            "" => 0,
            agent => self.batch.names.key(self.batch.rows, agent)?,
        };
        if self.meeting.act(self.recorded.position.0, metadata.at, metadata.request, agent) {
            self.entry.clues.push(Clue::Request(metadata.request));
            self.is_acted_upon = true;
            self.learn(metadata.actor.map(terms::person))?;
        }
        Ok(())
    }

    fn content(&mut self, content: &Content, is_direct: bool) -> rusqlite::Result<()> {
        self.entry.clues.push(Clue::Etag(content.etag.clone()));
        self.entry.clues.extend(content.schedule_tag.clone().map(Clue::ScheduleTag));
        // A copy that the server made repeats the organizer's texts, so it is only read while the
        // meeting has no title.
        if is_direct || self.meeting.about.title.is_empty() { self.text(&content.ics) } else { Ok(()) }
    }

    fn text(&mut self, ics: &str) -> rusqlite::Result<()> {
        let Some(Said { title, organizer, begins, ends, words }) = words::read(ics) else { return Ok(()) };
        let organizer = match organizer.as_str() {
            "" => None,
            organizer => Some(self.batch.names.key(self.batch.rows, organizer)?),
        };
        self.meeting.describe(About { title, organizer, begins, ends });
        self.learn(words.into_iter().map(String::into_bytes))
    }

    fn learn(&mut self, terms: impl IntoIterator<Item = Vec<u8>>) -> rusqlite::Result<()> {
        let Batch { rows, terms: known, .. } = &mut *self.batch;
        let keys: Vec<u64> = terms.into_iter().map(|term| known.key(rows, &term)).collect::<Result<_, _>>()?;
        self.news.extend(self.meeting.learn(rows, keys)?);
        Ok(())
    }
}
