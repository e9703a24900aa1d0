//! Tests of the commands with which operators change the calendars of a person.

use serde_json::Value;

use super::{Office, specimen};

fn list(office: &Office, who: &str) -> Vec<Value> {
    let told = office.done(&["calendar", "list", who, "--json"]);
    told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns a text such as `work: Work (2)` for each calendar: its name, display name and number of
/// objects.
fn shown(office: &Office, who: &str) -> Vec<String> {
    let line = |one: &Value| {
        let text = |key: &str| one[key].as_str().unwrap().to_owned();
        format!("{}: {} ({})", text("name"), text("display_name"), one["objects"])
    };
    list(office, who).iter().map(line).collect()
}

#[test]
fn calendars_are_made_renamed_moved_removed_and_restored() {
    let office = Office::open();
    let head = office.done(&["head"]);
    office.done(&["calendar", "make", "alice", "work", "--display-name", "Work & more", "--dry-run"]);
    assert_eq!(office.done(&["head"]), head, "a trial writes nothing");
    office.done(&["calendar", "make", "alice", "work", "--display-name", "Work & more", "--color", "#1badf8"]);
    office.import(&["alice", "Work & more", &specimen("nextcloud.ics")]);
    assert_eq!(shown(&office, "alice"), ["calendar: alice (0)", "tasks: Tasks (0)", "work: Work & more (2)"]);
    assert_eq!(list(&office, "alice")[2]["color"], "#1badf8");
    assert_eq!(list(&office, "alice")[0]["receives_invitations"], true);
    office.done(&["calendar", "rename", "alice", "work", "Plans"]);
    let told = office.done(&["calendar", "rename", "alice", "work", "Plans"]);
    assert!(told.starts_with("unchanged  work"), "{told}");
    office.done(&["calendar", "move", "alice", "Plans", "old"]);
    assert_eq!(shown(&office, "alice")[1], "old: Plans (2)");
    let removal = office.done(&["calendar", "remove", "alice", "old", "--dry-run"]);
    assert!(removal.contains("would be removed  old: 2 objects, with 1 meeting whose other"), "{removal}");
    office.done(&["calendar", "remove", "alice", "old"]);
    assert_eq!(shown(&office, "alice").len(), 2);
    let told = office.done(&["calendar", "restore", "alice", "old"]);
    assert_eq!(told.lines().count(), 3, "{told}");
    assert_eq!(shown(&office, "alice")[1], "old: Plans (2)");
    let timeline = office.done(&["timeline", "6f1c1f0e-2d5b-4a55-9a3e-9d1d7a5c0002"]);
    assert!(timeline.contains("operator") && timeline.contains("“command line”, as an operator"), "{timeline}");
}

#[test]
fn what_is_no_meeting_goes_to_another_person_and_meetings_stay() {
    let office = Office::open();
    office.done(&["calendar", "make", "alice", "work"]);
    office.import(&["alice", "work", &specimen("nextcloud.ics")]);
    let told = office.done(&["calendar", "move", "alice", "work", "from-alice", "--to", "bob"]);
    assert!(told.contains("moved  work: 1 object to from-alice"), "{told}");
    assert!(told.contains("kept  work/6f1c1f0e-2d5b-4a55-9a3e-9d1d7a5c0001.ics: a meeting"), "{told}");
    assert_eq!(shown(&office, "bob")[1], "from-alice: from-alice (1)");
    assert_eq!(shown(&office, "alice")[2], "work: work (1)", "what still holds something stays");
    let told = office.done(&["outbox"]);
    assert!(told.contains("0 pending, 0 parked"), "nobody is told: {told}");
}

#[test]
fn objects_that_cannot_move_are_not_counted_as_moved() {
    let office = Office::open();
    for calendar in [["alice", "work"], ["bob", "from-alice"]] {
        office.done(&[&["calendar", "make"], &calendar[..]].concat());
        office.import(&[&calendar[..], &[specimen("nextcloud.ics").as_str()]].concat());
    }
    let moved = office.run(&["calendar", "move", "alice", "work", "from-alice", "--to", "bob"]);
    let told = String::from_utf8(moved.stdout).unwrap();
    assert_eq!(moved.status.code(), Some(1), "{told}");
    assert!(told.contains("moved  work: 0 objects to from-alice") && told.contains("refused  work/"), "{told}");
}

#[test]
fn a_command_that_cannot_be_obeyed_says_why() {
    let office = Office::open();
    office.done(&["principal", "add", "team", "--kind", "group"]);
    let rows: [(&[&str], &str); 7] = [
        (&["list", "zoe"], "no account is called `zoe`"),
        (&["rename", "alice", "zoo", "Zoo"], "alice has no calendar `zoo`; there are: calendar, tasks"),
        (&["rename", "team", "zoo", "Zoo"], "team has no calendar `zoo`, and no other calendar\n"),
        (&["make", "alice", "tasks"], "alice already has a collection `tasks`"),
        (
            &["restore", "alice", "tasks"],
            "alice has a calendar `tasks` today; `daybook restore /calendars/alice/tasks/ --to",
        ),
        (&["remove", "alice", "calendar"], "the default calendar cannot be removed"),
        (&["restore", "alice", "zoo"], "alice never had a calendar `zoo`"),
    ];
    for (arguments, why) in rows {
        let output = office.run(&[&["calendar"], arguments].concat());
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(why), "{arguments:?}: {error}");
    }
}

#[test]
fn a_person_has_a_quota_of_their_own() {
    let office = Office::open();
    assert!(office.done(&["calendar", "quota", "alice"]).contains("there is no limit"));
    let told = office.done(&["calendar", "quota", "alice", "1000"]);
    assert!(told.contains("of 1000 bytes are used"), "{told}");
    let told: Value = serde_json::from_str(&office.done(&["calendar", "quota", "alice", "--json"])).unwrap();
    assert_eq!((told["limit_bytes"].as_u64(), told["used_bytes"].is_u64()), (Some(1000), true), "{told}");
    assert!(office.done(&["calendar", "quota", "alice", "1000"]).starts_with("unchanged"));
    let (lines, _) = office.import(&["alice", "calendar", &specimen("nextcloud.ics")]);
    let why = lines[0]["why"].as_str().unwrap();
    assert!(why.contains("larger than its quota, 1000 bytes"), "{why}");
    office.done(&["calendar", "quota", "alice", "none"]);
    let (_, counts) = office.import(&["alice", "calendar", &specimen("nextcloud.ics")]);
    // The task was imported before, because it was small enough for the quota.
    assert_eq!(counts, serde_json::json!({ "created": 1, "unchanged": 1 }));
    let head = office.done(&["head"]);
    office.done(&["calendar", "quota", "alice", "default", "--dry-run"]);
    assert_eq!(office.done(&["head"]), head);
}

#[test]
fn a_name_that_paths_read_otherwise_is_refused() {
    let office = Office::open();
    office.done(&["calendar", "make", "alice", "work"]);
    for name in [".", "..", "work/new", ""] {
        let ways: [&[&str]; 3] = [
            &["calendar", "make", "alice", name],
            &["calendar", "make", "alice", name, "--dry-run"],
            &["calendar", "move", "alice", "work", name],
        ];
        for way in ways {
            let output = office.run(way);
            assert!(!output.status.success(), "{way:?}: {}", String::from_utf8_lossy(&output.stdout));
        }
    }
    assert_eq!(shown(&office, "alice").len(), 3);
}

#[test]
fn names_in_a_message_cannot_change_the_terminal() {
    let office = Office::open();
    office.done(&["calendar", "make", "alice", "a\u{202e}b, c"]);
    let output = office.run(&["calendar", "rename", "alice", "no\u{202e}pe", "x"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("no calendar `no\\u{202e}pe`; there are: “a\\u{202e}b, c”, calendar"), "{told}");
}

#[test]
fn a_name_that_no_answer_can_have_is_refused_by_commands_and_repaired_by_imports() {
    let office = Office::open();
    let rows: [(&[&str], &str); 7] = [
        (
            &["make", "alice", "work", "--component", "FOO"],
            "`FOO` is not a component that a calendar can accept; write one of VEVENT",
        ),
        (&["rename", "alice", "calendar", "a\u{1b}b"], "contains a control character"),
        (&["rename", "alice", "calendar", " "], "a name or colour is blank"),
        (&["rename", "alice", "calendar", "A", "--color", "\u{1}"], "contains a control character"),
        (&["make", "alice", "work", "--display-name", "a\u{fffe}"], "contains a control character"),
        (&["make", "alice", "a\u{1b}"], "contains a control character"),
        (&["make", "alice", ""], "a name or colour is blank"),
    ];
    for (arguments, why) in rows {
        let output = office.run(&[&["calendar"], arguments].concat());
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(why), "{arguments:?}: {error}");
    }
    let file = office.path("hostile.ics");
    let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:na\u{b}me\u{ffff}\r\nBEGIN:VEVENT\r\nUID:1\r\n\
                DTSTART:20260107T120000Z\r\nDTSTAMP:20260105T110000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    std::fs::write(&file, text).unwrap();
    let told = office.done(&["import", "alice", "{file}", file.to_str().unwrap()]);
    assert!(told.starts_with("calendar  hostile  shown as name  repaired: control-character\n"), "{told}");
    assert_eq!(shown(&office, "alice")[1], "hostile: name (1)");
}

#[test]
fn a_calendar_that_is_made_for_an_import_has_a_name() {
    let office = Office::open();
    for name in ["", ".", "..", " "] {
        let output = office.run(&["import", "alice", name, &specimen("nextcloud.ics"), "--make"]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains("cannot be the name of a calendar"), "{name:?}: {error}");
    }
    assert_eq!(shown(&office, "alice"), ["calendar: alice (0)", "tasks: Tasks (0)"]);
    let output = office.done(&["import", "alice", "a/b", &specimen("nextcloud.ics"), "--make", "--json"]);
    let end: Value = serde_json::from_str(output.lines().last().unwrap()).unwrap();
    assert_eq!(end["calendars_made"][0]["calendar"], "a-b");
}

#[test]
fn a_calendar_that_is_made_for_an_import_has_the_time_zone_of_the_file() {
    let office = Office::open();
    let file = office.path("trips.ics");
    let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-TIMEZONE:Europe/Berlin\r\nBEGIN:VEVENT\r\nUID:1\r\n\
                DTSTART:20260107T120000\r\nDTSTAMP:20260105T110000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let exported = |zone: &str, out: &str| {
        std::fs::write(&file, text.replace("Europe/Berlin", zone)).unwrap();
        office.done(&["import", "alice", "{file}", file.to_str().unwrap()]);
        office.done(&["export", "alice", "--calendar", "trips", office.path(out).to_str().unwrap()]);
        office.done(&["calendar", "remove", "alice", "trips"]);
        std::fs::read_to_string(office.path(out).join("trips.ics")).unwrap()
    };
    assert!(exported("Europe/Berlin", "first").contains("X-WR-TIMEZONE:Europe/Berlin\r\n"));
    assert!(!exported("Nowhere", "second").contains("X-WR-TIMEZONE"), "an unknown zone is left out");
}
