//! Kills a process with `kill -9` while it applies events. Rows and checkpoint must agree
//! afterwards, and continuing from the checkpoint must lose and repeat nothing.
//!
//! The test starts its own program a second time as the victim. The victim applies events and
//! prints each position that it has reached.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use projections::{Projector, ReadModels};
use schemas::{
    CollectionEvent, CollectionId, Event, Hash, Metadata, ObjectEvent, ObjectId, Position, PrincipalId, Recorded,
    Revision, Stream, Timestamp,
    collection::{CollectionCreated, CollectionKind, Settings},
    object::{Content, ObjectPut, Place, Role},
};
use uuid::Uuid;

/// The environment variable that makes the program the victim. Its value is the folder of the read
/// models.
const VICTIM: &str = "DAYBOOK_PROJECTIONS_VICTIM";
const HOME: PrincipalId = PrincipalId(Uuid::from_u128(0xa));
/// Number of members. Each event after the first puts one of them, in turn.
const MEMBERS: u64 = 7;

#[test]
fn rows_and_checkpoint_agree_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut last = 0;
    for round in 0..6 {
        let reached = run_until_killed(folder.path(), last + 5 + 13 * round);
        let (models, projector) = ReadModels::open(folder.path()).unwrap();
        let checkpoint = agrees(&models, &projector);
        assert!(checkpoint >= reached, "what was applied before the kill at {reached} is there: {checkpoint}");
        last = checkpoint;
    }
}

/// Checks that all events up to a position are applied and no later ones. Returns this position.
fn agrees(models: &ReadModels, projector: &Projector) -> u64 {
    let collection = models.collection(HOME, "work").unwrap().unwrap();
    let last = collection.changed.0;
    let members = models.members(collection.id, None, 100).unwrap();
    let mut positions: Vec<_> = members.iter().map(|member| member.changed.0).collect();
    positions.sort_unstable();
    let expected: Vec<_> = (2.max((last + 1).saturating_sub(MEMBERS))..=last).collect();
    assert_eq!(positions, expected);
    for member in &members {
        let (_, body) = models.member_with_body(collection.id, &member.name).unwrap().unwrap();
        assert_eq!(body, text(member.changed.0));
    }
    assert_eq!(models.overlapping(collection.id, None, None).unwrap().len(), members.len());
    let known = (0..MEMBERS).filter(|member| !models.streams_of_uid(&uid(*member)).unwrap().is_empty()).count() as u64;
    // The search index is written after the collections. The process may be killed between both.
    assert!((last.saturating_sub(2)..last).any(|puts| puts.min(MEMBERS) == known), "{known} of {last}");
    assert!(projector.checkpoint() <= collection.changed);
    last
}

/// Kills the victim when it has reached `position`. Returns the last position that it printed.
fn run_until_killed(folder: &Path, position: u64) -> u64 {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_victim_feeds_until_it_is_killed", "--nocapture"])
        .env(VICTIM, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let mut reached = 0;
    while reached < position {
        let line = lines.next().expect("the victim lives until it is killed").unwrap();
        reached = applied(&line).unwrap_or(reached);
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    lines.filter_map(|line| applied(&line.unwrap())).fold(reached, u64::max)
}

/// Parses `applied <position> .`; `None` for any other line, and for a line that is incomplete
/// because the victim died.
fn applied(line: &str) -> Option<u64> {
    line.strip_prefix("applied ")?.strip_suffix(" .")?.parse().ok()
}

/// The victim's part of the test. Does nothing unless [`VICTIM`] is set.
#[test]
fn the_victim_feeds_until_it_is_killed() {
    let Some(folder) = std::env::var_os(VICTIM) else { return };
    let (_models, mut projector) = ReadModels::open(Path::new(&folder)).unwrap();
    for position in projector.checkpoint().0 + 1.. {
        projector.apply(&[event(position)]).unwrap();
        // Writing fails, which ends the victim, if the parent process dies first.
        std::io::stdout().lock().write_all(format!("applied {position} .\n").as_bytes()).unwrap();
    }
}

fn uid(member: u64) -> String {
    format!("{member}@example.com")
}

fn text(position: u64) -> String {
    format!("text {position} {}", "x".repeat(3_000))
}

fn event(position: u64) -> Recorded {
    let work = CollectionId::derive(HOME, "work", 0);
    let uid = uid(position % MEMBERS);
    let (stream, event) = if position == 1 {
        let (name, kind) = ("work".to_owned(), CollectionKind::Calendar);
        let (components, properties, settings) = (vec![], vec![], Settings::default());
        let created = CollectionCreated { home: HOME, name, kind, components, properties, settings };
        (Stream::Collection(work), Event::Collection(CollectionEvent::Created(created)))
    } else {
        let place = Place { collection: work, name: format!("{uid}.ics") };
        let content = Content { ics: text(position), etag: position.to_string(), schedule_tag: None, role: Role::None };
        let put = ObjectPut {
            home: HOME,
            place,
            uid: uid.clone(),
            component: "VEVENT".to_owned(),
            content,
            sent: None,
            edits: vec![],
            imported: None,
            copied: None,
        };
        (Stream::Object(ObjectId::derive(HOME, &uid)), Event::Object(ObjectEvent::Put(put)))
    };
    let id = Uuid::from_u128(u128::from(position));
    let metadata =
        Metadata { at: Timestamp::from_seconds(1_767_614_400), request: id, correlation: id, ..Metadata::default() };
    let (position, revision) = (Position(position), Revision(0));
    Recorded { position, stream, revision, id, event, metadata, hash: Hash::default() }
}
