//! Measures the speed of the read models on this machine and disk:
//! `cargo run --release -p daybook-projections --example projector [folder]`.

#![expect(clippy::disallowed_methods, reason = "this program exists to measure time")]

use std::{hint::black_box, path::Path, time::Instant};

use projections::{Failure, Member, Projector, ReadModels};
use schemas::{
    CollectionEvent, CollectionId, Event, Hash, Metadata, ObjectEvent, ObjectId, Position, PrincipalId, Recorded,
    Revision, Stream, Timestamp,
    collection::{CollectionCreated, CollectionKind, Settings},
    object::{Content, ObjectPut, ObjectRemoved, Place, Role},
};
use uuid::Uuid;

const HOME: PrincipalId = PrincipalId(Uuid::from_u128(0xa));
const CALENDARS: u64 = 10;
const MEMBERS: u64 = 20_000;
const LIVE: u64 = 5_000;
const BATCH: usize = 500;
/// 2026-01-05T00:00:00Z
const MONDAY: i64 = 1_767_571_200;
const WEEK: i64 = 7 * 86_400;

fn main() -> Result<(), Failure> {
    let root = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let folder = root.join(format!("daybook-measure-{}", std::process::id()));
    measure(&folder)?;
    drop(std::fs::remove_dir_all(folder));
    Ok(())
}

fn measure(folder: &Path) -> Result<(), Failure> {
    let (models, mut projector) = ReadModels::open(folder)?;
    let mut journal = Journal::default();
    let calendars: Vec<_> = (0..CALENDARS).map(|number| journal.create(number)).collect();
    projector.apply(&calendars)?;
    // One calendar has 20,000 members; nine other calendars together have as many.
    let members: Vec<_> = (0..2 * MEMBERS).map(|number| journal.put(calendar_of(number), number)).collect();
    let start = Instant::now();
    members.chunks(BATCH).try_for_each(|batch| projector.apply(batch))?;
    report("replayed, an event", start, 2 * MEMBERS);

    live(&mut projector, "new, an event", (0..LIVE).map(|number| journal.put(number % CALENDARS, 1_000_000 + number)))?;
    live(&mut projector, "put again, an event", (0..LIVE).map(|number| journal.put(calendar_of(number), number)))?;
    live(&mut projector, "removed, an event", (0..LIVE).map(|number| journal.remove(calendar_of(number), number)))?;
    ask(&models)?;
    drop((models, projector));
    let start = Instant::now();
    drop(ReadModels::open(folder)?);
    report("open and close", start, 1);
    Ok(())
}

fn calendar_of(number: u64) -> u64 {
    if number.is_multiple_of(2) { 0 } else { 1 + number / 2 % (CALENDARS - 1) }
}

fn live(projector: &mut Projector, title: &str, events: impl Iterator<Item = Recorded>) -> Result<(), Failure> {
    let events: Vec<_> = events.collect();
    let mut slowest = std::time::Duration::ZERO;
    let start = Instant::now();
    for event in &events {
        let began = Instant::now();
        projector.apply(std::slice::from_ref(event))?;
        slowest = slowest.max(began.elapsed());
    }
    report(title, start, events.len() as u64);
    println!("    slowest {slowest:?}");
    Ok(())
}

fn ask(models: &ReadModels) -> Result<(), Failure> {
    let id = calendar(0);
    repeat("one member with its body", 10_000, |number| {
        models.member_with_body(id, &name(2 * (number * 7 % MEMBERS))).map(drop)
    })?;
    repeat("a home", 1_000, |_| models.home(HOME).map(drop))?;
    repeat("20,000 members", 10, |_| models.snapshot()?.members(id, |member| pass(&member)))?;
    repeat("20,000 members with bodies", 10, |_| {
        models.snapshot()?.members_with_bodies(id, |member, _| pass(&member))
    })?;
    let mut found = 0;
    repeat("a week of 20,000 members", 200, |number| {
        let start = MONDAY + i64::try_from(number % 50).unwrap_or_default() * WEEK;
        found = models.overlapping(id, Some(start), Some(start + WEEK))?.len();
        Ok(())
    })?;
    println!("    {found} found");
    let since = Position(models.position().0 - 100);
    repeat("100 changes", 1_000, |_| models.snapshot()?.changes(id, since, usize::MAX).map(drop))?;
    repeat("the streams of a UID", 1_000, |number| models.streams_of_uid(&uid(number)).map(drop))
}

#[expect(clippy::unnecessary_wraps, reason = "the callback of a listing may fail")]
fn pass(member: &Member) -> Result<(), Failure> {
    black_box(member);
    Ok(())
}

fn repeat(title: &str, times: u64, mut ask: impl FnMut(u64) -> Result<(), Failure>) -> Result<(), Failure> {
    let start = Instant::now();
    (0..times).try_for_each(&mut ask)?;
    report(title, start, times);
    Ok(())
}

fn report(title: &str, start: Instant, times: u64) {
    let each = start.elapsed() / u32::try_from(times).unwrap_or(u32::MAX);
    println!("{title}: {each:?}");
}

fn calendar(number: u64) -> CollectionId {
    CollectionId::derive(HOME, &number.to_string(), 0)
}

fn uid(number: u64) -> String {
    Uuid::new_v5(&schemas::ids::NAMESPACE, &number.to_be_bytes()).to_string()
}

fn name(number: u64) -> String {
    format!("{}.ics", uid(number))
}

/// Returns an event of one hour in one of five hundred weeks.
fn ics(number: u64) -> String {
    let day = chrono::DateTime::from_timestamp(MONDAY, 0).unwrap_or_default()
        + chrono::TimeDelta::hours(i64::try_from(number * 4 % (500 * 168)).unwrap_or_default());
    let (begin, end) = (day.format("%Y%m%dT%H%M%SZ"), (day + chrono::TimeDelta::hours(1)).format("%Y%m%dT%H%M%SZ"));
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Measure//EN\r\nBEGIN:VEVENT\r\nUID:{}\r\nDTSTAMP:20260105T120000Z\r\n\
         DTSTART:{begin}\r\nDTEND:{end}\r\nSUMMARY:Measured\r\nDESCRIPTION:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        uid(number),
        "Words of a description. ".repeat(40)
    )
}

/// Creates events with increasing positions.
#[derive(Default)]
struct Journal {
    last: u64,
}

impl Journal {
    fn create(&mut self, number: u64) -> Recorded {
        let (name, kind) = (number.to_string(), CollectionKind::Calendar);
        let (components, properties, settings) = (vec![], vec![], Settings::default());
        let created = CollectionCreated { home: HOME, name, kind, components, properties, settings };
        self.next(Stream::Collection(calendar(number)), Event::Collection(CollectionEvent::Created(created)))
    }

    fn put(&mut self, collection: u64, number: u64) -> Recorded {
        let place = Place { collection: calendar(collection), name: name(number) };
        let etag = self.last.to_string();
        let content = Content { ics: ics(number), etag, schedule_tag: None, role: Role::None };
        let put = ObjectPut {
            home: HOME,
            place,
            uid: uid(number),
            component: "VEVENT".to_owned(),
            content,
            sent: None,
            edits: vec![],
            imported: None,
            copied: None,
        };
        self.next(Stream::Object(ObjectId::derive(HOME, &uid(number))), Event::Object(ObjectEvent::Put(put)))
    }

    fn remove(&mut self, collection: u64, number: u64) -> Recorded {
        let removed = ObjectRemoved {
            home: None,
            uid: None,
            place: Place { collection: calendar(collection), name: name(number) },
        };
        self.next(Stream::Object(ObjectId::derive(HOME, &uid(number))), Event::Object(ObjectEvent::Removed(removed)))
    }

    fn next(&mut self, stream: Stream, event: Event) -> Recorded {
        self.last += 1;
        let id = Uuid::new_v5(&schemas::ids::NAMESPACE, &self.last.to_le_bytes());
        let metadata = Metadata {
            at: Timestamp::from_seconds(MONDAY),
            actor: Some(HOME),
            request: id,
            correlation: id,
            ..Metadata::default()
        };
        let (position, revision) = (Position(self.last), Revision(0));
        Recorded { position, stream, revision, id, event, metadata, hash: Hash::default() }
    }
}
