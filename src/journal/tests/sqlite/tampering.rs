//! Tests in which somebody alters the file with the `sqlite3` shell.

use journal::{
    Alteration, Verdict,
    sqlite::{self, OpenError},
    verify,
};
use schemas::Position;

use crate::{Place, bare, fill};

/// Returns the verdict of `verify` on a journal after the SQL `tampering` has run on its file.
async fn verdict(tampering: &str) -> Verdict {
    let place = Place::new();
    fill(&place.open()).await;
    let file = bare(&place.path);
    file.execute_batch(
        "PRAGMA foreign_keys = OFF;
         DROP TRIGGER events_are_never_changed;
         DROP TRIGGER events_are_never_removed;",
    )
    .unwrap();
    file.execute_batch(tampering).unwrap();
    verify(&sqlite::open_read_only(&place.path).unwrap(), |_| {}).await.unwrap()
}

#[tokio::test]
async fn the_first_altered_event_is_named() {
    for (title, tampering, at, why) in [
        (
            "data",
            "UPDATE events SET data = CAST(replace(CAST(data AS TEXT), 'revision', 'rewision') AS BLOB)
             WHERE position = 3",
            3,
            Alteration::Bytes,
        ),
        (
            "metadata",
            "UPDATE events SET metadata = CAST(replace(CAST(metadata AS TEXT), 'PUT', 'GET') AS BLOB)
             WHERE position = 4",
            4,
            Alteration::Bytes,
        ),
        ("type", "UPDATE events SET kind = 'calendar-object-put.v2' WHERE position = 1", 1, Alteration::Bytes),
        ("id", "UPDATE events SET id = zeroblob(16) WHERE position = 2", 2, Alteration::Bytes),
        ("the last hash", "UPDATE events SET hash = zeroblob(32) WHERE position = 5", 5, Alteration::Bytes),
        ("a number for bytes", "UPDATE events SET data = x'' WHERE position = 2", 2, Alteration::Bytes),
        ("stream", "UPDATE streams SET name = 'principal' || substr(name, 15) WHERE stream = 2", 4, Alteration::Bytes),
        ("revision", "UPDATE events SET revision = 7 WHERE position = 3", 3, Alteration::Bytes),
        ("the first removed", "DELETE FROM events WHERE position = 1", 2, Alteration::Gap { after: Position(0) }),
        ("one removed", "DELETE FROM events WHERE position = 3", 4, Alteration::Gap { after: Position(2) }),
        (
            "one removed, the rest moved up",
            "DELETE FROM events WHERE position = 3; UPDATE events SET position = position - 1 WHERE position > 3",
            3,
            Alteration::Bytes,
        ),
        (
            "two swapped",
            "UPDATE events SET position = 9 WHERE position = 2;
             UPDATE events SET position = 2 WHERE position = 4;
             UPDATE events SET position = 4 WHERE position = 9",
            2,
            Alteration::Bytes,
        ),
        (
            "one added",
            "INSERT INTO events SELECT 6, stream, 2, id, kind, metadata, data, hash, form, stored_at, data_encoding,
             personal, personal_encoding FROM events WHERE position = 5",
            6,
            Alteration::Bytes,
        ),
        (
            "the recorded end moved back",
            "UPDATE chain SET (events, position, hash) = (SELECT 3, 3, hash FROM events WHERE position = 3)",
            4,
            Alteration::Added,
        ),
        ("the recorded end removed", "DELETE FROM chain", 1, Alteration::Added),
    ] {
        let verdict = verdict(tampering).await;
        let Verdict::Altered { position, why: found, .. } = &verdict else { panic!("{title}: {verdict}") };
        assert_eq!((position.0, *found), (at, why), "{title}");
    }
}

#[tokio::test]
async fn a_missing_end_is_noticed_by_the_recorded_one() {
    let verdict = verdict("DELETE FROM events WHERE position > 3").await;
    let Verdict::Ended { found, recorded } = verdict else { panic!("{verdict}") };
    assert_eq!(((found.events, found.position.0), (recorded.events, recorded.position.0)), ((3, 3), (5, 5)));
}

#[tokio::test]
async fn another_recorded_hash_is_noticed() {
    let verdict = verdict("UPDATE chain SET hash = zeroblob(32)").await;
    assert!(matches!(verdict, Verdict::Ended { found, recorded } if found.position == recorded.position), "{verdict}");
}

#[tokio::test]
async fn a_flipped_bit_in_the_file_is_noticed() {
    let place = Place::new();
    fill(&place.open()).await;
    let mut bytes = std::fs::read(&place.path).unwrap();
    let text = b"stream 1 revision 1";
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&place.path, bytes).unwrap();
    let verdict = verify(&sqlite::open_read_only(&place.path).unwrap(), |_| {}).await.unwrap();
    let words = "the event at position 2 (calendarobject-00000000-0000-0000-0000-000000000001, revision 1) is not \
                 what was stored there";
    assert_eq!(verdict.to_string(), words);
}

#[tokio::test]
async fn a_journal_without_its_end_is_not_appended_to() {
    let place = Place::new();
    fill(&place.open()).await;
    bare(&place.path)
        .execute_batch("DROP TRIGGER events_are_never_removed; DELETE FROM events WHERE position = 5")
        .unwrap();
    let refused = sqlite::open(&place.path).unwrap_err();
    assert!(matches!(refused, OpenError::Altered), "{refused}");
}

#[tokio::test]
async fn events_are_guarded_against_accidents() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    for accident in ["DELETE FROM events", "UPDATE events SET kind = ''"] {
        let refused = bare(&place.path).execute_batch(accident).unwrap_err();
        assert_eq!(refused.to_string(), "the journal is never rewritten", "{accident}");
    }
}
