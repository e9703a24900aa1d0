//! Tests of meetings whose last change is older than the changes of many other meetings.

use crate::office::{IPHONE, Office};

/// The number of later meetings. It is more than `find` expands to search for an instance on a day.
const LATER: usize = 600;

fn event(uid: &str, day: u32) -> String {
    specimens::event(uid, &format!("DTSTART:202612{day:02}T100000Z\nSUMMARY:Meeting {uid}"))
}

/// Returns one calendar with many meetings.
fn later_meetings() -> String {
    let of = |number| {
        let text = event(&format!("later-{number}"), 2);
        let (_, component) = text.split_once("BEGIN:VEVENT").unwrap();
        format!("BEGIN:VEVENT{}", component.replace("END:VCALENDAR\r\n", ""))
    };
    let components: String = (0..LATER).map(of).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n{components}END:VCALENDAR\r\n")
}

#[tokio::test]
async fn what_a_log_names_leads_to_a_meeting_of_long_ago() {
    let office = Office::open();
    let path = "/calendars/alice/calendar/old.ics";
    let etag = office.put(("alice", IPHONE), path, &event("old", 1)).await.etag;
    let file = office.data().with_file_name("later.ics");
    std::fs::write(&file, later_meetings()).unwrap();
    let imported = office.done(&["import", "alice", "calendar", file.to_str().unwrap()]);
    assert!(imported.contains("600 created"), "{imported}");
    for named in [format!("etag:{etag}"), format!("href:{path}"), "on:2026-12-01".to_owned()] {
        let found = office.done(&["find", &named]);
        assert!(found.starts_with("old  “Meeting old”") && found.lines().count() == 1, "{named}: {found}");
    }
    let many = office.done(&["find", "on:2026-12-02", "--limit", "1000"]);
    assert!(many.ends_with(
        "\nOnly recently changed meetings were searched: add a word or a person, or search all with --thorough.\n"
    ));
    assert_eq!(many.lines().count(), 501, "{many}");
    let all = office.done(&["find", "on:2026-12-02", "--limit", "1000", "--thorough"]);
    assert_eq!(all.lines().count(), LATER, "{all}");
    let told = office.done(&["timeline", path]);
    assert!(told.starts_with("“Meeting old” (old): 1 act"), "{told}");
}
