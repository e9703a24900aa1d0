//! The way into the journal: by UID and by request.

use schemas::{
    CollectionEvent, Event, ObjectEvent, ObjectId, Position, PrincipalEvent, PrincipalId, Stream, event::Nothing,
};
use uuid::Uuid;

use super::given::{Story, anna, calendar, content, object, place};

fn bobs_copy(story: Story, uid: &str) -> Story {
    let bob = PrincipalId(Uuid::from_u128(0xb));
    let put = schemas::object::ObjectPut {
        home: bob,
        place: place("elsewhere", "1.ics"),
        uid: uid.to_owned(),
        component: "VEVENT".to_owned(),
        content: content("one"),
    };
    story.then(Stream::Object(ObjectId::derive(bob, uid)), Event::Object(ObjectEvent::Put(put)))
}

#[test]
fn everything_about_a_uid_is_found_in_all_homes_and_in_order() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one").put("work", "2.ics", "2", "two");
    let story = bobs_copy(story, "1").remove("work", "1.ics", "1");
    story.told(|models| {
        assert_eq!(models.timeline_of_uid("1").unwrap(), [30, 50, 60].map(Position));
        assert_eq!(models.timeline_of_uid("2").unwrap(), [Position(40)]);
        assert_eq!(models.timeline_of_uid("3").unwrap(), []);
        let bob = PrincipalId(Uuid::from_u128(0xb));
        let streams = [object("1"), ObjectId::derive(bob, "1")].map(Stream::Object);
        assert_eq!(models.streams_of_uid("1").unwrap(), streams);
    });
}

#[test]
fn an_object_that_began_in_the_inbox_is_found_by_its_uid() {
    Story::default().receive(None, "1", "one").remove("work", "1.ics", "1").told(|models| {
        assert_eq!(models.timeline_of_uid("1").unwrap(), [10, 20].map(Position));
    });
}

#[test]
fn everything_one_request_brought_about_is_found_whatever_it_is_about() {
    let story = Story::of_two_calendars()
        .put("work", "1.ics", "1", "one")
        .remove("work", "1.ics", "1")
        .because_of(77)
        .remove_collection("work")
        .because_of(77)
        .then(Stream::Principal(anna()), Event::Principal(PrincipalEvent::Retired(Nothing {})))
        .because_of(77)
        .then(Stream::Collection(calendar("private")), Event::Collection(CollectionEvent::Removed(Nothing {})));
    story.told(|models| {
        assert_eq!(models.timeline_of_correlation(Uuid::from_u128(77)).unwrap(), [40, 50, 60].map(Position));
        assert_eq!(models.timeline_of_correlation(Uuid::from_u128(78)).unwrap(), []);
    });
}
