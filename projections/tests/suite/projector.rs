//! Tests of the positions of read models, and of problems that keep one of them from continuing.

use std::time::Duration;

use projections::{Failure, Projector, ReadModels};
use schemas::{CollectionEvent, Event, Position, Stream, event::Nothing};

use super::given::{Models, Story, anna, names};

/// Returns a story whose last event is in a stream of the wrong kind.
fn broken(story: Story) -> Story {
    story
        .put("work", "2.ics", "2", "two")
        .then(Stream::Principal(anna()), Event::Collection(CollectionEvent::Removed(Nothing {})))
}

#[test]
fn a_read_model_that_fails_leaves_nothing_of_its_batch_and_the_others_go_on() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one");
    let mut models = story.live();
    let failure = models.projector.apply(&broken(story.clone()).events).unwrap_err();
    assert!(matches!(failure, Failure::Apply { model: "collections", position: Position(50), .. }), "{failure}");
    assert_eq!(
        failure.to_string(),
        "the read model `collections` could not apply the event at position 50: \
         a `calendar-removed.v1` event does not belong in the stream \
         `principal-00000000-0000-0000-0000-00000000000a`: run `daybook verify`"
    );
    assert_eq!((models.position(), models.projector.checkpoint()), (Position(30), Position(30)));
    assert_eq!(names(&models, "work"), ["1.ics"]);
    let positions = positions(&models);
    let expected = |name| if name == "collections" { 30 } else { 50 };
    assert!(positions.iter().all(|(name, position)| *position == expected(*name)), "{positions:?}");
    assert_eq!(models.streams_of_uid("2").unwrap().len(), 1);

    let mut models = models.again();
    models.projector.apply(&story.put("work", "3.ics", "3", "three").events).unwrap();
    assert_eq!(names(&models, "work"), ["1.ics", "3.ics"]);
}

#[test]
fn a_read_model_that_fails_is_released_and_taken_back_when_it_has_caught_up() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one");
    let mut models = story.live();
    let mut released = models.projector.apply_or_release(&broken(story.clone()).events);
    let (mut follower, failure) = released.pop().unwrap();
    assert!(released.is_empty() && matches!(failure, Some(Failure::Apply { .. })), "{failure:?}");
    assert_eq!((follower.name(), follower.checkpoint()), ("collections", Position(30)));
    assert_eq!(models.projector.checkpoint(), Position(50), "of those that are left");

    let repaired = story.put("work", "2.ics", "2", "two").put("work", "3.ics", "3", "three");
    assert!(models.projector.apply_or_release(&repaired.events).is_empty());
    follower.apply(&repaired.events, Position(50)).unwrap();
    models.projector.take_back(follower);
    assert_eq!((models.position(), models.projector.checkpoint()), (Position(50), Position(50)));
    assert_eq!(names(&models, "work"), ["1.ics", "2.ics", "3.ics"]);
}

fn positions(models: &ReadModels) -> Vec<(&'static str, u64)> {
    models.conditions().into_iter().map(|condition| (condition.name, condition.position.0)).collect()
}

#[test]
fn events_that_were_applied_before_change_nothing() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one").remove("work", "1.ics", "1");
    let mut models = story.live();
    models.projector.apply(&story.events[..3]).unwrap();
    models.projector.apply(&[]).unwrap();
    assert_eq!(names(&models, "work"), [""; 0]);
    assert_eq!(models.position(), Position(40));
}

#[test]
fn events_that_concern_nobody_move_the_position() {
    let story = Story::of_two_calendars().receive(None, "1", "one");
    let mut models = story.live();
    assert_eq!((models.position(), models.projector.checkpoint()), (Position(30), Position(30)));
    models.projector.apply(&story.put("work", "1.ics", "1", "one").events).unwrap();
    assert_eq!(models.position(), Position(40));
}

#[tokio::test]
async fn whoever_waits_goes_on_when_the_position_is_reached() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one");
    let mut models = Models::empty();
    let served = models.clone();
    let waiting = tokio::spawn(async move { served.wait_for(Position(30), Duration::from_secs(60)).await });
    tokio::task::yield_now().await;
    models.projector.apply(&story.events).unwrap();
    waiting.await.unwrap().unwrap();
    models.wait_for(Position(30), Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn whoever_waits_too_long_is_told_how_far_it_is() {
    let models = Story::of_two_calendars().live();
    let behind = models.wait_for(Position(21), Duration::ZERO).await.unwrap_err();
    assert_eq!((behind.reached, behind.wanted), (Position(20), Position(21)));
    assert_eq!(
        behind.to_string(),
        "the read model `collections` has only reached position 20 of the journal, and the request needs 21; try \
         again later"
    );
}

#[test]
fn after_a_reset_everything_begins_anew_also_for_those_who_looked_before() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one");
    let mut models = story.live();
    let held = models.snapshot().unwrap();
    assert_eq!(names(&models, "work"), ["1.ics"]);

    models.projector.reset().unwrap();
    assert_eq!((models.position(), models.projector.checkpoint()), (Position::START, Position::START));
    assert_eq!(names(&models, "work"), [""; 0]);
    drop(held);
    models.projector.apply(&Story::of_two_calendars().put("work", "2.ics", "2", "two").events).unwrap();
    for _ in 0..2 {
        assert_eq!(names(&models, "work"), ["2.ics"]);
    }
    assert_eq!(models.streams_of_uid("1").unwrap(), []);
}

#[test]
fn read_models_for_questions_about_the_past_may_lag_and_requests_need_all_others() {
    let mut models = Models::empty();
    let lagging = models.projector.split_lagging();
    let names = |projector: &Projector| projector.checkpoints().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(&lagging), ["room_utilisation", "search", "versions"]);
    assert_eq!(names(&models.projector), ["shares", "collections", "principals"]);
}

#[test]
fn a_complaint_names_the_read_model_and_says_what_is_wrong() {
    let complaint = |models: &ReadModels| {
        let conditions = models.conditions().into_iter();
        conditions.filter(|condition| condition.name == "collections").find_map(|condition| condition.complaint())
    };
    let models = Story::of_two_calendars().live();
    assert_eq!(complaint(&models), None);
    models.projector.stop("an event cannot be read");
    let expected = "the read model `collections` has stopped at position 20: an event cannot be read";
    assert_eq!(complaint(&models).as_deref(), Some(expected));

    let nothing = tempfile::tempdir().unwrap();
    let looked = ReadModels::look(nothing.path()).unwrap();
    let expected = "the read model `collections` cannot be read: the read model has not been built yet; the next \
        start of the server builds it";
    assert_eq!(complaint(&looked).as_deref(), Some(expected));
}
