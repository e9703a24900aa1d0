//! Tests of the personal data that sharees have for the objects of a shared calendar.

use projections::{Member, ReadModels, Viewed};
use schemas::{
    Position, ShareEvent,
    event::Nothing,
    share::{PersonalData, SharePersonalDataChanged},
};

use crate::{
    given::{Story, calendar, object, place},
    offered::{accepted, happened, share},
};

const ALARM: &str = "BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n";

fn text(uid: &str) -> String {
    specimens::event(uid, "DTSTART:20260105T120000Z")
}

/// Returns a story with Anna's events `1` and `2`, whose resources are `1.ics` and `2.ics`. Bob has
/// an alarm for the first one.
fn kept() -> Story {
    let story = accepted().put("work", "1.ics", "1", &text("1")).put("work", "2.ics", "2", &text("2"));
    keep(story, "1", &[ALARM])
}

fn keep(story: Story, uid: &str, alarms: &[&str]) -> Story {
    let alarms: Vec<_> = alarms.iter().map(ToString::to_string).collect();
    let data = PersonalData { alarms, ..PersonalData::default() };
    let changed = SharePersonalDataChanged {
        object: object(uid),
        place: place("work", &format!("{uid}.ics")),
        uid: uid.to_owned(),
        data: vec![data],
    };
    happened(story, ShareEvent::PersonalDataChanged(changed))
}

fn bobs() -> Viewed {
    Viewed::by_sharee(calendar("work"), share())
}

fn has_alarm(models: &ReadModels, name: &str) -> bool {
    let seen = models.member_with_body(bobs(), name).unwrap();
    seen.is_some_and(|(_, body)| body.contains("VALARM"))
}

#[test]
fn a_sharee_sees_an_object_with_their_data_and_a_tag_for_both() {
    let story = kept();
    story.with_each(|models| {
        let (seen, body) = models.member_with_body(bobs(), "1.ics").unwrap().unwrap();
        let own = models.member(calendar("work"), "1.ics").unwrap().unwrap();
        assert_eq!(seen.etag, format!("{}-{}", own.etag, story.last()));
        assert_eq!((seen.size, seen.changed, body.contains(ALARM)), (body.len(), story.last(), true));
        assert!(own.changed < seen.changed && own.size < seen.size);
        let (other, _) = models.member_with_body(bobs(), "2.ics").unwrap().unwrap();
        assert_eq!(Some(other), models.member(calendar("work"), "2.ics").unwrap(), "nothing is kept for it");
    });
}

#[test]
fn data_end_with_the_object_and_with_the_share() {
    let to = |collection: &'static str, name: &'static str| kept().shift("1", ("work", "1.ics"), (collection, name));
    to("work", "3.ics").with_each(|models| assert!(has_alarm(models, "3.ics"), "another name"));
    let back = |story: Story| story.shift("1", ("private", "1.ics"), ("work", "1.ics"));
    let ended = [
        ("moved away and back", back(to("private", "1.ics"))),
        ("removed and stored again", kept().remove("work", "1.ics", "1").put("work", "1.ics", "1", &text("1"))),
        ("replaced", kept().put("work", "1.ics", "3", &text("3")).put("work", "1.ics", "1", &text("1"))),
        ("the calendar is gone", kept().remove_collection("work")),
        (
            "kept for what is gone",
            keep(kept().remove("work", "1.ics", "1"), "1", &[ALARM]).put("work", "1.ics", "1", &text("1")),
        ),
        ("declined", happened(kept(), ShareEvent::Declined(Nothing {}))),
        ("taken back", happened(kept(), ShareEvent::Withdrawn(Nothing {}))),
        ("replaced by nothing", keep(kept(), "1", &[])),
    ];
    for (title, story) in ended {
        story.with_each(|models| assert!(!has_alarm(models, "1.ics"), "{title}"));
    }
}

#[test]
fn the_changes_of_a_sharee_are_those_of_the_objects_and_of_their_data() {
    let story = kept();
    let data_at = story.last();
    let story = story.put("work", "2.ics", "2", &specimens::event("2", "DTSTART:20260105T130000Z"));
    let after = |models: &ReadModels, viewed: Viewed, since: Position, limit: usize| {
        let changes = models.snapshot().unwrap().changes(viewed, since, limit).unwrap();
        let names: Vec<_> = changes.changed.iter().map(|Member { name, .. }| name.clone()).collect();
        (names.join(" "), changes.up_to, changes.truncated)
    };
    story.with_each(|models| {
        let before = data_at.previous();
        let last = story.last();
        assert_eq!(after(models, bobs(), before, 9), ("1.ics 2.ics".to_owned(), last, false));
        assert_eq!(after(models, bobs(), Position(0), 1), ("1.ics".to_owned(), data_at, true));
        assert_eq!(after(models, bobs(), data_at, 1), ("2.ics".to_owned(), last, false));
        assert_eq!(after(models, bobs(), last, 9), (String::new(), last, false));
        assert_eq!(after(models, calendar("work").into(), before, 9), ("2.ics".to_owned(), last, false));
    });
    let story = keep(story, "1", &[ALARM]);
    story.with_each(|models| {
        let last = story.last();
        assert_eq!(after(models, bobs(), data_at, 9), ("2.ics 1.ics".to_owned(), last, false));
        assert_eq!(after(models, bobs(), last, 9), (String::new(), last, false));
    });
}
