//! How many instances of a series are compared, at the edge.

use super::world::{World, object};
use crate::diff::MAX_COMPARED_INSTANCES;
use crate::times::utc;

/// 2026-01-05T10:00:00Z.
const START: i64 = 1_767_607_200;

#[test]
fn so_many_instances_are_compared_one_by_one() {
    // The excluded instance counts, too.
    for (count, is_asked_again) in [(MAX_COMPARED_INSTANCES - 1, false), (MAX_COMPARED_INSTANCES, true)] {
        let series = format!(
            "DTSTART:20260105T100000Z\nRRULE:FREQ=HOURLY;COUNT={count}\nORGANIZER:mailto:anna@example.org\n\
             ATTENDEE:mailto:bob@example.org\n"
        );
        let mut world = World::new();
        world.put("anna", Some(&object(&[&series]))).expect("anna may invite");
        let answered = world.copies["bob"].replace("ATTENDEE:", "ATTENDEE;PARTSTAT=ACCEPTED:");
        world.put("bob", Some(&answered)).expect("bob may answer");
        let excluded = utc(START + 3_600 * i64::try_from(count).expect("a small number"));
        let longer = format!("COUNT={}\r\nEXDATE:{excluded}", count + 1);
        let changed = world.copies["anna"].replace(&format!("COUNT={count}"), &longer);
        world.put("anna", Some(&changed)).expect("anna may change it");
        assert_eq!(world.copies["anna"].contains("NEEDS-ACTION"), is_asked_again, "{count}");
    }
}
