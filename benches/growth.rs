//! A benchmark of costs that must not grow. It compares the time of a change to a meeting with
//! 20,000 earlier changes and with 20, the look-up of one request among 200,000 and among 20,000,
//! and the time per line for an attendee's answer to a meeting of 8,000 lines and of 800. Large and
//! small cases are measured by turns. Run it with `cargo bench -p daybook-benches --bench growth`;
//! each ratio should be close to 1.

#![expect(clippy::disallowed_methods, reason = "this program exists to measure time")]

use std::time::{Duration, Instant};

use daybook_benches::meeting;
use ical::{Address, Document};
use itip::{Context, ScheduleReply, attendee, inbound::OrganizersComments};
use projections::{Failure, Projector, ReadModels, search::Clue};
use schemas::{
    Client, CollectionEvent, CollectionId, Event, Hash, Metadata, ObjectEvent, ObjectId, Position, PrincipalId,
    Recorded, Revision, Stream, Timestamp,
    collection::{CollectionCreated, CollectionKind, Settings},
    object::{Content, ObjectPut, Place, Role},
};
use tempfile::TempDir;
use uuid::Uuid;

const HOME: PrincipalId = PrincipalId(Uuid::from_u128(0xa));
/// Monday 2026-01-05, 00:00 UTC, in seconds since the epoch.
const MONDAY: i64 = 1_767_571_200;
const OLD: u64 = 20_000;
const YOUNG: u64 = 20;
const MANY: u64 = 200_000;
const BATCH: u64 = 500;
const ROUNDS: u64 = 400;
/// The number of ATTACH lines of the long meeting that an attendee answers.
const LONG: u32 = 8_000;
const SHORT: u32 = 800;
const ANSWERS: u32 = 20;

fn main() -> Result<(), Failure> {
    let mut few = Store::create()?;
    few.fill(OLD, |_| "old".to_owned())?;
    few.fill(YOUNG, |_| "young".to_owned())?;
    let (mut old, mut young) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        old.push(few.act("old")?);
        young.push(few.act("young")?);
    }
    compare("an act on a meeting", (OLD, old), (YOUNG, young));

    let mut many = Store::create()?;
    many.fill(MANY, |number| format!("meeting {number}"))?;
    let (mut large, mut small) = (vec![], vec![]);
    for round in 1..=ROUNDS {
        large.push(many.follow(round * (MANY / ROUNDS))?);
        small.push(few.follow(round * (OLD / ROUNDS))?);
    }
    compare("the look-up of a request", (MANY, large), (OLD, small));

    let (mut long, mut short) = (vec![], vec![]);
    for _ in 0..ANSWERS {
        long.push(answer(LONG));
        short.push(answer(SHORT));
    }
    compare("a line of an answer", (u64::from(LONG), long), (u64::from(SHORT), short));
    Ok(())
}

fn compare(title: &str, (many, mut one): (u64, Vec<Duration>), (few, mut other): (u64, Vec<Duration>)) {
    one.sort_unstable();
    other.sort_unstable();
    let (one, other) = (one[one.len() / 2], other[other.len() / 2]);
    let ratio = one.as_secs_f64() / other.as_secs_f64();
    println!("{title}: {one:.0?} at {many}, {other:.0?} at {few}: {ratio:.2}");
}

/// Returns the time per line for an attendee's answer to a meeting with `lines` ATTACH lines. The
/// answer lacks one line, so the measured code compares it with the attendee's copy and restores
/// that line.
fn answer(lines: u32) -> Duration {
    let attached: Vec<_> = (0..lines).map(|number| format!("ATTACH:https://example.com/{number}\r\n")).collect();
    let people = "ORGANIZER:mailto:anna@example.com\r\nATTENDEE:mailto:bert@example.com\r\n";
    let text = |lines: &[String]| {
        let lines =
            format!("UID:long\r\nDTSTAMP:20260105T090000Z\r\nDTSTART:20260106T090000Z\r\n{people}{}", lines.concat());
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    };
    let answered = text(&attached[1..]).replace("ATTENDEE:", "ATTENDEE;PARTSTAT=ACCEPTED:");
    let [copy, answered] = [text(&attached), answered].map(|text| Document::parse(text).expect("iCalendar"));
    let owns = |address: &Address| address.canonical() == "mailto:bert@example.com";
    let context = Context { now: MONDAY, owns: &owns, canonical: &Address::clone, knows: &|_| true };
    let start = Instant::now();
    let comments = OrganizersComments::default();
    let change = attendee::change(Some(&copy), Some(&answered), ScheduleReply::Send, &comments, &context);
    let took = start.elapsed();
    assert_eq!(change.expect("an answer is allowed").messages.len(), 1);
    took / lines
}

struct Store {
    models: ReadModels,
    projector: Projector,
    _folder: TempDir,
    last: u64,
}

impl Store {
    fn create() -> Result<Self, Failure> {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let (models, mut projector) = ReadModels::open(folder.path())?;
        projector.apply(&[created()])?;
        Ok(Self { models, projector, _folder: folder, last: 1 })
    }

    fn fill(&mut self, acts: u64, uid: impl Fn(u64) -> String) -> Result<(), Failure> {
        for first in (0..acts).step_by(usize::try_from(BATCH).unwrap_or(1)) {
            let batch: Vec<_> = (first..acts.min(first + BATCH)).map(|number| self.put(&uid(number))).collect();
            self.projector.apply(&batch)?;
        }
        Ok(())
    }

    fn act(&mut self, uid: &str) -> Result<Duration, Failure> {
        let event = self.put(uid);
        let start = Instant::now();
        self.projector.apply(&[event])?;
        Ok(start.elapsed())
    }

    fn follow(&self, position: u64) -> Result<Duration, Failure> {
        let start = Instant::now();
        let found = self.models.follow(&Clue::Request(request(position)))?;
        let took = start.elapsed();
        assert!(found.contains(&Position(position)), "the request is found");
        Ok(took)
    }

    fn put(&mut self, uid: &str) -> Recorded {
        self.last += 1;
        put(self.last, uid)
    }
}

fn request(position: u64) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, &position.to_be_bytes())
}

fn recorded(position: u64, stream: Stream, event: Event) -> Recorded {
    let request = request(position);
    let metadata = Metadata {
        at: Timestamp::from_seconds(MONDAY + position.cast_signed()),
        actor: Some(HOME),
        client: Client { via: "PUT".to_owned(), ..Client::default() },
        request,
        correlation: request,
        ..Metadata::default()
    };
    let (position, revision, hash) = (Position(position), Revision(0), Hash::default());
    Recorded { position, stream, revision, id: request, event, metadata, hash }
}

fn created() -> Recorded {
    let (name, settings) = ("calendar".to_owned(), Settings::default());
    let (components, properties) = (vec![], vec![]);
    let created =
        CollectionCreated { home: HOME, name, kind: CollectionKind::Calendar, components, properties, settings };
    let stream = Stream::Collection(CollectionId::derive(HOME, "calendar", 0));
    recorded(1, stream, Event::Collection(CollectionEvent::Created(created)))
}

fn put(position: u64, uid: &str) -> Recorded {
    let put = ObjectPut {
        home: HOME,
        place: Place { collection: CollectionId::derive(HOME, "calendar", 0), name: format!("{uid}.ics") },
        uid: uid.to_owned(),
        component: "VEVENT".to_owned(),
        content: Content {
            ics: meeting(1).replace("planning", uid),
            etag: position.to_string(),
            schedule_tag: Some(position.to_string()),
            role: Role::Organizer,
        },
        sent: None,
        edits: vec![],
        imported: None,
        copied: None,
    };
    recorded(position, Stream::Object(ObjectId::derive(HOME, uid)), Event::Object(ObjectEvent::Put(put)))
}
