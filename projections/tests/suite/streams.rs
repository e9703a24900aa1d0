//! Tests of finding the streams that contain copies of an object.

use schemas::{Event, ObjectEvent, ObjectId, PrincipalId, Stream};
use uuid::Uuid;

use super::given::{Story, content, object, place};

fn bobs_copy(story: Story, uid: &str) -> Story {
    let bob = PrincipalId(Uuid::from_u128(0xb));
    let put = schemas::object::ObjectPut {
        home: bob,
        place: place("elsewhere", "1.ics"),
        uid: uid.to_owned(),
        component: "VEVENT".to_owned(),
        content: content("one"),
        sent: None,
        edits: vec![],
        imported: None,
        copied: None,
    };
    story.then(Stream::Object(ObjectId::derive(bob, uid)), Event::Object(ObjectEvent::Put(put)))
}

#[test]
fn the_streams_of_a_uid_are_found_in_all_homes_and_in_order() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one").put("work", "2.ics", "2", "two");
    let story = bobs_copy(story, "1").remove("work", "1.ics", "1").put("work", "3.ics", "1", "one again");
    story.with_each(|models| {
        let bob = PrincipalId(Uuid::from_u128(0xb));
        let streams = [object("1"), ObjectId::derive(bob, "1")].map(Stream::Object);
        assert_eq!(models.streams_of_uid("1").unwrap(), streams);
        assert_eq!(models.streams_of_uid("2").unwrap(), [Stream::Object(object("2"))]);
        assert_eq!(models.streams_of_uid("3").unwrap(), []);
    });
}

#[test]
fn an_object_whose_first_event_is_a_message_is_found_by_its_uid() {
    Story::default().receive(None, "1", "one").with_each(|models| {
        assert_eq!(models.streams_of_uid("1").unwrap(), [Stream::Object(object("1"))]);
    });
}
