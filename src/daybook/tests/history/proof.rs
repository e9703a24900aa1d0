//! Tests of signed heads: the proofs that they allow, and the manipulations that they reveal.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use journal::Journal as _;
use rusqlite::{Connection, params};
use schemas::{Hash, Position};

use crate::{
    office::{CURL, Office, THUNDERBIRD},
    story,
};

const ORIGIN: &str = "calendar.example.com/journal";

/// Returns a stopped server with some hundred events, and a folder outside of it for signed heads.
async fn office() -> (Office, tempfile::TempDir) {
    let mut office = Office::open();
    let by = ("alice", THUNDERBIRD);
    for number in 0..300 {
        let path = format!("/calendars/alice/calendar/{number}.ics");
        office.put(by, &path, &specimens::event(&format!("note-{number}"), "DTSTART:20261209T100000Z")).await;
    }
    office.stop();
    (office, tempfile::tempdir().unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Checks a proof with the second implementation, in Python. Returns true if it accepts the proof,
/// and its output.
fn python(key: &str, file: &Path) -> (bool, String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops/proof/check_proof.py");
    let output = Command::new("python3").arg(script).arg(key).arg(file).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(told).unwrap())
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    file
}

#[tokio::test]
async fn events_and_heads_are_proved_to_whoever_has_the_key() {
    let (mut office, vault) = office().await;
    let vault = vault.path();
    let created = office.done(&["key", "create", ORIGIN]);
    let key = created.lines().next().unwrap();
    assert!(!office.run(&["key", "create", ORIGIN]).status.success(), "a key is not replaced by accident");
    let head = office.done(&["head", "--sign", "--to", text(vault)]);
    let old = std::fs::read_dir(vault).unwrap().next().unwrap().unwrap().path();
    assert_eq!(std::fs::read_to_string(&old).unwrap(), head);
    assert!(python(key, &old).1.starts_with("signed: "), "{:?}", python(key, &old));

    office.serve();
    let lunch = specimens::event(story::REVIEW, "DTSTART:20261209T100000Z\nSUMMARY:Lunch");
    office.put(("alice", THUNDERBIRD), "/calendars/alice/calendar/lunch.ics", &lunch).await;
    let rotated = office.done(&["key", "rotate"]);
    let new_key = rotated.lines().next().unwrap();
    assert_ne!(key, new_key);
    assert_eq!(office.done(&["key", "list"]).lines().count(), 2);
    let events = office.done(&["head"]);
    let last: u64 = events.split(' ').next().unwrap().parse().unwrap();
    for position in [1, 2, 255, 256, 257, last / 2, last] {
        let proof = written(vault, "proof.txt", &office.done(&["prove", &format!("#{position}")]));
        for key in [key, new_key] {
            let checked = office.done(&["check-proof", text(&proof), "--key", key]);
            assert!(checked.starts_with(&format!("proved: #{position}, ")), "{checked}");
            let (is_proved, told) = python(key, &proof);
            assert!(is_proved && told.starts_with(&format!("proved: #{position}, ")), "{told}");
        }
    }
    let proof = std::fs::read_to_string(vault.join("proof.txt")).unwrap();
    let forged = written(vault, "forged.txt", &proof.replacen("index ", "index 1", 1));
    assert!(!office.run(&["check-proof", text(&forged), "--key", key]).status.success());
    assert!(!python(key, &forged).0);

    let since = written(vault, "since.txt", &office.done(&["prove", "--since", text(&old)]));
    assert!(office.done(&["check-proof", text(&since), "--key", key]).contains("begin with those of the earlier head"));
    assert!(python(key, &since).0, "{:?}", python(key, &since));
    assert!(office.done(&["verify", "--against", text(vault), "--key", key]).contains("match the signed head"));
    assert!(office.done(&["explain", "Lunch"]).contains("; a head was last signed on "));
}

#[tokio::test]
async fn the_log_is_read_over_http_by_auditors_and_other_peoples_tools() {
    let (mut office, _) = office().await;
    let created = office.done(&["key", "create", ORIGIN]);
    let key = created.lines().next().unwrap().to_owned();
    office.serve();
    let get = async |who: &'static str, path: &str| office.send((who, CURL), "GET", path, &[], "").await;
    assert_eq!(get("root", "/audit/log/checkpoint").await.status, 404, "no head was signed");
    let head = office.done(&["head", "--sign"]);
    assert_eq!(get("root", "/audit/log/checkpoint").await.body, head);
    for (who, path, status) in [
        ("alice", "/audit/log/checkpoint", 404),
        ("root", "/audit/log/tile/0/000", 200),
        ("root", "/audit/log/tile/1/000.p/1", 200),
        ("root", "/audit/log/tile/entries/000", 200),
        ("root", "/audit/log/tile/0/009", 404),
        ("root", "/audit/log/tile/1/000", 404),
        ("root", "/audit/log/tile/0/../000", 404),
    ] {
        assert_eq!(get(who, path).await.status, status, "{path} for {who}");
    }
    let put = office.send(("root", CURL), "PUT", "/audit/log/checkpoint", &[], "").await;
    assert_eq!(put.status, 405);
    // The second implementation, in Python, can read the whole log, also after the key was
    // replaced.
    let url = office.url();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops/proof/check_log.py");
    let read = |key: &str| {
        let output = Command::new("python3").args([script, &url, "root", "root", key]).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    assert!(read(&key).contains(" make the signed root, in 2 levels of tiles"), "{}", read(&key));
    office
        .put(
            ("alice", THUNDERBIRD),
            "/calendars/alice/calendar/new.ics",
            &specimens::event("new", "DTSTART:20261209T100000Z"),
        )
        .await;
    let rotated = office.done(&["key", "rotate"]);
    for key in [&key, rotated.lines().next().unwrap()] {
        assert!(read(key).starts_with("log: "), "{}", read(key));
    }
    let other = "calendar.example.com/journal+00000000+AAAA";
    assert!(read(other).starts_with("not proved: "));
    office.stop();
}

#[tokio::test]
async fn a_head_of_a_restored_backup_is_that_of_its_events() {
    let (mut office, vault) = office().await;
    let backup = vault.path().join("backup.sqlite");
    office.done(&["journal", "backup", text(&backup)]);
    office.serve();
    for number in 0..300 {
        let path = format!("/calendars/bob/calendar/{number}.ics");
        let ics = specimens::event(&format!("lost-{number}"), "DTSTART:20261209T100000Z");
        office.put(("bob", THUNDERBIRD), &path, &ics).await;
    }
    office.stop();
    office.done(&["key", "create", ORIGIN]);
    office.done(&["head", "--sign"]);
    office.done(&["journal", "restore", text(&backup)]);
    let cached = office.done(&["head"]);
    std::fs::remove_file(office.data().join("heads/tiles")).unwrap();
    assert_eq!(cached, office.done(&["head"]));
}

/// Changes one event and computes all later hashes again, as an attacker with write access to the
/// files could.
async fn rewrite(journal: &Path, position: u64) {
    let opened = journal::sqlite::open_read_only(journal).unwrap();
    let mut entries = vec![];
    while let Ok(page) =
        opened.entries(entries.last().map_or(Position(0), |last: &journal::chain::Entry| last.position), 500).await
    {
        if page.is_empty() {
            break;
        }
        entries.extend(page);
    }
    drop(opened);
    let connection = Connection::open(journal).unwrap();
    connection.execute_batch("DROP TRIGGER events_are_never_changed").unwrap();
    let mut previous = Hash::default();
    for entry in &mut entries {
        if entry.position == Position(position) {
            entry.data.push(b' ');
        }
        previous = entry.content().unwrap().hash(previous);
        let sql = "UPDATE events SET data = ?2, hash = ?3 WHERE position = ?1";
        connection.execute(sql, params![entry.position.0, entry.data, previous.0]).unwrap();
    }
    connection.execute("UPDATE chain SET hash = ?", params![previous.0]).unwrap();
    let mut witness = journal.as_os_str().to_owned();
    witness.push("-end");
    std::fs::remove_file(witness).unwrap();
}

#[tokio::test]
async fn a_journal_that_was_rewritten_with_a_correct_chain_is_caught_by_an_earlier_head() {
    let (office, vault) = office().await;
    let vault = vault.path();
    office.done(&["key", "create", ORIGIN]);
    office.done(&["head", "--sign", "--to", text(vault)]);
    rewrite(&office.data().join("journal.sqlite"), 200).await;
    assert!(office.done(&["verify"]).starts_with("verify: ok"), "the chain itself is correct");
    let output = office.run(&["verify", "--against", text(vault)]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("REWRITTEN: ")
            && told.contains("by the cached hash tree, the first that differs is one of the events number 1 to 256"),
        "{told}"
    );
}
