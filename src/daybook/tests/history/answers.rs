//! Tests of the questions of support engineers and auditors. At most two commands with at most 25
//! lines of output answer each.

use crate::{
    office::Office,
    story::{self, Marks, play},
};

/// The maximum number of lines of a command's output.
const MAX_LINES: usize = 25;
/// The maximum number of characters in a line of an explanation.
const MAX_WIDTH: usize = 140;

/// Runs a command, and checks that its output is short and contains the expected texts.
fn answered(office: &Office, arguments: &[&str], expected: &[&str]) -> String {
    let told = office.done(arguments);
    eprintln!("$ daybook {}\n{told}", arguments.join(" "));
    assert!(told.lines().count() <= MAX_LINES, "{arguments:?} takes {} lines:\n{told}", told.lines().count());
    let longest = told.lines().map(|line| line.chars().count()).max().unwrap_or_default();
    assert!(arguments[0] != "explain" || longest <= MAX_WIDTH, "{arguments:?} has a line of {longest}:\n{told}");
    // Line breaks may be between any two words.
    let unbroken = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in expected {
        assert!(unbroken(&told).contains(&unbroken(words)), "{arguments:?} does not say `{words}`:\n{told}");
    }
    told
}

#[tokio::test]
async fn a_story_of_fifty_acts_is_told_to_whoever_asks() {
    let mut office = Office::open();
    let marks = play(&mut office).await;

    let found = answered(&office, &["find", "project", "review"], &[story::REVIEW, "“Project review (final)”"]);
    assert_eq!(found.lines().count(), 1);
    // Question: who moved the meeting, and with which program?
    let moved = [
        "“Project review (final)” was moved 2 times:",
        "server: answers of Bob Brown, Carol Chan, Dave Dunn and Lake set back",
        "14 Dec 2026 09:00 → 14:00",
        "09:00 → 08:30",
        "Thunderbird 128.5.2",
        "macOS 15.1",
    ];
    answered(&office, &["explain", "project review", "--why", "moved"], &moved);
    // Question: why is the meeting not in Bob's calendar?
    let gone =
        ["is in Bob Brown's calendar", "It was missing for", "Apple Calendar on iOS 18.1", "each fits the chain"];
    answered(&office, &["explain", "project review", "--for", "bob", "--why", "missing"], &gone);
    // Questions: did Carol see the new time, and who read the meeting?
    let seen = [
        "Seen: Carol Chan",
        "(Mon 7 Dec 2026 08:30 Europe/Berlin; the instance of Mon 14 Dec 2026 08:30 Europe/Berlin",
        "The newest version of Carol Chan's copy, #",
    ];
    answered(&office, &["explain", "project review", "--for", "carol", "--why", "seen"], &seen);
    answered(&office, &["readers", "project review", "--who", "erin"], &["Erin Evans", "was given version #"]);
    // Question: why did Bob's phone get the status 412?
    answered(
        &office,
        &["refusals", "--who", "bob"],
        &["412", "Apple Calendar on iOS", &marks.old_etag.replace('"', "")],
    );
    // Question: why did the room decline?
    answered(
        &office,
        &["explain", "standup", "--for", "lake", "--why", "declined"],
        &[
            "The server declined for Lake, because Lake was busy during at least a part of Mon 21 Dec 2026 07:30 to \
             08:00 UTC",
            "daybook find who:lake on:2026-12-21",
        ],
    );
    answered(&office, &["find", "who:lake", "on:2026-12-21"], &["“Project review (final)”"]);
    // Question: what did the calendar contain at earlier times?
    let copies = [
        "Alice Ames organizes it",
        "Bob Brown has not answered",
        "Lake accepted",
        "Mon 7 Dec 2026 09:00 Europe/Berlin",
    ];
    let first = format!("#{}", marks.seen[0].0);
    answered(&office, &["copies", "project review", "--at", &first], &copies);
    let then = answered(&office, &["as-of", &first, "/calendars/bob/calendar/"], &["“Project review”  since #"]);
    assert_eq!(then.lines().count(), 1, "{then}");
    let changes = ["* /calendars/alice/calendar/review.ics", "+ /calendars/alice/calendar/budget.ics"];
    let since = office.done(&["as-of", &first, "/calendars/alice/calendar/", "--diff", "now"]);
    for change in changes {
        assert!(since.contains(change), "{since}");
    }
    // Question: which permissions changed?
    let permissions = ["+ Erin Evans may read and write", "- Erin Evans may", "curl 8.5.0"];
    answered(&office, &["permissions", "/calendars/alice/calendar/review.ics"], &permissions);
    // Question: which program removed the alarm?
    let alarms = ["timeline", "project review", "--by", "dave", "--changed", "VALARM"];
    answered(&office, &alarms, &["alarm “ACTION:DISPLAY", "removed", "KOrganizer 6.2"]);
    // Question: who answered in Dave's name?
    answered(&office, &["timeline", "project review", "--by", "dave"], &["Erin Evans for Dave Dunn declined"]);
    // Question: why did the server never invite Heidi?
    let agent = [
        "Heidi Hahn was not notified",
        "Alice Ames's program said that it sends the message itself (SCHEDULE-AGENT=CLIENT)",
    ];
    answered(&office, &["explain", "budget", "--for", "heidi"], &agent);
    // A title or the name of a program cannot fake lines of the output.
    let budget =
        answered(&office, &["timeline", "budget"], &["“Budget\\n\\n#7  Bob deleted it”", "“Home grown\\u{202e} #9"]);
    let lost = "not told: mailto:stranger@example.net (invited): the message did not arrive (3.7, no principal has \
        this address, or only a retired one)";
    assert!(
        budget.contains("(m3-budget@example.com): 1 act, 7 events in 2 homes") && budget.contains(lost),
        "{budget}"
    );
    assert!(budget.lines().all(|line| !line.starts_with("#7") && !line.starts_with("#9 ")), "{budget}");
    // An ETag or a path from the log of a client leads to the meeting.
    let etag = format!("etag:W/{}", marks.old_etag);
    assert_eq!(office.run(&["find", &etag, "--limit", "0"]).status.code(), Some(2));
    answered(&office, &["find", &etag], &["m4-notes@example.com"]);
    for suffix in ["+with-other-time-zones", "-of-a-sharee"] {
        let etag = format!("etag:{}{suffix}", marks.old_etag.trim_matches('"'));
        answered(&office, &["find", &etag], &["m4-notes@example.com"]);
    }
    answered(&office, &["find", "href:/calendars/bob/private/3.ics"], &["training-3", "“Training 3”"]);
    answered(&office, &["timeline", "training-3"], &["removed Bob Brown's calendar “private” with everything in it"]);
    answered(
        &office,
        &["timeline", "project review", "--by", "carol"],
        &["moved it from Carol Chan's calendar to Carol Chan's calendar “work”"],
    );
    the_past_is_answered_byte_for_byte(&office, &marks).await;
    office.stop();
    office.done(&["projections", "rebuild"]);
    office.serve();
    the_past_is_answered_byte_for_byte(&office, &marks).await;
    office.stop();
    assert!(office.done(&["verify", "--read-models"]).ends_with("read models: ok\n"));
}

/// Checks that the paths below `/asof/` and the command `as-of` return, byte for byte, the texts
/// that GETs returned during the story.
async fn the_past_is_answered_byte_for_byte(office: &Office, marks: &Marks) {
    for (position, path, text) in &marks.seen {
        let owner = path.split('/').nth(2).unwrap();
        for who in [owner, "root"] {
            let then = office.get((who, crate::office::PYTHON), &format!("/asof/{position}{path}")).await;
            assert_eq!(then.body, *text, "{path} at {position} for {who}");
        }
        let command = office.done(&["as-of", &position.to_string(), path, "--format", "ics"]);
        assert_eq!(command, *text, "{path} at {position}");
        let refused = format!("/asof/{position}{path}");
        for method in ["PUT", "DELETE", "PROPPATCH", "ACL"] {
            assert_eq!(office.send(("root", crate::office::CURL), method, &refused, &[], "").await.status, 405);
        }
        let stranger = office.send(("heidi", crate::office::CURL), "GET", &refused, &[], "").await;
        assert_eq!(stranger.status, 404);
    }
    let (position, path, _) = &marks.seen[0];
    let collection = path.rsplit_once('/').unwrap().0;
    let collection = format!("/asof/{position}{collection}/");
    let listing =
        office.send(("root", crate::office::PYTHON), "PROPFIND", &collection, &[("depth", "1")], "").await.body;
    assert!(listing.contains(&format!("<D:href>/asof/{position}{path}</D:href>")), "{listing}");
    assert!(!listing.contains("href>/calendars/"), "{listing}");
}

#[tokio::test]
async fn what_was_deleted_is_put_back_and_the_history_is_kept() {
    let mut office = Office::open();
    let marks = play(&mut office).await;
    let before = marks.seen.iter().find(|(_, path, _)| path.ends_with("/private/3.ics")).unwrap();
    office.stop();
    let to = format!("#{}", before.0);
    let restore =
        |path, options: &[&'static str]| office.run(&[&["restore", path, "--to", to.as_str()], options].concat());
    let told = |output: std::process::Output| {
        let error = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), error)
    };
    let (code, planned, error) = told(restore("/calendars/bob/private/", &["--dry-run"]));
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(planned.matches("would put back private/").count(), 12, "{planned}");
    assert!(planned.starts_with("would create the collection private\n"), "{planned}");
    let (code, done, error) = told(restore("/calendars/bob/private/", &[]));
    assert_eq!(code, Some(0), "{error}{done}");
    let again = told(restore("/calendars/bob/private/", &[])).1;
    assert!(again.starts_with("Nothing is to be restored: outside of inboxes and outboxes, all"), "{again}");
    let timeline = office.done(&["timeline", "training-3"]);
    assert!(timeline.contains("with everything in it") && timeline.contains("operator"), "{timeline}");

    // With `--silently`, a meeting is not restored if its attendees would get a message.
    let review = "/calendars/alice/calendar/review.ics";
    let first = format!("#{}", marks.seen[0].0);
    let silently = office.run(&["restore", review, "--to", &first, "--silently"]);
    assert_eq!(silently.status.code(), Some(1));
    assert!(String::from_utf8(silently.stdout).unwrap().contains("NOT DONE: "));
    office.serve();
    let path = "/calendars/bob/private/3.ics";
    assert_eq!(office.get(("bob", crate::office::PYTHON), path).await.body, before.2);
}

#[tokio::test]
async fn the_story_is_decided_again_as_it_was_recorded() {
    let mut office = Office::open();
    play(&mut office).await;
    office.stop();
    let replayed = office.run(&["replay"]);
    let told = String::from_utf8(replayed.stdout).unwrap();
    eprintln!("{told}");
    assert_eq!(replayed.status.code(), Some(0), "{told}");
    assert!(told.contains(" decided again, 0 of them differently"), "{told}");
    let acts: usize = told.split(' ').next().unwrap().parse().unwrap();
    assert!(acts > 35, "{told}");

    // Question: what would happen if a meeting could have only two attendees?
    let settings = office.data().join("other.toml");
    std::fs::write(&settings, "[limits]\nmax_attendees_per_instance = 2\n").unwrap();
    let otherwise = office.run(&["replay", "--config", settings.to_str().unwrap()]);
    let told = String::from_utf8(otherwise.stdout).unwrap();
    assert_eq!(otherwise.status.code(), Some(1), "{told}");
    assert!(told.contains("DIFFERENT: #57 ") && told.contains("decided now: refused: "), "{told}");
}

#[tokio::test]
async fn a_meeting_of_sixty_whom_all_answered_is_told_in_eighty_lines() {
    let mut accounts = "version = 1\n".to_owned();
    let names: Vec<String> = (0..60).map(|number| format!("guest{number:02}")).collect();
    for name in &names {
        let account = format!("[[account]]\nid = '{name}'\nemail = '{name}@example.com'\nlogin = true\n");
        accounts.push_str(&account);
    }
    let office = Office::with_accounts(&accounts);
    let attendees: Vec<_> = names[1..].iter().map(|name| format!("ATTENDEE:mailto:{name}@example.com\n")).collect();
    let attendees = attendees.concat();
    let lines = format!(
        "DTSTART:20261209T100000Z\nSUMMARY:All hands\nORGANIZER:mailto:guest00@example.com\n\
         ATTENDEE;PARTSTAT=ACCEPTED:mailto:guest00@example.com\n{attendees}"
    );
    let by = |name| (name, crate::office::THUNDERBIRD);
    office.put(by("guest00"), "/calendars/guest00/calendar/all.ics", &specimens::event("all", &lines)).await;
    for name in &names[1..] {
        let path = office.copy(name, "all").await;
        office.answer(by(name), name, &path, "ACCEPTED").await;
    }
    let told = office.done(&["timeline", "all"]);
    assert!(told.lines().count() <= 80, "{} lines:\n{told}", told.lines().count());
    assert_eq!(told.matches(" accepted (before: no answer)").count(), 59, "{told}");
}
