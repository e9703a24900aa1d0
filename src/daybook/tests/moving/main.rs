//! Tests of importing and exporting calendars, with the commands of operators.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calendars;
mod running;
#[path = "../served/mod.rs"]
mod served;

use std::{
    collections::BTreeSet,
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// A data folder with the accounts alice, bob and carol.
struct Office(TempDir);

impl Office {
    fn open() -> Self {
        let office = Self(tempfile::tempdir().unwrap());
        for name in ["alice", "bob", "carol"] {
            office.done(&["principal", "add", name, "--address", &format!("mailto:{name}@example.com")]);
        }
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
        command.arg("--data").arg(self.path("data")).args(arguments).stdin(Stdio::null());
        command.output().unwrap()
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{arguments:?}: {}{told}", String::from_utf8_lossy(&output.stderr));
        told
    }

    /// Runs an import. Returns its lines of output without the last one, and the number of each
    /// result.
    fn import(&self, arguments: &[&str]) -> (Vec<Value>, Value) {
        let output = self.run(&[&["import"], arguments, &["--json"]].concat());
        let told = String::from_utf8(output.stdout).unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        let mut lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let end = lines.pop().unwrap_or_else(|| panic!("{arguments:?}: {error}"));
        (lines, end["counts"].clone())
    }

    /// Returns all components in the calendars of a person, unfolded.
    fn components(&self, who: &str) -> BTreeSet<String> {
        let folder = tempfile::tempdir().unwrap();
        self.done(&["export", who, folder.path().join("out").to_str().unwrap()]);
        let texts =
            fs::read_dir(folder.path().join("out")).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
        texts.flat_map(|text| components(&String::from_utf8(text).unwrap())).collect()
    }
}

/// Returns the components of a calendar, unfolded, without time zones.
fn components(text: &str) -> Vec<String> {
    let text = text.replace("\r\n ", "").replace("\r\n\t", "");
    let (mut found, mut open) = (vec![], String::new());
    for line in text.split_inclusive("\r\n") {
        let is_outside = open.is_empty();
        let begins = ["BEGIN:VEVENT", "BEGIN:VTODO", "BEGIN:VJOURNAL"].contains(&line.trim_end());
        if !is_outside || begins {
            open += line;
        }
        if ["END:VEVENT", "END:VTODO", "END:VJOURNAL"].contains(&line.trim_end()) {
            found.push(std::mem::take(&mut open));
        }
    }
    found
}

fn specimen(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/specimens/exports");
    folder.join(name).to_str().unwrap().to_owned()
}

/// Writes a ZIP archive as Google Takeout does.
fn zipped(path: &Path, files: &[&str]) {
    let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for name in files {
        archive.start_file(name.strip_prefix("takeout/").unwrap(), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&fs::read(specimen(name)).unwrap()).unwrap();
    }
    archive.finish().unwrap();
}

fn word<'v>(lines: &'v [Value], key: &str) -> Vec<&'v str> {
    lines.iter().map(|line| line[key].as_str().unwrap_or_default()).collect()
}

#[test]
fn what_each_server_exports_is_imported() {
    let office = Office::open();
    let takeout = office.path("takeout.zip");
    zipped(&takeout, &["takeout/Takeout/Calendar/Choir.ics", "takeout/Takeout/Calendar/alice@example.com.ics"]);
    let takeout = takeout.to_str().unwrap();
    let rows: [(&str, &str, &[&str], &[&str]); 6] = [
        ("calendar", &specimen("nextcloud.ics"), &["created", "created"], &["organizer", ""]),
        ("calendar", &specimen("radicale"), &["created", "created"], &["", ""]),
        ("calendar", &specimen("cyrus.ics"), &["created", "created"], &["attendee", ""]),
        ("{file}", takeout, &["created", "created"], &["", "attendee"]),
        ("calendar", &specimen("icloud.ics"), &["created"], &["organizer"]),
        ("calendar", &specimen("outlook.ics"), &["refused", "created"], &["", "organizer"]),
    ];
    for (calendar, file, outcomes, roles) in &rows {
        let (lines, _) = office.import(&["alice", calendar, file]);
        assert_eq!(word(&lines, "outcome"), *outcomes, "{lines:?}");
        assert_eq!(word(&lines, "role"), *roles, "{lines:?}");
    }
    let kept = office.components("alice").into_iter().collect::<String>();
    for line in [
        "PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=TRUE",
        "PARTSTAT=DECLINED;CN=alice@example.com;X-NUM-GUESTS=0",
        "DTSTART;TZID=\"W. Europe Standard Time\":20260225T090000",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "X-APPLE-SORT-ORDER:100",
        "TRIGGER:-PT30M",
    ] {
        assert!(kept.contains(line), "{line}: {kept}");
    }
    assert!(!kept.contains("METHOD"));
    // A second import stores nothing.
    let head = office.done(&["head"]);
    for (calendar, file, outcomes, _) in rows {
        let (lines, _) = office.import(&["alice", calendar, file]);
        let expected: Vec<_> = outcomes.iter().map(|word| word.replace("created", "unchanged")).collect();
        assert_eq!(word(&lines, "outcome"), expected, "{lines:?}");
    }
    assert_eq!(office.done(&["head"]), head);
}

#[test]
fn an_export_that_is_imported_again_is_the_same() {
    let office = Office::open();
    for file in ["nextcloud.ics", "cyrus.ics", "outlook.ics"] {
        office.import(&["alice", "Work", &specimen(file), "--make"]);
    }
    // This file has another definition of a time zone with the same TZID.
    let other = fs::read_to_string(specimen("icloud.ics")).unwrap().replace("TZNAME:CET\r\n", "TZNAME:MEZ\r\n");
    fs::write(office.path("other.ics"), other).unwrap();
    office.import(&["alice", "Work", office.path("other.ics").to_str().unwrap()]);
    let first = office.components("alice");
    assert_eq!(first.len(), 7);
    let archive = office.path("alice.zip");
    let archive = archive.to_str().unwrap();
    office.done(&["export", "alice", "--zip", archive]);
    let refused = office.run(&["export", "alice", "--zip", archive, "--calendar", "none"]);
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("alice has no calendar `none`; there are: "), "{error}");
    let (lines, counts) = office.import(&["bob", "{file}", archive]);
    assert_eq!(counts, serde_json::json!({ "created": lines.len() }), "{lines:?}");
    assert_eq!(office.components("bob"), first);
    let mut text = String::new();
    let mut zip = zip::ZipArchive::new(fs::File::open(archive).unwrap()).unwrap();
    zip.by_name("Work.ics").unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text.matches("BEGIN:VCALENDAR").count(), 2, "the other time zone lies apart");
}

#[test]
fn the_history_names_the_operator_and_the_file() {
    let office = Office::open();
    let file = specimen("cyrus.ics");
    let told = office.done(&["import", "alice", "calendar", &file]);
    assert!(told.contains("2 created, 0 replaced") && told.contains("Nobody was notified"), "{told}");
    let timeline = office.done(&["timeline", "cyrus-1@example.com"]);
    assert!(timeline.contains("imported it from “cyrus.ics”, line 6, into"), "{timeline}");
    assert!(timeline.contains("operator") && timeline.contains("import, as an operator"), "{timeline}");
    let explained = office.done(&["explain", "cyrus-1@example.com", "--for", "alice"]);
    assert!(explained.contains("imported it from “cyrus.ics”"), "{explained}");
    // Carol's copy is imported later, and both copies agree.
    let carols = fs::read_to_string(&file).unwrap().replace("PARTSTAT=TENTATIVE", "PARTSTAT=NEEDS-ACTION");
    fs::write(office.path("carol.ics"), carols).unwrap();
    office.import(&["carol", "calendar", office.path("carol.ics").to_str().unwrap()]);
    let copies = office.done(&["copies", "cyrus-1@example.com"]);
    assert!(copies.contains("accepted tentatively") && !copies.contains("differs"), "{copies}");
    assert!(office.done(&["timeline", "cyrus-1@example.com", "--all"]).contains("after an import, the server made "));
}

#[test]
fn a_trial_writes_nothing_and_what_is_refused_is_told_with_its_line() {
    let office = Office::open();
    let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:p\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
                DTSTART:20260105T120000Z\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTAMP:20260101T000000Z\r\n\
                DTSTART:tomorrow\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let file = office.path("bad.ics");
    fs::write(&file, text).unwrap();
    let head = office.done(&["head"]);
    let (lines, counts) = office.import(&["alice", "new", file.to_str().unwrap(), "--make", "--dry-run"]);
    assert_eq!(counts, serde_json::json!({ "created": 1, "refused": 1 }));
    assert!(lines[1]["why"].as_str().unwrap().contains("line 12, VCALENDAR/VEVENT, DTSTART"), "{lines:?}");
    assert_eq!(office.done(&["head"]), head);
    let refused = office.run(&["import", "alice", "new", file.to_str().unwrap()]);
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("alice has no calendar `new`; there are: calendar, tasks; --make makes it"), "{error}");
    let done = office.run(&["import", "alice", "new", file.to_str().unwrap(), "--make"]);
    assert_eq!(done.status.code(), Some(1), "something was refused, and the rest is there");
    assert_eq!(office.components("alice").len(), 1);
}

#[test]
fn files_of_one_name_are_not_mixed_in_one_calendar() {
    let office = Office::open();
    let folder = office.path("people");
    for (person, uid) in [("anna", "1"), ("bert", "2")] {
        let of_person = folder.join(person);
        fs::create_dir_all(&of_person).unwrap();
        let text = specimens::event(uid, "DTSTART:20260105T120000Z");
        fs::write(of_person.join("work.ics"), text).unwrap();
    }
    let (lines, counts) = office.import(&["alice", "{file}", folder.to_str().unwrap()]);
    assert_eq!(counts, serde_json::json!({ "created": 1, "refused": 1 }));
    let why = lines[1]["why"].as_str().unwrap();
    assert!(why.contains("people/anna/work.ics was already imported into the calendar `work`"), "{why}");
    assert_eq!(lines[1]["file"], "people/bert/work.ics");
}

#[test]
fn what_was_changed_or_removed_here_stays_so() {
    let office = Office::open();
    let file = office.path("one.ics");
    let text = |summary: &str| specimens::event("1", &format!("DTSTART:20260105T120000Z\nSUMMARY:{summary}"));
    let import = |summary: &str, more: &[&str]| {
        fs::write(&file, text(summary)).unwrap();
        let (lines, _) = office.import(&[&["alice", "calendar", file.to_str().unwrap()], more].concat());
        lines[0]["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!(import("first", &[]), "created");
    assert_eq!(import("second", &[]), "replaced");
    assert_eq!(import("first", &[]), "unchanged", "an older export does not come back");
    let head = office.done(&["head"]);
    let position = head.split("position ").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
    let before: u64 = position.parse().unwrap();
    // After an operator restores the first version, it counts as a change by a person, which an
    // import keeps.
    office.done(&["restore", "/calendars/alice/calendar/1.ics", "--to", &format!("#{}", before - 1)]);
    assert_eq!(import("third", &[]), "kept");
    assert_eq!(import("third", &["--replace"]), "replaced");
}

#[test]
fn whatever_opens_a_file_that_is_no_journal_of_this_version_names_it() {
    let office = Office::open();
    let journal = office.path("data/journal.sqlite");
    let version = |format: i32| {
        rusqlite::Connection::open(&journal).unwrap().pragma_update(None, "user_version", format).unwrap();
    };
    let text = || fs::write(&journal, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".repeat(100)).unwrap();
    let changes: [(&dyn Fn(), &str); 2] =
        [(&|| version(9), "the journal has format 9"), (&text, "the file is not a journal of Daybook")];
    for (change, why) in changes {
        change();
        let copy = office.path("copy");
        for arguments in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["timeline", "lunch"],
            &["verify"],
            &["journal", "stats"],
            &["journal", "backup", copy.to_str().unwrap()],
        ] {
            let output = office.run(arguments);
            let told = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
            assert!(!output.status.success(), "{arguments:?}");
            let expected = format!("{}: {why}", journal.display());
            assert!(told.contains(&expected), "{arguments:?}: {told}");
        }
    }
}
