//! What each event adds to the index.

use rusqlite::Connection;
use schemas::{Event, ObjectEvent, ObjectId, Recorded, ShareEvent, Stream, object::Content};

use super::{
    Clue,
    log::{self, Entry},
    meeting::Meeting,
    names, terms,
    words::{self, Said},
};

pub(super) fn apply(rows: &Connection, recorded: &Recorded) -> rusqlite::Result<()> {
    let entry = match (&recorded.event, recorded.stream) {
        (Event::Object(event), Stream::Object(id)) => object(rows, recorded, id, event)?,
        (Event::Collection(_), _) => Entry { clues: vec![Clue::Request(recorded.metadata.request)], act: None },
        (Event::Share(ShareEvent::PersonalDataChanged(changed)), _) => {
            let clues = vec![Clue::Request(recorded.metadata.request), Clue::PersonalData(changed.uid.clone())];
            Entry { clues, act: None }
        }
        _ => return Ok(()),
    };
    if log::add(rows, recorded.position.0, recorded.metadata.at.seconds(), &entry)? {
        terms::sort(rows)?;
    }
    Ok(())
}

fn object(rows: &Connection, recorded: &Recorded, id: ObjectId, event: &ObjectEvent) -> rusqlite::Result<Entry> {
    let known = match event.uid() {
        Some(uid) => Meeting::by_uid(rows, uid)?,
        None => Meeting::of_object(rows, id)?,
    };
    let before = match (known, event.uid()) {
        (Some(known), _) => known,
        (None, Some(uid)) => Meeting::new(uid, recorded.position.0, recorded.metadata.at),
        // No event of the stream named its UID.
        (None, None) => return Ok(Entry::default()),
    };
    let is_new = before.key == 0;
    let added = match event.home() {
        Some(home) if !before.has(rows, id)? => Some(home),
        _ => None,
    };
    let mut fold =
        Fold { rows, recorded, meeting: before.clone(), entry: Entry::default(), news: vec![], is_acted_upon: false };
    if let Some(home) = added {
        fold.meeting.add(id);
        fold.learn([terms::person(home)])?;
    }
    fold.apply(event)?;
    let Fold { mut meeting, mut entry, news, is_acted_upon, .. } = fold;
    if meeting != before || is_new {
        meeting.save(rows)?;
    }
    if added.is_some() {
        meeting.lead(rows, id)?;
    }
    if is_new || is_acted_upon {
        entry.act = Some(meeting.key);
    }
    if !news.is_empty() && terms::wait(rows, meeting.key, &news)? {
        terms::sort(rows)?;
    }
    Ok(entry)
}

struct Fold<'a> {
    rows: &'a Connection,
    recorded: &'a Recorded,
    meeting: Meeting,
    entry: Entry,
    /// Terms that the meeting did not have.
    news: Vec<u64>,
    is_acted_upon: bool,
}

impl Fold<'_> {
    fn apply(&mut self, event: &ObjectEvent) -> rusqlite::Result<()> {
        let is_direct = self.recorded.metadata.causation.is_none();
        if is_direct {
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

    /// One act for each request of a person that changed the meeting.
    fn act(&mut self) -> rusqlite::Result<()> {
        let metadata = &self.recorded.metadata;
        let agent = match metadata.client.agent.as_str() {
            "" => 0,
            agent => names::key(self.rows, agent)?,
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
        // A copy that the server made says what the organizer's object said before.
        if is_direct || self.meeting.title.is_empty() { self.text(&content.ics) } else { Ok(()) }
    }

    fn text(&mut self, ics: &str) -> rusqlite::Result<()> {
        let Some(Said { title, organizer, begins, ends, words }) = words::read(ics) else { return Ok(()) };
        let organizer = if organizer.is_empty() { None } else { Some(names::key(self.rows, &organizer)?) };
        let meeting = &mut self.meeting;
        (meeting.title, meeting.organizer, meeting.begins, meeting.ends) = (title, organizer, begins, ends);
        self.learn(words.into_iter().map(String::into_bytes))
    }

    fn learn(&mut self, terms: impl IntoIterator<Item = Vec<u8>>) -> rusqlite::Result<()> {
        let keys: Vec<u64> = terms.into_iter().map(|term| terms::key(self.rows, &term)).collect::<Result<_, _>>()?;
        self.news.extend(self.meeting.learn(self.rows, keys)?);
        Ok(())
    }
}
