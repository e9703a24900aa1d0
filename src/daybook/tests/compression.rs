//! Tests of large events in the file of the journal. They are compressed if the settings say so. In
//! any case they are shown, verified and exported unchanged.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use rusqlite::Connection;

const AGENDA_BYTES: usize = 4_000;

fn event(uid: &str) -> String {
    let agenda = "a".repeat(AGENDA_BYTES);
    specimens::event(uid, &format!("DTSTART:20300105T100000Z\nSUMMARY:{uid}\nX-AGENDA:{agenda}"))
}

fn done(data: &Path, compression: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
    command.arg("--data").arg(data).args(arguments).stdin(Stdio::null());
    let output = command.env("DAYBOOK_JOURNAL_COMPRESSION", compression).output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {told}");
    told
}

/// Returns the encodings of the events with calendar objects, oldest first.
fn encodings(data: &Path) -> Vec<String> {
    let journal = Connection::open(data.join("journal.sqlite")).unwrap();
    let mut found = journal
        .prepare("SELECT data_encoding FROM events WHERE kind LIKE 'calendar-object-put.%' ORDER BY position")
        .unwrap();
    found.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_large_event_is_compressed_as_the_setting_says_and_read_whatever_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let data = &folder.path().join("data");
    done(data, "true", &["principal", "add", "alice"]);
    for (uid, compression) in [("plenary", "true"), ("retreat", "false")] {
        let file = folder.path().join(format!("{uid}.ics"));
        fs::write(&file, event(uid)).unwrap();
        done(data, compression, &["import", "alice", "calendar", file.to_str().unwrap()]);
    }
    assert_eq!(encodings(data), ["zstd", "json"]);
    for compression in ["true", "false"] {
        done(data, compression, &["projections", "rebuild"]);
        assert!(done(data, compression, &["verify", "--read-models"]).starts_with("verify: ok"));
        let exported = folder.path().join(format!("exported-{compression}"));
        done(data, compression, &["export", "alice", exported.to_str().unwrap()]);
        let text = fs::read_to_string(exported.join("calendar.ics")).unwrap().replace("\r\n ", "");
        assert_eq!(text.matches(&"a".repeat(AGENDA_BYTES)).count(), 2, "both are there in full");
    }
}
