//! A story of about fifty acts by ten programs, about which the tests ask questions.

use crate::office::{ANDROID, CURL, EVOLUTION, IPHONE, KORGANIZER, MAC, OUTLOOK, Office, PYTHON, SCRIPT, THUNDERBIRD};

pub(crate) const REVIEW: &str = "m1-review@example.com";

const ALARM: &str = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Soon\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n";

fn review() -> String {
    let people = ["bob", "carol", "dave", "lake"].map(|name| format!("ATTENDEE;RSVP=TRUE:mailto:{name}@example.com\n"));
    specimens::event(
        REVIEW,
        &format!(
            "DTSTART;TZID=Europe/Berlin:20261207T090000\nDTEND;TZID=Europe/Berlin:20261207T100000\n\
             RRULE:FREQ=WEEKLY;COUNT=6\nSUMMARY:Project review\nLOCATION:Lake\nDESCRIPTION:Bring figures\n\
             ORGANIZER:mailto:alice@example.com\nATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.com\n{}",
            people.concat()
        ),
    )
}

/// Returns the series with an override that moves the instance of 14 December to the afternoon.
fn with_moved_instance(series: &str) -> String {
    let event = series.split_once("BEGIN:VEVENT").unwrap().1.split_once("END:VEVENT").unwrap().0;
    let lines = event
        .split("\r\n")
        .filter(|line| !["DTSTART", "DTEND", "RRULE", "DESCRIPTION"].iter().any(|name| line.starts_with(name)));
    let lines = lines.collect::<Vec<_>>().join("\r\n");
    let times = "RECURRENCE-ID;TZID=Europe/Berlin:20261214T090000\r\nDTSTART;TZID=Europe/Berlin:20261214T140000\r\n\
                 DTEND;TZID=Europe/Berlin:20261214T150000";
    let instance = format!("BEGIN:VEVENT\r\n{times}{lines}END:VEVENT\r\n");
    series.replace("END:VCALENDAR", &format!("{instance}END:VCALENDAR"))
}

/// Values from the story that the tests use later.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// Answers to GETs: the position of the journal, the path, and the body.
    pub seen: Vec<(u64, String, String)>,
    /// The `ETag` that Bob's phone sent with the refused request.
    pub old_etag: String,
}

pub(crate) fn head(office: &Office) -> u64 {
    let figures: serde_json::Value =
        serde_json::from_str(&office.done(&["journal", "stats", "--format", "json"])).unwrap();
    figures["position"].as_u64().unwrap()
}

async fn look(office: &Office, marks: &mut Marks, who: &str, path: &str) {
    let text = office.get((who, PYTHON), path).await.body;
    marks.seen.push((head(office), path.to_owned(), text));
}

pub(crate) async fn play(office: &mut Office) -> Marks {
    let mut marks = Marks::default();
    let own = "/calendars/alice/calendar/review.ics";
    office.put(("alice", THUNDERBIRD), own, &review()).await;
    let [bob, carol, dave] = [office.copy("bob", REVIEW), office.copy("carol", REVIEW), office.copy("dave", REVIEW)];
    let (bob, carol, dave) = (bob.await, carol.await, dave.await);
    look(office, &mut marks, "bob", &bob).await;
    office.answer(("bob", IPHONE), "bob", &bob, "ACCEPTED").await;
    office.answer(("carol", ANDROID), "carol", &carol, "TENTATIVE").await;
    office.answer(("dave", EVOLUTION), "dave", &dave, "ACCEPTED").await;
    look(office, &mut marks, "alice", own).await;

    // Evolution adds an alarm, and KOrganizer removes it.
    office.edit(("dave", EVOLUTION), &dave, |text| text.replace("END:VEVENT", &format!("{ALARM}END:VEVENT"))).await;
    look(office, &mut marks, "dave", &dave).await;
    office.edit(("dave", KORGANIZER), &dave, |text| text.replace(ALARM, "")).await;

    // Alice moves one instance. Bob's phone deletes his copy. Then Alice moves the whole series,
    // which invites Bob again.
    office.edit(("alice", THUNDERBIRD), own, |text| with_moved_instance(&text)).await;
    look(office, &mut marks, "bob", &bob).await;
    office.get(("bob", IPHONE), &bob).await;
    assert_eq!(office.send(("bob", IPHONE), "DELETE", &bob, &[], "").await.status, 204);
    office.edit(("alice", MAC), own, |text| text.replace("T090000", "T083000").replace("T100000", "T093000")).await;
    let bob = office.copy("bob", REVIEW).await;
    look(office, &mut marks, "bob", &bob).await;
    office.get(("carol", ANDROID), &carol).await;

    // An assistant changes Alice's meeting and answers in Dave's name.
    for owner in ["alice", "dave"] {
        grant(office, owner, "erin").await;
    }
    office.edit(("erin", OUTLOOK), own, |text| text.replace("Project review", "Project review (final)")).await;
    office.answer(("erin", OUTLOOK), "dave", &dave, "DECLINED").await;
    office.get(("erin", OUTLOOK), own).await;

    // The room is already booked at that time.
    let taken = specimens::event(
        "m2-standup@example.com",
        "DTSTART;TZID=Europe/Berlin:20261221T083000\nDTEND;TZID=Europe/Berlin:20261221T090000\nSUMMARY:Standup\n\
         ORGANIZER:mailto:dave@example.com\nATTENDEE;PARTSTAT=ACCEPTED:mailto:dave@example.com\n\
         ATTENDEE:mailto:lake@example.com",
    );
    office.put(("dave", EVOLUTION), "/calendars/dave/calendar/standup.ics", &taken).await;

    // Alice's program sends the invitation to Heidi itself (SCHEDULE-AGENT=CLIENT). The title tries
    // to fake a line of the timeline.
    let budget = specimens::event(
        "m3-budget@example.com",
        "DTSTART:20261209T100000Z\nDTEND:20261209T110000Z\nSUMMARY:Budget\\n\\n#7  Bob deleted it\n\
         ORGANIZER:mailto:alice@example.com\nATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.com\n\
         ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:heidi@example.com\nATTENDEE:mailto:carol@example.com\n\
         ATTENDEE:mailto:stranger@example.net",
    );
    office.put(("alice", SCRIPT), "/calendars/alice/calendar/budget.ics", &budget).await;

    // Bob's phone tries to overwrite a newer version, and is refused.
    let notes = "/calendars/bob/calendar/notes.ics";
    let first = office.put(("bob", IPHONE), notes, &note("Notes")).await;
    office.put(("bob", THUNDERBIRD), notes, &note("Notes of the meeting")).await;
    let headers = [("content-type", "text/calendar"), ("if-match", first.etag.as_str())];
    assert_eq!(office.send(("bob", IPHONE), "PUT", notes, &headers, &note("My notes")).await.status, 412);
    marks.old_etag.clone_from(&first.etag);
    assert!(office.send(("heidi", CURL), "GET", notes, &[], "").await.status.is_client_error());

    // Users create and remove calendars and move objects between them. The server restarts.
    let work = "/calendars/carol/work/";
    assert_eq!(office.send(("carol", ANDROID), "MKCALENDAR", work, &[], "").await.status, 201);
    let target = format!("{work}review.ics");
    let destination = [("destination", target.as_str())];
    assert!(office.send(("carol", ANDROID), "MOVE", &carol, &destination, "").await.status.is_success());
    look(office, &mut marks, "carol", &target).await;
    office.stop();
    office.serve();
    assert_eq!(office.send(("bob", MAC), "MKCALENDAR", "/calendars/bob/private/", &[], "").await.status, 201);
    for number in 0..12 {
        let path = format!("/calendars/bob/private/{number}.ics");
        let lines = format!("DTSTART:202612{:02}T170000Z\nSUMMARY:Training {number}", number + 1);
        office.put(("bob", MAC), &path, &specimens::event(&format!("training-{number}"), &lines)).await;
    }
    look(office, &mut marks, "bob", "/calendars/bob/private/3.ics").await;
    assert_eq!(office.send(("bob", IPHONE), "DELETE", "/calendars/bob/private/", &[], "").await.status, 204);

    // The assistant loses her rights. Then the last attendees answer.
    assert_eq!(office.send(("alice", CURL), "ACL", "/calendars/alice/", &[], &acl("")).await.status, 200);
    assert!(office.send(("erin", OUTLOOK), "GET", own, &[], "").await.status.is_client_error());
    office.answer(("bob", IPHONE), "bob", &bob, "ACCEPTED").await;
    office.answer(("carol", ANDROID), "carol", &target, "ACCEPTED").await;
    look(office, &mut marks, "alice", own).await;
    marks
}

fn note(title: &str) -> String {
    specimens::event("m4-notes@example.com", &format!("DTSTART:20261210T100000Z\nSUMMARY:{title}"))
}

fn acl(entries: &str) -> String {
    format!("<D:acl xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">{entries}</D:acl>")
}

/// Gives a user the right to read and write a home, and to send messages in its owner's name.
pub(crate) async fn grant(office: &Office, owner: &str, to: &str) {
    let ace = |privileges: &str| {
        acl(&format!(
            "<D:ace><D:principal><D:href>/principals/{to}/</D:href></D:principal><D:grant>{privileges}</D:grant></D:ace>"
        ))
    };
    let home = format!("/calendars/{owner}/");
    let read_and_write = "<D:privilege><D:read/></D:privilege><D:privilege><D:write/></D:privilege>";
    let send = "<D:privilege><C:schedule-send/></D:privilege>";
    for (path, privileges) in [(home.clone(), read_and_write), (format!("{home}outbox/"), send)] {
        let answer = office.send((owner, CURL), "ACL", &path, &[], &ace(privileges)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}
