//! Tests with a journal that the first release wrote: 130 events of a conversation, in version 1 of
//! the chain.

use std::{fs, path::Path};

use journal::{
    Alteration, Journal, Verdict,
    sqlite::{self, backup, stats},
    verify,
};
use schemas::{Hash, Metadata, Position, Stored};

use crate::{Place, append, bare};

/// Number of events in the journal.
const EVENTS: u64 = 130;
/// The hash of the last event, as that release showed it.
const END: &str = "4a896e157a7bed6bee11c01dadf0561ad4d6d8ea0ba99fcc9e3b8346c74af076";

/// Returns a copy of that journal.
fn first() -> Place {
    let place = Place::new();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/specimens/journals/version-1.sqlite");
    fs::copy(file, &place.path).unwrap();
    place
}

fn version(place: &Place) -> i64 {
    bare(&place.path).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

async fn read(journal: &dyn Journal) -> Vec<Stored> {
    journal.read_all(Position::START, 1_000).await.unwrap()
}

fn assert_is_first(events: &[Stored]) {
    assert_eq!(events.len() as u64, EVENTS);
    for stored in events {
        let Metadata { stored_at, act, sealed, .. } = &stored.metadata;
        assert_eq!((stored_at, act, sealed), (&None, &None, &None));
        stored.clone().read().unwrap_or_else(|unreadable| panic!("{}: {unreadable}", stored.position));
    }
    let client = &events.iter().find(|stored| stored.kind == "calendar-object-put.v1").unwrap().metadata.client;
    assert_eq!((client.via.as_str(), client.address.as_str()), ("PUT", "127.0.0.1"));
    assert!(!client.agent.is_empty());
}

#[tokio::test]
async fn it_is_read_verified_measured_and_copied_without_being_changed() {
    let place = first();
    let before = fs::read(&place.path).unwrap();
    {
        let journal = sqlite::open_read_only(&place.path).unwrap();
        assert_is_first(&read(&journal).await);
        let verdict = verify(&journal, |_| {}).await.unwrap();
        let Verdict::Ok { head, seam: None } = verdict else { panic!("{verdict}") };
        assert_eq!((head.events, head.hash.to_string().as_str()), (EVENTS, END));
        let stats = stats(&place.path).unwrap();
        assert_eq!(stats.kinds.iter().map(|kind| kind.events).sum::<u64>(), EVENTS);
        assert!(stats.first.is_some());
        let copy = Place::new();
        assert_eq!(backup(&place.path, &copy.path, |_, _| {}).unwrap(), head);
        assert_eq!(version(&copy), 1);
    }
    assert!(fs::read(&place.path).unwrap() == before, "the file is as it was");
}

#[tokio::test]
async fn it_goes_on_in_version_2_and_verifies_over_the_seam() {
    let place = first();
    let reader = sqlite::open_read_only(&place.path).unwrap();
    assert_eq!(read(&reader).await.len() as u64, EVENTS);
    let journal = place.open();
    assert_eq!(version(&place), 1);
    assert_is_first(&read(&journal).await);
    let appended = journal.append(append(1, 0)).await.unwrap();
    assert_eq!(version(&place), 2, "an earlier release refuses the file from now on");
    assert_eq!(appended.position, Position(EVENTS + 1));
    for open in [&journal, &reader] {
        let events = read(open).await;
        assert_is_first(&events[..events.len() - 1]);
        assert!(events.last().unwrap().metadata.stored_at.is_some(), "also read with a connection from before");
    }
    drop(journal);
    let journal = place.open();
    let verdict = verify(&journal, |_| {}).await.unwrap();
    let Verdict::Ok { head, seam } = verdict else { panic!("{verdict}") };
    assert_eq!((head.events, seam), (EVENTS + 1, Some(Position(EVENTS + 1))));
    assert!(verdict.to_string().ends_with("; from position 131 on, the chain has version 2"), "{verdict}");
}

/// Returns the verdict of `verify` on the journal with two added events of version 2, after the SQL
/// `tampering` has run on its file.
async fn verdict(tampering: &str) -> Verdict {
    let place = first();
    let journal = place.open();
    journal.append_many(vec![append(1, 0), append(1, 1)]).await;
    drop(journal);
    let file = bare(&place.path);
    file.execute_batch("DROP TRIGGER events_are_never_changed; DROP TRIGGER events_are_never_removed;").unwrap();
    file.execute_batch(tampering).unwrap();
    verify(&sqlite::open_read_only(&place.path).unwrap(), |_| {}).await.unwrap()
}

#[tokio::test]
async fn no_part_of_version_2_can_be_changed_or_lent_to_an_event_of_version_1() {
    for (tampering, at) in [
        ("UPDATE events SET stored_at = stored_at - 1 WHERE position = 131", 131),
        ("UPDATE events SET stored_at = NULL WHERE position = 131", 131),
        ("UPDATE events SET data_encoding = 'other' WHERE position = 132", 132),
        ("UPDATE events SET personal = x'7b7d' WHERE position = 131", 131),
        ("UPDATE events SET personal_encoding = 'json' WHERE position = 131", 131),
        ("UPDATE events SET form = 1 WHERE position = 132", 132),
        ("UPDATE events SET form = 3 WHERE position = 131", 131),
        ("UPDATE events SET form = 2 WHERE position = 130", 130),
        ("UPDATE events SET stored_at = 7 WHERE position = 5", 5),
        ("UPDATE events SET personal = x'7b7d', personal_encoding = 'json' WHERE position = 5", 5),
        ("UPDATE events SET data_encoding = 'json' WHERE position = 5", 5),
    ] {
        let verdict = verdict(tampering).await;
        let Verdict::Altered { position, why, .. } = &verdict else { panic!("{tampering}: {verdict}") };
        assert_eq!((position.0, *why), (at, Alteration::Bytes), "{tampering}");
    }
}

/// An event hashed in version 1, as the first release would do it, after events in version 2.
#[tokio::test]
async fn a_downgrade_does_not_pass_unnoticed() {
    let place = first();
    drop({
        let journal = place.open();
        journal.append(append(1, 0)).await.unwrap();
        journal
    });
    let (metadata, data) = (br#"{"at":0,"client":{"via":"PUT"},"request":"","correlation":""}"#, b"{}");
    let last: Vec<u8> =
        bare(&place.path).query_row("SELECT hash FROM events WHERE position = 131", (), |row| row.get(0)).unwrap();
    let stream = "calendarobject-00000000-0000-0000-0000-000000000001";
    let content = journal::chain::Content {
        position: Position(132),
        stream,
        revision: 1,
        id: &[7; 16],
        kind: "calendar-object-put.v1",
        metadata,
        data,
        second: None,
    };
    let hash = content.hash(Hash(last.try_into().unwrap()));
    let file = bare(&place.path);
    file.execute(
        "INSERT INTO events (position, stream, revision, id, kind, metadata, data, hash)
         SELECT 132, stream, 1, ?1, 'calendar-object-put.v1', ?2, ?3, ?4 FROM streams WHERE name = ?5",
        rusqlite::params![&[7_u8; 16][..], &metadata[..], &data[..], &hash.0[..], stream],
    )
    .unwrap();
    file.execute("UPDATE chain SET events = 132, position = 132, hash = ?1", [&hash.0[..]]).unwrap();
    let verdict = verify(&sqlite::open_read_only(&place.path).unwrap(), |_| {}).await.unwrap();
    let Verdict::Altered { position: Position(132), why: Alteration::Downgraded, .. } = verdict else {
        panic!("{verdict}")
    };
    assert!(verdict.to_string().contains("has version 1 of the chain, but events before it"), "{verdict}");
}
