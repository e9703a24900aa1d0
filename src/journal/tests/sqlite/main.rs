//! Tests of the promises that only the SQLite engine makes: one file that outlives the process, one
//! writer, and evidence of tampering.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod copying;
mod damaged;
mod failing;
mod full;
mod keeping;
mod lost;
mod opening;
mod readonly;
mod restoring;
mod tampering;
mod version_1;

use std::path::{Path, PathBuf};

use journal::{
    Append, Journal,
    sqlite::{self, Sqlite},
};
use rusqlite::Connection;
use schemas::{Client, Expected, Metadata, NewEvent, ObjectId, Revision, Stream, Timestamp};
use tempfile::TempDir;
use uuid::Uuid;

/// A temporary folder, and the path of a journal in it.
struct Place {
    _folder: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { path: folder.path().join("journal.sqlite"), _folder: folder }
    }

    fn open(&self) -> Sqlite {
        sqlite::open(&self.path).unwrap()
    }
}

/// Opens the file directly with SQLite, without Daybook.
fn bare(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

fn append(number: u32, revision: u64) -> Append {
    let words = format!("stream {number} revision {revision}");
    let event = NewEvent::json(
        Uuid::new_v5(&schemas::ids::NAMESPACE, words.as_bytes()),
        "calendar-object-put.v1",
        format!(r#"{{"words":"{words}"}}"#),
    );
    let client = Client { via: "PUT".to_owned(), ..Client::default() };
    let (request, correlation) = (Uuid::from_u128(1), Uuid::from_u128(1));
    let at = Timestamp::from_seconds(1_767_614_400);
    Append {
        stream: Stream::Object(ObjectId(Uuid::from_u128(u128::from(number)))),
        expected: revision.checked_sub(1).map_or(Expected::NoStream, |last| Expected::Exact(Revision(last))),
        metadata: Metadata { at, client, request, correlation, ..Metadata::default() },
        events: vec![event],
    }
}

/// Appends three events to one stream at positions 1, 2 and 3, and two to another at 4 and 5.
async fn fill(journal: &Sqlite) {
    for (number, revision) in [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1)] {
        journal.append(append(number, revision)).await.unwrap();
    }
}
