//! Days, floating times, daylight saving, zones that nobody else knows.

use super::{World, answered, event, golden, replaced};

fn invited(properties: &str) -> World {
    let mut world = World::default();
    world.put("alice", &event("lunch", properties, &["bob"])).expect("the invitation is stored");
    world.later();
    world
}

#[test]
fn a_whole_day_of_a_series_is_cancelled() {
    let mut world =
        invited("DTSTART;VALUE=DATE:20260107\nDTEND;VALUE=DATE:20260108\nRRULE:FREQ=WEEKLY;COUNT=5\nSUMMARY:Lunch\n");
    let excluded = replaced(&world.copy("alice", "lunch"), &[("SUMMARY", "EXDATE;VALUE=DATE:20260114\r\nSUMMARY")]);
    world.put("alice", &excluded).expect("cancelled");
    golden!(world, "a_whole_day_of_a_series_is_cancelled");
}

#[test]
fn a_time_that_becomes_a_whole_day_is_asked_for_again() {
    let mut world = invited("DTSTART:20260107T120000Z\nDTEND:20260107T130000Z\nSUMMARY:Lunch\n");
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("accepted");
    let day = [
        ("DTSTART:20260107T120000Z", "DTSTART;VALUE=DATE:20260107"),
        ("DTEND:20260107T130000Z", "DTEND;VALUE=DATE:20260108"),
    ];
    let day = replaced(&world.copy("alice", "lunch"), &day);
    world.later().put("alice", &day).expect("changed");
    golden!(world, "a_time_that_becomes_a_whole_day_is_asked_for_again");
}

#[test]
fn another_spelling_of_the_same_end_tells_nobody() {
    let mut world = invited("DTSTART;VALUE=DATE:20260107\nDTEND;VALUE=DATE:20260108\nSUMMARY:Lunch\n");
    let spelled = replaced(&world.copy("alice", "lunch"), &[("DTEND;VALUE=DATE:20260108", "DURATION:P1D")]);
    world.put("alice", &spelled).expect("stored");
    golden!(world, "another_spelling_of_the_same_end_tells_nobody");
}

#[test]
fn an_instance_of_a_floating_series_is_declined() {
    let mut world =
        invited("DTSTART:20260107T120000\nDTEND:20260107T130000\nRRULE:FREQ=DAILY;COUNT=5\nSUMMARY:Lunch\n");
    let excluded = replaced(&world.copy("bob", "lunch"), &[("SUMMARY", "EXDATE:20260109T120000\r\nSUMMARY")]);
    world.put("bob", &excluded).expect("declined");
    golden!(world, "an_instance_of_a_floating_series_is_declined");
}

#[test]
fn instances_on_both_sides_of_a_change_of_the_clocks_are_cancelled() {
    let zoned = "DTSTART;TZID=Europe/Berlin:20260327T120000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5\nSUMMARY:Lunch\n";
    let mut world = invited(zoned);
    let excluded = "EXDATE;TZID=Europe/Berlin:20260328T120000\r\nEXDATE:20260330T100000Z\r\nSUMMARY";
    let excluded = replaced(&world.copy("alice", "lunch"), &[("SUMMARY", excluded)]);
    world.put("alice", &excluded).expect("cancelled");
    golden!(world, "instances_on_both_sides_of_a_change_of_the_clocks_are_cancelled");
}

#[test]
fn a_zone_that_nobody_else_knows_travels_along() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Moon Base\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0123\nTZOFFSETTO:+0123\n\
        END:STANDARD\nEND:VTIMEZONE\n";
    let zone = zone.replace('\n', "\r\n");
    let series = "DTSTART;TZID=Moon Base:20260107T120000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5\nSUMMARY:Lunch\n";
    let ics = event("lunch", series, &["bob"]).replace("BEGIN:VEVENT", &format!("{zone}BEGIN:VEVENT"));
    let mut world = World::default();
    world.put("alice", &ics).expect("stored");
    let excluded = replaced(&world.copy("bob", "lunch"), &[("SUMMARY", "EXDATE:20260108T103700Z\r\nSUMMARY")]);
    world.later().put("bob", &excluded).expect("declined the second");
    golden!(world, "a_zone_that_nobody_else_knows_travels_along");
}

#[test]
fn a_series_that_moves_to_another_zone_is_asked_for_again() {
    let zoned = "DTSTART;TZID=Europe/Berlin:20260107T120000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nSUMMARY:Lunch\n";
    let mut world = invited(zoned);
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("accepted");
    let other = replaced(&world.copy("alice", "lunch"), &[("Europe/Berlin:20260107T12", "Europe/London:20260107T11")]);
    world.later().put("alice", &other).expect("changed");
    golden!(world, "a_series_that_moves_to_another_zone_is_asked_for_again");
}
