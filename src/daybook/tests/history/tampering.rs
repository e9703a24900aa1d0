//! Tests in which somebody changes the files of a server.

use crate::{
    office::{Office, THUNDERBIRD, sql},
    story,
};

async fn short_story() -> Office {
    let mut office = Office::open();
    let lines = "DTSTART:20261209T100000Z\nSUMMARY:Lunch\nORGANIZER:mailto:alice@example.com\n\
                 ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.com\nATTENDEE:mailto:bob@example.com";
    let by = ("alice", THUNDERBIRD);
    office.put(by, "/calendars/alice/calendar/lunch.ics", &specimens::event(story::REVIEW, lines)).await;
    let path = office.copy("bob", story::REVIEW).await;
    office.answer(("bob", THUNDERBIRD), "bob", &path, "ACCEPTED").await;
    // A process that opens the journal checks only its newest hundred events, so more events are
    // added.
    for number in 0..110 {
        let path = format!("/calendars/dave/calendar/{number}.ics");
        let note = specimens::event(&format!("note-{number}"), "DTSTART:20261209T100000Z");
        office.put(("dave", THUNDERBIRD), &path, &note).await;
    }
    office.stop();
    office
}

#[tokio::test]
async fn an_altered_event_is_marked_and_the_command_fails() {
    let office = short_story().await;
    assert!(!office.done(&["timeline", story::REVIEW]).contains("ALTERED"));
    let altered = "DROP TRIGGER events_are_never_changed;
        UPDATE events SET data = CAST(replace(CAST(data AS TEXT), 'SUMMARY:Lunch', 'SUMMARY:Lynch') AS BLOB)
        WHERE position = (SELECT min(position) FROM events WHERE CAST(data AS TEXT) LIKE '%SUMMARY:Lunch%')";
    sql(&office.data().join("journal.sqlite"), altered);
    for arguments in [["timeline", "Lunch"], ["explain", "Lunch"]] {
        let output = office.run(&arguments);
        let told = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("ALTERED  ") || told.contains("NO PROOF: of"), "{told}");
        assert!(
            told.contains("the bytes of the event are not those that were stored") || arguments[0] == "explain",
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_changed_read_model_is_noticed() {
    let office = short_story().await;
    let models = office.data().join("read-models");
    // The command brings the read models up to date, so that nothing is written to them later.
    office.done(&["timeline", story::REVIEW]);
    // The statement cuts off sixteen bytes: the id of the last copy of the meeting.
    let last = "substr(objects, 1, length(objects) - 16)";
    sql(&models.join("search.v8.sqlite"), &format!("UPDATE meeting SET objects = {last} WHERE length(objects) > 16"));
    let output = office.run(&["timeline", story::REVIEW]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("INDEX WRONG: the read model does not list Bob Brown's copy"), "{told}");
    assert!(told.contains("Bob Brown accepted"), "the story is told all the same: {told}");
    for (model, statement) in [
        ("search.v8", "UPDATE term SET term = CAST('dinner' AS BLOB) WHERE term = CAST('lunch' AS BLOB)"),
        ("versions.v6", "UPDATE member SET versions = x'04'"),
    ] {
        sql(&models.join(format!("{model}.sqlite")), statement);
    }
    let output = office.run(&["verify", "--read-models"]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    for model in ["search.meeting", "search.term", "versions.member"] {
        assert!(told.contains(&format!("DIFFERENT: {model} ")), "{told}");
    }
    office.done(&["projections", "rebuild"]);
    office.done(&["verify", "--read-models"]);
}

#[tokio::test]
async fn a_read_model_that_is_absent_or_empty_is_named() {
    let office = short_story().await;
    let models = office.data().join("read-models");
    std::fs::remove_file(models.join("shares.v2.sqlite")).unwrap();
    std::fs::write(models.join("search.v8.sqlite"), "").unwrap();
    let output = office.run(&["verify", "--read-models"]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("compared with the journal: collections, principals, room_utilisation, versions\n"),
        "{told}"
    );
    assert!(told.contains("NOT COMPARED: shares: the read model does not exist: "), "{told}");
    assert!(told.contains("NOT COMPARED: search: the read model is empty: "), "{told}");
    office.done(&["projections", "rebuild"]);
    office.done(&["verify", "--read-models"]);
}

#[tokio::test]
async fn a_path_whose_read_model_is_damaged_is_not_told_as_one_that_never_was() {
    let office = short_story().await;
    // The command brings the read models up to date, so that nothing is written to them later.
    office.done(&["timeline", "/calendars/alice/calendar/lunch.ics"]);
    let versions = office.data().join("read-models/versions.v6.sqlite");
    for table in ["member", "name"] {
        sql(&versions, &format!("ALTER TABLE {table} RENAME TO {table}_apart"));
        let output = office.run(&["timeline", "/calendars/alice/calendar/lunch.ics"]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains("the storage of the read models failed") && !error.contains("never was"), "{error}");
        sql(&versions, &format!("ALTER TABLE {table}_apart RENAME TO {table}"));
    }
    office.done(&["timeline", "/calendars/alice/calendar/lunch.ics"]);
}

#[tokio::test]
async fn a_vault_that_is_not_whole_is_noticed_and_not_filled_again() {
    let mut office = short_story().await;
    let vault = office.data().join("vault.sqlite");
    let (code, told) = verify(&office);
    assert!(code == Some(0) && told.contains("vault: ok (7 passwords and 0 keys)\n"), "{told}");
    let whole = std::fs::read(&vault).unwrap();
    std::fs::write(&vault, "").unwrap();
    let (code, told) = verify(&office);
    assert!(code == Some(1) && told.contains("vault: EMPTY: ") && told.contains("7 passwords"), "{told}");
    assert_eq!(std::fs::metadata(&vault).unwrap().len(), 0, "whoever looks leaves it as it is");
    std::fs::remove_file(&vault).unwrap();
    let (code, told) = verify(&office);
    assert!(code == Some(1) && told.contains("verify: ok") && told.contains("vault: ABSENT: "), "{told}");
    office.done(&["verify", "--without-vault"]);

    std::fs::write(&vault, &whole).unwrap();
    sql(&vault, "UPDATE password SET phc = replace(phc, '$v=19$', '$v=18$') WHERE id = (SELECT max(id) FROM password)");
    let (code, told) = verify(&office);
    let altered: Vec<_> = told.lines().filter(|line| line.starts_with("ALTERED: the password ")).collect();
    assert!(code == Some(1) && told.contains("vault: NOT WHOLE: ") && altered.len() == 1, "{told}");
    let name = altered[0].split(" of ").last().unwrap().split(' ').next().unwrap();
    office.serve();
    let request = reqwest::Client::new().get(office.url() + "/").basic_auth(name, Some(name));
    let answer = request.send().await.unwrap().status();
    assert_eq!(answer, 503, "the password is not wrong");
    office.stop();

    std::fs::write(&vault, &whole).unwrap();
    sql(&vault, "DELETE FROM password WHERE id = (SELECT max(id) FROM password)");
    let (code, told) = verify(&office);
    assert!(
        code == Some(1) && told.contains("MISSING: the password ") && told.contains(&format!(" of {name} (")),
        "{told}"
    );
    std::fs::write(&vault, &whole).unwrap();
    assert_eq!(verify(&office).0, Some(0));
}

fn verify(office: &Office) -> (Option<i32>, String) {
    let output = office.run(&["verify"]);
    let told = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code(), told)
}

#[tokio::test]
async fn an_access_journal_that_was_removed_or_damaged_is_noticed() {
    let mut office = short_story().await;
    assert_eq!(verify(&office).0, Some(0));
    let access = office.data().join("access");
    let segment = std::fs::read_dir(&access).unwrap().map(|entry| entry.unwrap().path());
    let segment = segment.filter(|path| path.extension().is_some_and(|ending| ending == "sqlite")).max().unwrap();
    let whole = std::fs::read(&segment).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2..].fill(0x5a);
    std::fs::write(&segment, &damaged).unwrap();
    let (code, told) = verify(&office);
    assert_eq!(code, Some(1), "{told}");
    let name = segment.file_stem().unwrap().to_str().unwrap();
    assert!(told.contains("ALTERED: access journal") && told.contains(name), "{told}");
    assert!(told.contains("move a damaged file, with the files that begin with its name"), "{told}");

    std::fs::remove_dir_all(&access).unwrap();
    for _ in 0..2 {
        let (code, told) = verify(&office);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains("its files are missing; according to the main journal it had "), "{told}");
        // A server that starts creates a new access journal.
        office.serve();
        office.stop();
    }
}

#[tokio::test]
async fn a_journal_that_was_cut_by_a_page_says_where() {
    let office = short_story().await;
    let file = office.data().join("journal.sqlite");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 4096]).unwrap();
    let (code, told) = verify(&office);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("position ") && told.contains("estore a copy"), "{told}");
}

#[tokio::test]
async fn a_damaged_witness_is_named_and_made_again_by_the_next_process_that_writes() {
    let office = short_story().await;
    let access = std::fs::read_dir(office.data().join("access")).unwrap().map(|entry| entry.unwrap().path());
    let of_access = access.filter(|path| path.display().to_string().ends_with("-end"));
    for witness in of_access.chain([office.data().join("journal.sqlite-end")]) {
        let whole = std::fs::read(&witness).unwrap();
        let mut flipped = whole.clone();
        flipped[20] ^= 1;
        std::fs::write(&witness, &flipped).unwrap();
        let (code, told) = verify(&office);
        let expected = format!("DAMAGED: {}, which records the end of the journal: ", witness.display());
        assert!(code == Some(1) && told.contains("verify: ok") && told.contains(&expected), "{told}");
        std::fs::write(&witness, &whole).unwrap();
        assert_eq!(verify(&office).0, Some(0));
    }
}
