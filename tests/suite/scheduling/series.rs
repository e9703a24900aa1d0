//! Series: one instance differs.

use super::{World, answered, golden, weekly};

fn invited(people: &[&str]) -> World {
    let mut world = World::default();
    world.put("alice", &weekly(people)).expect("the invitation is stored");
    world.later();
    world
}

#[test]
fn an_excluded_instance_is_cancelled_alone() {
    let mut world = invited(&["bob"]);
    let excluded = world.copy("alice", "lunch").replace("SUMMARY", "EXDATE:20260114T120000Z\r\nSUMMARY");
    world.put("alice", &excluded).expect("changed");
    golden!(world, "an_excluded_instance_is_cancelled_alone");
}

#[test]
fn declining_one_instance_leaves_the_series_accepted() {
    let mut world = invited(&["bob", "carol"]);
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("accepted");
    let series = world.copy("bob", "lunch");
    let declined = "BEGIN:VEVENT\r\nUID:lunch\r\nDTSTAMP:20260105T130000Z\r\nRECURRENCE-ID:20260121T120000Z\r\n\
        DTSTART:20260121T120000Z\r\nDTEND:20260121T130000Z\r\nSUMMARY:Lunch\r\n\
        ORGANIZER:mailto:alice@example.org\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.org\r\n\
        ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org\r\nATTENDEE:mailto:carol@example.org\r\n\
        END:VEVENT\r\nEND:VCALENDAR";
    world.later().put("bob", &series.replace("END:VCALENDAR", declined)).expect("declined");
    golden!(world, "declining_one_instance_leaves_the_series_accepted");
}

#[test]
fn a_busy_room_declines_its_tuesdays_only() {
    let mut world = World::default();
    let daily = weekly(&["lake"]).replace("FREQ=WEEKLY;COUNT=5", "FREQ=DAILY;COUNT=7");
    world.put("alice", &daily).expect("stored");
    golden!(world, "a_busy_room_declines_its_tuesdays_only");
}
