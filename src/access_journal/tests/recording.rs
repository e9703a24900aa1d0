//! Tests of which accesses are recorded, of the limit, and of the detection of changed records.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    path::Path,
    sync::atomic::{AtomicI64, Ordering},
};

use access_journal::{Access, Finding, MAX_EVENTS_PER_HOUR, Recorder, Refused, Served, Settings, read, verify};
use schemas::{AccessEvent, Client, CollectionId, Metadata, ObjectId, Position, PrincipalId, Timestamp};
use specimens::inside;
use uuid::Uuid;

/// Saturday, 28 November 2026, 12:00 UTC, in seconds since the epoch.
const SATURDAY: i64 = 1_795_867_200;
const DAY: i64 = 86_400;
const CAROL: PrincipalId = PrincipalId(Uuid::from_u128(3));

/// Makes a clock that a test can set.
macro_rules! clock {
    () => {{
        static NOW: AtomicI64 = AtomicI64::new(SATURDAY);
        fn now() -> Timestamp {
            Timestamp::from_seconds(NOW.load(Ordering::Relaxed))
        }
        (&NOW, now as fn() -> Timestamp)
    }};
}

async fn start(folder: &Path, now: fn() -> Timestamp) -> Recorder {
    Recorder::start(folder, &Settings::default(), access_journal::plain(), now, || Uuid::from_u128(7)).await.unwrap()
}

async fn all(folder: &Path) -> Vec<Access> {
    let mut found = vec![];
    read(folder, &access_journal::plain(), |access| found.push(access)).await.unwrap();
    found
}

fn from_carol(agent: &str) -> Metadata {
    let client = Client { via: "PUT".to_owned(), agent: agent.to_owned(), address: "192.0.2.3".to_owned() };
    Metadata { actor: Some(CAROL), client, at: Timestamp::from_seconds(SATURDAY), ..Metadata::default() }
}

fn refused(recorder: &Recorder) {
    let refused = Refused {
        status: 412,
        path: "/calendars/carol/calendar/1.ics",
        condition: None,
        why: "the condition of `If-Match` does not hold",
        body: Some(b"BEGIN:VCALENDAR"),
    };
    recorder.refused(from_carol("Phone/1"), &refused);
}

#[tokio::test]
async fn refusals_are_recorded_up_to_a_limit_and_the_rest_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (_, now) = clock!();
    let recorder = start(folder.path(), now).await;
    for number in 0..10_000 {
        refused(&recorder);
        if number % 1_000 == 0 {
            recorder.flush().await.unwrap();
        }
    }
    recorder.close().await.unwrap();
    let found = all(folder.path()).await;
    let of = |wanted: fn(&AccessEvent) -> bool| found.iter().filter(|access| wanted(&access.event)).count() as u64;
    assert_eq!(of(|event| matches!(event, AccessEvent::RequestRefused(_))), MAX_EVENTS_PER_HOUR);
    let omitted: u64 = found
        .iter()
        .filter_map(|access| match &access.event {
            AccessEvent::Omitted(omitted) => Some(omitted.count),
            _ => None,
        })
        .sum();
    assert_eq!(omitted, 10_000 - MAX_EVENTS_PER_HOUR, "nothing goes uncounted");
    let AccessEvent::RequestRefused(first) = &found[1].event else { panic!("{:?}", found[1]) };
    assert_eq!(first.sent.as_ref().unwrap().text.as_deref(), Some("BEGIN:VCALENDAR"));
    assert_eq!((found[1].metadata.actor, found[1].metadata.client.agent.as_str()), (Some(CAROL), "Phone/1"));
}

#[tokio::test]
async fn a_version_is_recorded_once_for_each_program_and_a_first_sync_is_small() {
    const OBJECTS: u128 = 5_000;
    let folder = tempfile::tempdir().unwrap();
    let (_, now) = clock!();
    let recorder = start(folder.path(), now).await;
    let serve = |agent: &'static str, object: u128, etag: &str| {
        let served = Served {
            home: CAROL,
            collection: CollectionId(Uuid::from_u128(1)),
            object: ObjectId(Uuid::from_u128(object)),
            etag,
            position: Position(143),
        };
        recorder.served(CAROL, agent, served, || from_carol(agent));
    };
    for object in 0..OBJECTS {
        serve("Phone/1", object, "a");
        serve("Phone/1", object, "a");
    }
    serve("Desktop/1", 1, "a");
    serve("Phone/1", 1, "b");
    recorder.close().await.unwrap();
    let found = all(folder.path()).await;
    let served: Vec<_> = found
        .iter()
        .filter_map(|access| match &access.event {
            AccessEvent::VersionsServed(served) => Some((access.metadata.client.agent.as_str(), served)),
            _ => None,
        })
        .collect();
    let count =
        |agent| served.iter().filter(|(by, _)| *by == agent).map(|(_, served)| served.unpack().count()).sum::<usize>();
    assert_eq!((count("Phone/1") as u128, count("Desktop/1")), (OBJECTS + 1, 1));
    let bytes: usize = served.iter().map(|(_, served)| served.versions.len() + 500).sum();
    assert!(bytes < 300_000, "{bytes}");
}

#[tokio::test]
async fn a_new_week_begins_a_segment_that_is_linked_to_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let (time, now) = clock!();
    let recorder = start(folder.path(), now).await;
    refused(&recorder);
    let first = recorder.flush().await.unwrap();
    time.fetch_add(2 * DAY, Ordering::Relaxed);
    refused(&recorder);
    let second = recorder.close().await.unwrap();
    assert_eq!((first.segment.as_str(), first.events), ("2026-11-23", 2));
    assert_eq!((second.segment.as_str(), second.events), ("2026-11-30", 2));
    let recorder = start(folder.path(), now).await;
    refused(&recorder);
    let third = recorder.close().await.unwrap();
    assert_eq!((third.segment.as_str(), third.events), ("2026-11-30", 3), "a restart goes on");
    let anchors = [first.clone(), second, third.clone()];
    let verified = verify(folder.path(), &anchors).await.unwrap();
    assert_eq!((verified.segments, verified.events, verified.anchors), (2, 5, 3), "{verified:?}");
    assert_eq!(verified.findings, []);

    let forged = schemas::access_journal::SegmentEnd { hash: third.hash.clone(), ..first.clone() };
    let verified = verify(folder.path(), std::slice::from_ref(&forged)).await.unwrap();
    assert_eq!(verified.findings, [Finding::NotAnchored { anchor: forged }]);

    std::fs::remove_file(folder.path().join("2026-11-30.sqlite")).unwrap();
    let verified = verify(folder.path(), &anchors).await.unwrap();
    assert_eq!(verified.findings.len(), 2, "both anchors of the file that is gone: {verified:?}");
}

#[tokio::test]
async fn a_file_in_the_middle_that_is_missing_is_noticed_and_a_purged_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (time, now) = clock!();
    let recorder = start(folder.path(), now).await;
    let mut anchors = vec![];
    for _ in 0..3 {
        refused(&recorder);
        anchors.push(recorder.flush().await.unwrap());
        time.fetch_add(7 * DAY, Ordering::Relaxed);
    }
    recorder.close().await.unwrap();
    let middle = folder.path().join("2026-11-30.sqlite");
    let content = std::fs::read(&middle).unwrap();
    std::fs::remove_file(&middle).unwrap();
    let verified = verify(folder.path(), &anchors).await.unwrap();
    assert!(verified.findings.iter().any(|finding| matches!(finding, Finding::NotLinked { .. })), "{verified:?}");
    assert!(verified.findings.iter().any(|finding| matches!(finding, Finding::NotAnchored { .. })), "{verified:?}");

    std::fs::write(&middle, content).unwrap();
    time.store(SATURDAY + 183 * DAY, Ordering::Relaxed);
    start(folder.path(), now).await.close().await.unwrap();
    assert!(!folder.path().join("2026-11-23.sqlite").exists(), "its days are over");
    let verified = verify(folder.path(), &anchors).await.unwrap();
    assert_eq!(verified.findings, []);
}

#[tokio::test]
async fn an_event_that_was_changed_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (_, now) = clock!();
    let recorder = start(folder.path(), now).await;
    refused(&recorder);
    recorder.close().await.unwrap();
    let file = folder.path().join("2026-11-23.sqlite");
    drop(recorder);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let journal = journal::sqlite::open(&file).unwrap();
    drop(journal);
    let mut bytes = std::fs::read(&file).unwrap();
    let place = bytes.windows(7).position(|window| window == b"If-Matc").unwrap();
    bytes[place] = b'i';
    std::fs::write(&file, bytes).unwrap();
    let verified = verify(folder.path(), &[]).await.unwrap();
    assert!(matches!(&verified.findings[..], [Finding::Broken { .. }]), "{verified:?}");
}

/// Function that damages the files of a segment.
type Damage = fn(&Path);

const DAMAGES: [(&str, Damage); 5] = [
    ("removed", |file| std::fs::remove_file(file).unwrap()),
    ("emptied", |file| std::fs::write(file, "").unwrap()),
    ("cut", |file| std::fs::write(file, &std::fs::read(file).unwrap()[..5_000]).unwrap()),
    ("something else", |file| std::fs::write(file, "Dear diary, ".repeat(1_000)).unwrap()),
    ("one bit flipped", |file| {
        let mut bytes = std::fs::read(file).unwrap();
        let place = bytes.windows(7).rposition(|window| window == b"If-Matc").unwrap();
        bytes[place] ^= 1;
        std::fs::write(file, bytes).unwrap();
    }),
];

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_a_new_one_begins() {
    let (time, now) = clock!();
    for (title, damage) in DAMAGES {
        time.store(SATURDAY, Ordering::Relaxed);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("2026-11-23.sqlite");
        let recorder = start(folder.path(), now).await;
        refused(&recorder);
        let end = recorder.close().await.unwrap();
        drop(recorder);
        // Closing the file moves the contents of its write-ahead log into it.
        drop(journal::sqlite::open(&file).unwrap());
        damage(&file);

        let recorder = start(folder.path(), now).await;
        refused(&recorder);
        let next = recorder.close().await.unwrap();
        assert_eq!((next.segment.as_str(), next.events), ("2026-11-23", 2), "{title}: it begins anew");
        let aside = folder.path().join("2026-11-23.damaged-1.sqlite");
        assert!(aside.exists() && aside.with_extension("sqlite-end").exists(), "{title}: nothing is deleted");
        assert_eq!(all(folder.path()).await.len(), 2, "{title}: the new file is read");
        let verified = verify(folder.path(), &[end.clone(), next]).await.unwrap();
        let expected = [Finding::SetAside { file: aside.clone() }, Finding::NotAnchored { anchor: end }];
        assert_eq!(verified.findings, expected, "{title}");

        start(folder.path(), now).await.close().await.unwrap();
        assert!(!folder.path().join("2026-11-23.damaged-2.sqlite").exists(), "{title}: the new one is not damaged");
        time.store(SATURDAY + 200 * DAY, Ordering::Relaxed);
        start(folder.path(), now).await.close().await.unwrap();
        start(folder.path(), now).await.close().await.unwrap();
        assert!(!aside.exists(), "{title}: it is kept no longer than the others");
    }
}

#[tokio::test]
async fn a_new_week_begins_also_after_a_damaged_one() {
    let (time, now) = clock!();
    for (title, damage) in DAMAGES.iter().filter(|(title, _)| !["removed", "one bit flipped"].contains(title)) {
        time.store(SATURDAY, Ordering::Relaxed);
        let folder = tempfile::tempdir().unwrap();
        start(folder.path(), now).await.close().await.unwrap();
        time.store(SATURDAY + 7 * DAY, Ordering::Relaxed);
        let recorder = start(folder.path(), now).await;
        recorder.close().await.unwrap();
        drop(recorder);
        damage(&folder.path().join("2026-11-30.sqlite"));
        time.store(SATURDAY + 14 * DAY, Ordering::Relaxed);
        let end = start(folder.path(), now).await.close().await.unwrap();
        let aside = folder.path().join("2026-11-30.damaged-1.sqlite");
        let verified = verify(folder.path(), &[end]).await.unwrap();
        assert_eq!(verified.findings, [Finding::SetAside { file: aside }], "{title}: it follows the first week");
    }
}

#[tokio::test]
async fn the_damaged_witness_of_an_earlier_week_is_made_again_by_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let (time, now) = clock!();
    let earlier = folder.path().join("2026-11-23.sqlite");
    start(folder.path(), now).await.close().await.unwrap();
    time.store(SATURDAY + 7 * DAY, Ordering::Relaxed);
    start(folder.path(), now).await.close().await.unwrap();
    let witness = earlier.with_extension("sqlite-end");
    let whole = std::fs::read(&witness).unwrap();
    std::fs::write(&witness, "damaged").unwrap();
    assert!(journal::sqlite::has_damaged_witness(&earlier));
    let end = start(folder.path(), now).await.close().await.unwrap();
    assert_eq!(std::fs::read(&witness).unwrap(), whole);
    assert_eq!(verify(folder.path(), &[end]).await.unwrap().findings, []);
}

#[test]
fn on_a_full_disk_the_server_starts_and_records_again_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    inside::run_on_small_disk(folder.path(), "1m", "on_a_disk_that_is_full_for_a_while");
}

/// Runs on the disk that [`inside::place`] returns; does nothing without one.
#[tokio::test]
async fn on_a_disk_that_is_full_for_a_while() {
    let Some(disk) = inside::place() else { return };
    let (_, now) = clock!();
    let (disk, filling) = (disk.as_path(), disk.join("filling"));
    // The id exists already, as after an earlier start.
    std::fs::write(disk.join("id"), format!("{}\n", Uuid::from_u128(7))).unwrap();
    std::fs::write(&filling, vec![0; 1_000_000]).unwrap();
    let recorder = start(disk, now).await;
    refused(&recorder);
    assert_eq!(recorder.flush().await, None, "there is no room");
    std::fs::remove_file(&filling).unwrap();
    refused(&recorder);
    recorder.flush().await.unwrap();
    recorder.close().await.unwrap();
    let found = all(disk).await;
    assert!(found.iter().any(|access| matches!(access.event, AccessEvent::RequestRefused(_))), "{found:?}");
    assert!(found.iter().any(|access| matches!(access.event, AccessEvent::Omitted(_))), "the lost one is counted");
    assert!(!found.iter().any(|_| disk.join("2026-11-23.damaged-1.sqlite").exists()), "nothing was damaged");
}

fn requests_and_omitted(found: &[Access]) -> (usize, u64) {
    let requests = found.iter().filter(|access| matches!(access.event, AccessEvent::RequestRefused(_))).count();
    let omitted = found.iter().map(|access| match &access.event {
        AccessEvent::Omitted(omitted) => omitted.count,
        _ => 0,
    });
    (requests, omitted.sum())
}

#[tokio::test]
async fn an_event_that_is_too_large_is_counted_and_the_others_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let (_, now) = clock!();
    let recorder = start(folder.path(), now).await;
    let why = "x".repeat(journal::limits::MAX_APPEND_BYTES + 1);
    let large = Refused { status: 400, path: "/", condition: None, why: &why, body: None };
    refused(&recorder);
    recorder.refused(from_carol("Phone/1"), &large);
    refused(&recorder);
    recorder.refused(from_carol("Phone/1"), &large);
    refused(&recorder);
    recorder.flush().await.unwrap();
    refused(&recorder);
    recorder.close().await.unwrap();
    assert_eq!(requests_and_omitted(&all(folder.path()).await), (4, 2));
}

#[tokio::test]
async fn a_journal_that_lost_its_id_records_on_under_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let (_, now) = clock!();
    let recorder = start(folder.path(), now).await;
    refused(&recorder);
    recorder.close().await.unwrap();
    drop(recorder);
    std::fs::remove_file(folder.path().join("id")).unwrap();
    let (settings, layer) = (Settings::default(), access_journal::plain());
    let recorder = Recorder::start(folder.path(), &settings, layer, now, || Uuid::from_u128(8)).await.unwrap();
    for _ in 0..2 {
        refused(&recorder);
        refused(&recorder);
        recorder.flush().await.unwrap();
    }
    recorder.close().await.unwrap();
    assert_eq!(requests_and_omitted(&all(folder.path()).await), (5, 0));
}
