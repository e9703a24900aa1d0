//! Tests of room utilisation: hours booked and refused, by room and week.

use schemas::{
    Event, PrincipalEvent, Stream,
    collection::CollectionKind,
    principal::{PrincipalKind, PrincipalRegistered, PrincipalRetired, Profile},
};

use super::given::{Story, anna};

/// Returns a story in which Anna is a room, with the calendars `work` and `private`.
fn room() -> Story {
    principal(PrincipalKind::Room)
}

fn principal(kind: PrincipalKind) -> Story {
    let profile = Profile { addresses: vec!["mailto:lake@example.com".to_owned()], ..Profile::default() };
    let registered = PrincipalRegistered { short_name: "lake".to_owned(), kind, profile };
    let registered = Event::Principal(PrincipalEvent::Registered(registered));
    let mut story = Story::default().then(Stream::Principal(anna()), registered);
    for calendar in ["work", "private"] {
        story = story.create(calendar, CollectionKind::Calendar);
    }
    story
}

/// Returns an event from 10:00 to 11:30 on a day in January 2026.
fn event(day: u32, lines: &str) -> String {
    let times = format!("DTSTART:202601{day:02}T100000Z\nDTEND:202601{day:02}T113000Z");
    specimens::event("1", &format!("{times}\n{lines}"))
}

fn invited(day: u32, partstat: &str) -> String {
    event(day, &format!("ORGANIZER:mailto:bob@example.com\nATTENDEE;PARTSTAT={partstat}:MAILTO:lake@example.com"))
}

/// Checks the rows of the table: week, hours booked, hours refused. All rows are of the room
/// `lake`.
fn shows(story: &Story, expected: &[[&str; 3]]) {
    story.with_each(|models| {
        let table = models.table("room_utilisation").unwrap().unwrap();
        assert_eq!(table.columns, ["room", "week", "hours_booked", "hours_refused"]);
        let expected: Vec<_> = expected.iter().map(|[week, booked, refused]| ["lake", week, booked, refused]).collect();
        assert_eq!(table.rows, expected);
    });
}

#[test]
fn what_a_room_accepted_is_booked_and_what_it_declined_is_refused() {
    let story = room()
        .put("work", "1.ics", "1", &invited(5, "ACCEPTED"))
        .put("work", "2.ics", "2", &invited(7, "DECLINED"))
        .put("work", "3.ics", "3", &invited(8, "NEEDS-ACTION"))
        .put("work", "4.ics", "4", &invited(12, "TENTATIVE"))
        .put("work", "5.ics", "5", &event(13, "SUMMARY:closed"))
        .put("work", "6.ics", "6", &event(14, "STATUS:CANCELLED"))
        .put("work", "7.ics", "7", &event(15, "TRANSP:TRANSPARENT"))
        .put("work", "8.ics", "8", "no calendar");
    shows(&story, &[["2026-01-05", "1.5", "1.5"], ["2026-01-12", "3", "0"]]);
}

#[test]
fn a_series_counts_in_each_of_its_weeks_and_an_endless_one_for_a_year() {
    let series = event(5, "RRULE:FREQ=DAILY;INTERVAL=6;COUNT=3");
    let story = room().put("work", "1.ics", "1", &series);
    shows(&story, &[["2026-01-05", "3", "0"], ["2026-01-12", "1.5", "0"]]);
    let endless = room().put("work", "1.ics", "1", &event(5, "RRULE:FREQ=WEEKLY"));
    let rows = endless.live().table("room_utilisation").unwrap().unwrap().rows;
    assert_eq!((rows.len(), rows[57][1].as_str()), (58, "2027-02-08"));
}

#[test]
fn a_resource_that_changes_moves_or_goes_counts_as_it_is() {
    let story = room().put("work", "1.ics", "1", &invited(5, "ACCEPTED"));
    let changed = story.clone().put("work", "1.ics", "1", &invited(12, "DECLINED"));
    shows(&changed, &[["2026-01-12", "0", "1.5"]]);
    let moved = story.clone().shift("1", ("work", "1.ics"), ("private", "2.ics"));
    shows(&moved, &[["2026-01-05", "1.5", "0"]]);
    shows(&moved.clone().remove_collection("work"), &[["2026-01-05", "1.5", "0"]]);
    shows(&moved.clone().remove_collection("private"), &[]);
    shows(&moved.remove("private", "2.ics", "1"), &[]);
    let stayed = story.clone().shift("1", ("work", "1.ics"), ("work", "1.ics"));
    shows(&stayed, &[["2026-01-05", "1.5", "0"]]);
    let retired = PrincipalEvent::Retired(PrincipalRetired::default());
    shows(&story.then(Stream::Principal(anna()), Event::Principal(retired)), &[["2026-01-05", "1.5", "0"]]);
}

#[test]
fn a_calendar_that_was_removed_with_a_collection_above_counts_no_more() {
    let story = room().create("papers", CollectionKind::Plain).create("papers/work", CollectionKind::Calendar);
    let story = story.put("papers/work", "1.ics", "1", &invited(5, "ACCEPTED"));
    let story = story.put("work", "2.ics", "2", &invited(12, "ACCEPTED")).rename("papers", "old");
    shows(&story, &[["2026-01-05", "1.5", "0"], ["2026-01-12", "1.5", "0"]]);
    shows(&story.remove_collection("papers"), &[["2026-01-12", "1.5", "0"]]);
}

#[test]
fn a_person_is_no_room() {
    shows(&principal(PrincipalKind::Individual).put("work", "1.ics", "1", &event(5, "SUMMARY:lunch")), &[]);
}
