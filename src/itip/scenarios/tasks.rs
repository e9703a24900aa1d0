//! Tasks go round like events (RFC 5546 §3.4).

use super::world::{World, object};

fn given() -> World {
    let mut world = World::new();
    let task = "DUE:20260105T120000Z\nSUMMARY:Report\nORGANIZER:mailto:anna@example.org\nATTENDEE;RSVP=TRUE:mailto:bob@example.org\n\
        ATTENDEE:mailto:carl@example.org";
    world.put("anna", Some(&object(&[task]))).expect("anna may assign it");
    assert_eq!(world.log(), ["REQUEST to bob carl: invited", "  bob has it, told", "  carl has it, told"]);
    world
}

#[test]
fn a_task_due_at_another_time_is_asked_for_again() {
    let mut world = given();
    world.answer("bob", "ACCEPTED").expect("bob may accept");
    let later = world.copies["anna"].replace("DUE:20260105", "DUE:20260106");
    world.put("anna", Some(&later)).expect("anna may");
    assert_eq!(world.partstats("bob", "bob"), ["NEEDS-ACTION"]);
    assert_eq!(world.lines("carl", "DUE"), ["DUE:20260106T120000Z"]);
}

#[test]
fn what_an_attendee_completes_is_completed_for_all() {
    let mut world = given();
    let done =
        world.copies["bob"].replace("END:VTODO", "COMPLETED:20260104T120000Z\r\nPERCENT-COMPLETE:100\r\nEND:VTODO");
    world.put("bob", Some(&done)).expect("bob may complete it");
    for copy in ["anna", "bob", "carl"] {
        assert_eq!(world.partstats(copy, "bob"), ["COMPLETED"], "{copy}");
    }
    assert_eq!(world.lines("anna", "COMPLETED"), Vec::<String>::new(), "it is not completed for the others");
    let reopened = world.copies["bob"].replace("COMPLETED:20260104T120000Z\r\nPERCENT-COMPLETE:100\r\n", "");
    world.put("bob", Some(&reopened)).expect("bob may reopen it");
    assert_eq!(world.partstats("anna", "bob"), ["IN-PROCESS"]);
}

#[test]
fn a_task_taken_back_is_cancelled() {
    let mut world = given();
    world.log();
    world.put("anna", None).expect("anna may");
    assert_eq!(world.log(), ["CANCEL to bob carl: cancelled", "  bob changed, told", "  carl changed, told"]);
    assert_eq!(world.lines("bob", "STATUS"), ["STATUS:CANCELLED"]);
}
