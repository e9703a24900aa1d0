//! Tests of the read models after thousands of acts on one meeting: the cost of another act, and
//! the answers about all acts.

use std::collections::HashMap;

use projections::{
    Comparison, ReadModels,
    search::{Clue, Query},
};
use rusqlite::{Connection, types::ValueRef};
use schemas::{
    Event, ObjectEvent, ObjectId, Position, PrincipalId, Stream, Timestamp, object::ObjectPropertiesChanged,
};
use uuid::Uuid;

use super::given::{BEGINNING, Story, anna, calendar, object, place};

const ACTS: u64 = 1_400;
/// Maximum bytes of all values of a row, so that it fits on one page of the file.
const ROW_BYTES: usize = 4_000;
/// Each time after this number of acts, another person stores a copy, and properties of Anna's copy
/// are changed.
const OTHERS: u64 = 10;

/// Returns the person who stores a copy at this act. Each of them stores two copies, one after the
/// other.
fn somebody(act: u64) -> PrincipalId {
    PrincipalId(Uuid::from_u128(u128::from(act / OTHERS / 2 + 1) << 64))
}

fn is_of_somebody_else(act: u64) -> bool {
    act > 0 && act.is_multiple_of(OTHERS)
}

/// Returns a story with one meeting. Each act on it is done by a different program and adds a
/// different word.
fn story() -> Story {
    let mut story = Story::of_two_calendars();
    for act in 0..ACTS {
        let ics = specimens::event("1", &format!("DTSTART:20260107T120000Z\nSUMMARY:Talk word{act}x"));
        story = story.put("work", "1.ics", "1", &ics);
        let last = story.events.last_mut().unwrap();
        last.metadata.client.agent = format!("Program/{act}x");
        if is_of_somebody_else(act) {
            let home = somebody(act);
            last.stream = Stream::Object(ObjectId::derive(home, "1"));
            if let Event::Object(ObjectEvent::Put(put)) = &mut last.event {
                put.home = home;
            }
            let changed = ObjectPropertiesChanged { place: place("work", "1.ics"), ..noted() };
            let stream = story.events.last().unwrap().stream;
            story = story.then(stream, Event::Object(ObjectEvent::PropertiesChanged(changed)));
        }
    }
    story
}

fn noted() -> ObjectPropertiesChanged {
    ObjectPropertiesChanged { home: None, uid: None, place: place("", ""), set: vec![], removed: vec![] }
}

/// Returns the maximum bytes of a row in each table of a read model.
fn longest_rows(models: &ReadModels, model: &str) -> HashMap<String, usize> {
    let files = std::fs::read_dir(models.folder()).unwrap().map(|entry| entry.unwrap().path());
    let is_meant = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with(&format!("{model}.v")) && name.ends_with(".sqlite")
    };
    let rows = Connection::open(files.into_iter().find(is_meant).unwrap()).unwrap();
    let mut tables = rows.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    tables.into_iter().map(|table| (table.clone(), longest_row(&rows, &table))).collect()
}

fn longest_row(rows: &Connection, table: &str) -> usize {
    let mut query = rows.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = query.column_count();
    let bytes = |value: ValueRef<'_>| match value {
        ValueRef::Null => 0,
        ValueRef::Integer(_) | ValueRef::Real(_) => size_of::<i64>(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
    };
    let lengths = query.query_map([], |row| (0..columns).map(|column| Ok(bytes(row.get_ref(column)?))).sum());
    lengths.unwrap().map(Result::unwrap).max().unwrap_or(0)
}

#[test]
fn no_row_of_the_history_grows_with_the_acts_on_a_meeting() {
    let told = story().live();
    for model in ["search", "versions"] {
        for (table, bytes) in longest_rows(&told, model) {
            assert!(bytes <= ROW_BYTES, "{model}.{table} has a row of {bytes} bytes");
        }
    }
}

/// Lists become full within a batch, and also between two batches.
#[test]
fn the_rows_are_the_same_however_many_events_are_applied_at_once() {
    let story = story();
    let live = story.live();
    for batch in [7, 100, story.events.len()] {
        let apart = tempfile::tempdir().unwrap();
        let mut comparison = Comparison::begin(live.folder(), apart.path()).unwrap();
        story.events.chunks(batch).for_each(|events| comparison.apply(events).unwrap());
        assert_eq!(comparison.finish().unwrap().differences, [], "batches of {batch}");
    }
}

#[test]
fn everything_that_happened_to_a_meeting_is_answered_after_thousands_of_acts() {
    let story = story();
    let stored: Vec<Position> = story
        .events
        .iter()
        .filter(|event| matches!(event.event, Event::Object(ObjectEvent::Put(_))))
        .map(|event| event.position)
        .collect();
    let mut homes: Vec<PrincipalId> =
        std::iter::once(anna()).chain((0..ACTS).filter(|act| is_of_somebody_else(*act)).map(somebody)).collect();
    homes.dedup();
    let objects: Vec<ObjectId> = homes.iter().map(|home| ObjectId::derive(*home, "1")).collect();
    story.with_each(|models| {
        let versions = models.versions_of(&place("work", "1.ics")).unwrap();
        let since: Vec<Position> = versions.iter().map(|(since, _)| *since).collect();
        assert_eq!(since, stored);
        assert!(versions.iter().all(|(since, version)| version.as_ref().is_some_and(|it| it.content == *since)));
        for position in &stored {
            for (at, expected) in [(*position, *position), (Position(position.0 + 5), *position)] {
                let then = models.members_as_of(calendar("work"), at).unwrap();
                assert_eq!((then[0].content, then[0].born), (expected, stored[0]));
            }
        }
        assert_eq!(models.members_as_of(calendar("work"), Position(stored[0].0 - 1)).unwrap(), []);
        let notes = models.notes_of(&models.members_as_of(calendar("work"), story.last()).unwrap()).unwrap();
        let changes =
            story.events.iter().filter(|event| matches!(event.event, Event::Object(ObjectEvent::PropertiesChanged(_))));
        assert_eq!(notes, [changes.map(|event| event.position).collect::<Vec<_>>()]);

        let mut ever = models.objects_ever_at(&place("work", "1.ics")).unwrap();
        assert_eq!(ever.pop(), Some(object("1")));
        assert_eq!(ever, objects[1..], "each once, as it was stored there last");
        let streams: Vec<Stream> = objects.iter().copied().map(Stream::Object).collect();
        assert_eq!(models.streams_of_uid("1").unwrap(), streams);
        assert_eq!(models.uid_of(objects[3]).unwrap().as_deref(), Some("1"));
    });
}

#[test]
fn a_meeting_is_found_by_each_of_its_words_programs_and_moments() {
    let story = story();
    let is_found =
        |models: &ReadModels, query: Query| models.find(&Query { limit: 10, ..query }).unwrap().meetings.len() == 1;
    story.with_each(|models| {
        for act in (0..ACTS).step_by(7).chain([ACTS - 1]) {
            let word = |word: String| Query { words: vec![word], ..Query::default() };
            assert!(is_found(models, word(format!("word{act}x"))), "{act}");
            let client = |agent: String| Query { clients: vec![agent], ..Query::default() };
            assert!(is_found(models, client(format!("Program/{act}x"))), "{act}");
        }
        assert!(!is_found(models, Query { words: vec![format!("word{ACTS}x")], ..Query::default() }));
        for event in &story.events[2..] {
            let at = event.metadata.at;
            let (since, until) = (Some(at), Some(Timestamp::from_seconds(at.seconds() + 1)));
            let is_act = matches!(event.event, Event::Object(_));
            assert_eq!(is_found(models, Query { since, until, ..Query::default() }), is_act);
            assert_eq!(models.follow(&Clue::Request(event.metadata.request)).unwrap(), [event.position]);
        }
        let before = Some(Timestamp::from_seconds(BEGINNING + 3));
        assert!(!is_found(models, Query { until: before, ..Query::default() }));
    });
}

#[test]
fn changes_of_properties_belong_to_the_resource_wherever_it_lies() {
    let note = |story: Story, uid: &str, collection: &str, name: &str| {
        let changed = ObjectPropertiesChanged { place: place(collection, name), ..noted() };
        story.then(Stream::Object(object(uid)), Event::Object(ObjectEvent::PropertiesChanged(changed)))
    };
    let mut story = Story::of_two_calendars().put("work", "1.ics", "1", "one").put("private", "2.ics", "2", "two");
    story = note(note(story, "1", "work", "1.ics"), "2", "private", "2.ics");
    let [first, second] = [50, 60].map(Position);
    story = story.shift("1", ("work", "1.ics"), ("private", "1.ics")).put("work", "1.ics", "3", "three");
    story = note(note(story, "1", "private", "1.ics"), "3", "work", "1.ics");
    let [third, fourth] = [90, 100].map(Position);
    // The first resource replaces the second one.
    story = story.remove("private", "2.ics", "2").shift("1", ("private", "1.ics"), ("private", "2.ics"));
    story.with_each(|models| {
        let notes =
            |name: &str, at: Position| models.notes_of(&models.members_as_of(calendar(name), at).unwrap()).unwrap();
        assert_eq!(notes("private", story.last()), [[first, third]]);
        assert_eq!(notes("private", second), [[second]]);
        assert_eq!(notes("work", story.last()), [[fourth]]);
    });
}
