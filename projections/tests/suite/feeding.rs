//! How far the read models have come, and what stops them.

use std::time::Duration;

use projections::Failure;
use schemas::{CollectionEvent, Event, Position, Stream, event::Nothing};

use super::given::{Story, Told, anna, names};

/// The last event stands in a stream where it means nothing.
fn broken(story: Story) -> Story {
    story
        .put("work", "2.ics", "2", "two")
        .then(Stream::Principal(anna()), Event::Collection(CollectionEvent::Removed(Nothing {})))
}

#[test]
fn an_event_that_cannot_be_applied_stops_the_feed_and_leaves_nothing_of_its_batch() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one");
    let mut told = story.live();
    let failure = told.feed.apply(&broken(story.clone()).events).unwrap_err();
    assert!(matches!(failure, Failure::Apply { projection: "collections", position: Position(50), .. }), "{failure}");
    assert_eq!(
        failure.to_string(),
        "the projection `collections` could not apply the event at position 50: \
         `calendar-removed.v1` does not belong in the stream `principal-00000000-0000-0000-0000-00000000000a`"
    );
    assert_eq!((told.position(), told.feed.checkpoint()), (Position(30), Position(30)));
    assert_eq!(names(&told, "work"), ["1.ics"]);

    let mut told = told.again();
    told.feed.apply(&story.put("work", "3.ics", "3", "three").events).unwrap();
    assert_eq!(names(&told, "work"), ["1.ics", "3.ics"]);
}

#[test]
fn events_that_were_applied_before_change_nothing() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one").remove("work", "1.ics", "1");
    let mut told = story.live();
    told.feed.apply(&story.events[..3]).unwrap();
    told.feed.apply(&[]).unwrap();
    assert_eq!(names(&told, "work"), [""; 0]);
    assert_eq!(told.position(), Position(40));
}

#[test]
fn events_that_concern_nobody_move_the_position() {
    let story = Story::of_two_calendars().receive(None, "1", "one");
    let mut told = story.live();
    assert_eq!((told.position(), told.feed.checkpoint()), (Position(30), Position(30)));
    told.feed.apply(&story.put("work", "1.ics", "1", "one").events).unwrap();
    assert_eq!(told.position(), Position(40));
}

#[tokio::test]
async fn whoever_waits_goes_on_when_the_position_is_reached() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one");
    let mut told = Told::nothing();
    let models = told.clone();
    let waiting = tokio::spawn(async move { models.wait_for(Position(30), Duration::from_secs(60)).await });
    tokio::task::yield_now().await;
    told.feed.apply(&story.events).unwrap();
    waiting.await.unwrap().unwrap();
    told.wait_for(Position(30), Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn whoever_waits_too_long_is_told_how_far_it_is() {
    let told = Story::of_two_calendars().live();
    let behind = told.wait_for(Position(21), Duration::ZERO).await.unwrap_err();
    assert_eq!((behind.reached, behind.wanted), (Position(20), Position(21)));
    assert_eq!(behind.to_string(), "the read models have reached 20, not 21");
}

#[test]
fn after_a_reset_everything_begins_anew_also_for_those_who_looked_before() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one");
    let mut told = story.live();
    let held = told.snapshot().unwrap();
    assert_eq!(names(&told, "work"), ["1.ics"]);

    told.feed.reset().unwrap();
    assert_eq!((told.position(), told.feed.checkpoint()), (Position::START, Position::START));
    assert_eq!(names(&told, "work"), [""; 0]);
    drop(held);
    told.feed.apply(&Story::of_two_calendars().put("work", "2.ics", "2", "two").events).unwrap();
    for _ in 0..2 {
        assert_eq!(names(&told, "work"), ["2.ics"]);
    }
    assert_eq!(told.timeline_of_uid("1").unwrap(), []);
}
