//! Tests of resources in collections: stored, revised, moved and removed; inbox items.

use projections::{Member, ReadModels};
use schemas::{
    Event, FileEvent, FileId, ObjectEvent, Position, Stream, Timestamp,
    access::{AccessControlEntry, Effect, Grantee},
    collection::{CollectionKind, Property, PropertyName},
    file::{FileRemoved, FileStored},
    object::{Content, ObjectAclChanged, ObjectPropertiesChanged, ObjectRevised, RevisionReason, Role},
};

use super::given::{BEGINNING, Story, anna, body, calendar, content, names, object, place};

fn revise(story: Story, collection: &str, name: &str, uid: &str, content: Content) -> Story {
    let place = place(collection, name);
    let revised = ObjectRevised {
        home: None,
        uid: None,
        place,
        content,
        reason: RevisionReason::Reply,
        message: None,
        automatic: None,
    };
    story.then(Stream::Object(object(uid)), Event::Object(ObjectEvent::Revised(revised)))
}

#[test]
fn a_member_is_as_it_was_put() {
    Story::of_two_calendars().put("work", "1.ics", "1", "one").with_each(|models| {
        let expected = Member {
            object: object("1"),
            name: "1.ics".to_owned(),
            uid: "1".to_owned(),
            component: "VEVENT".to_owned(),
            media_type: None,
            etag: "etag of one".to_owned(),
            schedule_tag: Some("tag of one".to_owned()),
            role: Role::Organizer,
            size: 3,
            created: Timestamp::from_seconds(BEGINNING + 3),
            modified: Timestamp::from_seconds(BEGINNING + 3),
            changed: Position(30),
            born: Position(30),
            acl: vec![],
            properties: vec![],
        };
        let work = calendar("work");
        assert_eq!(models.member(work, "1.ics").unwrap(), Some(expected.clone()));
        let with_body = models.member_with_body(work, "1.ics").unwrap();
        assert_eq!(with_body, Some((expected.clone(), "one".to_owned())));
        assert_eq!(models.members(work, None, 9).unwrap(), [expected]);
        assert_eq!(models.member(work, "2.ics").unwrap(), None);
        assert_eq!(models.member(calendar("private"), "1.ics").unwrap(), None);
        assert_eq!(models.object_places(object("1")).unwrap(), [place("work", "1.ics")]);
        assert_eq!(models.collection(anna(), "work").unwrap().unwrap().changed, Position(30));
    });
}

#[test]
fn putting_again_changes_the_member_and_keeps_when_it_was_created() {
    Story::of_two_calendars().put("work", "1.ics", "1", "one").put("work", "1.ics", "1", "another").with_each(
        |models| {
            let (member, body) = models.member_with_body(calendar("work"), "1.ics").unwrap().unwrap();
            assert_eq!((body.as_str(), member.etag.as_str(), member.size), ("another", "etag of another", 7));
            assert_eq!(member.created, Timestamp::from_seconds(BEGINNING + 3));
            assert_eq!(member.modified, Timestamp::from_seconds(BEGINNING + 4));
            assert_eq!(member.changed, Position(40));
            assert_eq!(names(models, "work"), ["1.ics"]);
        },
    );
}

#[test]
fn the_servers_own_change_brings_new_content_and_tags() {
    let new = Content { schedule_tag: None, role: Role::Attendee, ..content("answered") };
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one");
    revise(story, "work", "1.ics", "1", new).with_each(|models| {
        let (member, body) = models.member_with_body(calendar("work"), "1.ics").unwrap().unwrap();
        assert_eq!((body.as_str(), member.etag.as_str(), member.size), ("answered", "etag of answered", 8));
        assert_eq!((member.schedule_tag, member.role), (None, Role::Attendee));
        assert_eq!((member.uid.as_str(), member.component.as_str()), ("1", "VEVENT"));
        assert_eq!(member.changed, Position(40));
    });
}

#[test]
fn a_removed_member_is_gone() {
    let story = Story::of_two_calendars()
        .put("work", "1.ics", "1", "one")
        .put("work", "2.ics", "2", "two")
        .remove("work", "1.ics", "1");
    story.with_each(|models| {
        assert_eq!(names(models, "work"), ["2.ics"]);
        assert_eq!(body(models, "work", "1.ics"), None);
        assert_eq!(models.object_places(object("1")).unwrap(), []);
        assert_eq!(models.collection(anna(), "work").unwrap().unwrap().changed, story.last());
    });
}

#[test]
fn a_moved_member_stands_where_it_was_moved_to() {
    let story =
        Story::of_two_calendars().put("work", "1.ics", "1", "one").shift("1", ("work", "1.ics"), ("private", "a.ics"));
    story.with_each(|models| {
        assert_eq!(names(models, "work"), [""; 0]);
        let (member, body) = models.member_with_body(calendar("private"), "a.ics").unwrap().unwrap();
        assert_eq!((body.as_str(), member.etag.as_str(), member.changed), ("one", "etag of one", Position(40)));
        assert_eq!(models.object_places(object("1")).unwrap(), [place("private", "a.ics")]);
        for name in ["work", "private"] {
            assert_eq!(models.collection(anna(), name).unwrap().unwrap().changed, Position(40), "{name}");
        }
        assert_eq!(models.overlapping(calendar("private"), None, None).unwrap().len(), 1);
        assert_eq!(models.overlapping(calendar("work"), None, None).unwrap().len(), 0);
    });
}

#[test]
fn a_member_moved_onto_another_takes_its_place() {
    let story = Story::of_two_calendars()
        .put("work", "1.ics", "1", "one")
        .put("work", "2.ics", "2", "two")
        .shift("1", ("work", "1.ics"), ("work", "2.ics"))
        .remove("work", "2.ics", "2");
    story.with_each(|models| {
        assert_eq!(names(models, "work"), ["2.ics"]);
        assert_eq!(body(models, "work", "2.ics").as_deref(), Some("one"));
    });
}

#[test]
fn an_object_may_stand_in_two_collections() {
    Story::of_two_calendars().put("work", "1.ics", "1", "one").put("private", "1.ics", "1", "one").with_each(
        |models| {
            let places = [place("private", "1.ics"), place("work", "1.ics")];
            assert_eq!(models.object_places(object("1")).unwrap(), places);
        },
    );
}

#[test]
fn what_happens_to_a_resource_that_is_not_there_changes_nothing() {
    let before = Story::of_two_calendars().put("work", "1.ics", "1", "one");
    let rows = [
        ("put into no collection", before.clone().put("nowhere", "1.ics", "1", "two")),
        ("revised where it never was", revise(before.clone(), "work", "2.ics", "1", content("two"))),
        ("revised by another object", revise(before.clone(), "work", "1.ics", "2", content("two"))),
        ("removed where it never was", before.clone().remove("work", "2.ics", "1")),
        ("removed by another object", before.clone().remove("work", "1.ics", "2")),
        ("moved from where it never was", before.clone().shift("1", ("private", "1.ics"), ("work", "1.ics"))),
        ("moved to where it is", before.clone().shift("1", ("work", "1.ics"), ("work", "1.ics"))),
    ];
    for (title, story) in rows {
        story.with_each(|models| {
            assert_eq!(names(models, "work"), ["1.ics"], "{title}");
            assert_eq!(body(models, "work", "1.ics").as_deref(), Some("one"), "{title}");
            assert_eq!(models.collection(anna(), "work").unwrap().unwrap().changed, Position(30), "{title}");
        });
    }
}

#[test]
fn a_member_moved_into_a_collection_that_is_gone_is_gone() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one").remove_collection("private").shift(
        "1",
        ("work", "1.ics"),
        ("private", "1.ics"),
    );
    story.with_each(|models| {
        assert_eq!(names(models, "work"), [""; 0]);
        assert_eq!(models.object_places(object("1")).unwrap(), []);
    });
}

#[test]
fn an_inbox_item_is_a_member_of_the_inbox_until_it_is_dismissed() {
    let story = Story::of_two_calendars()
        .create("inbox", CollectionKind::Inbox)
        .receive(Some("a.ics"), "1", "first")
        .receive(Some("b.ics"), "1", "second")
        .receive(None, "1", "silent")
        .dismiss("a.ics", "1");
    story.with_each(|models| {
        assert_eq!(names(models, "inbox"), ["b.ics"]);
        let (member, body) = models.member_with_body(calendar("inbox"), "b.ics").unwrap().unwrap();
        assert_eq!((body.as_str(), member.etag.as_str(), member.uid.as_str()), ("second", "etag of second", "1"));
        assert_eq!((member.role, member.schedule_tag, member.object), (Role::None, None, object("1")));
        assert_eq!(models.collection(anna(), "inbox").unwrap().unwrap().changed, story.last());
    });
}

#[test]
fn inbox_items_come_in_pages_each_once() {
    let mut story = Story::of_two_calendars().create("inbox", CollectionKind::Inbox);
    for name in ["c.ics", "a.ics", "b.ics"] {
        story = story.receive(Some(name), name, name);
    }
    story.with_each(|models| {
        let (mut after, mut found) = (None, vec![]);
        while let Some((_, place)) =
            models.inbox_items(Timestamp(i64::MAX), after.as_ref(), 1).unwrap().pop().filter(|_| found.len() < 4)
        {
            found.push(place.name.clone());
            after = Some(place);
        }
        assert_eq!(found, ["a.ics", "b.ics", "c.ics"]);
    });
}

#[test]
fn members_come_in_pages_in_the_order_of_names() {
    let story = Story::of_two_calendars()
        .put("work", "b.ics", "1", "b")
        .put("work", "a.ics", "2", "a")
        .put("private", "c.ics", "3", "c")
        .put("work", "ä.ics", "4", "ä")
        .put("work", "B.ics", "5", "B");
    story.with_each(|models| {
        let rows: [(Option<&str>, usize, &[&str]); 5] = [
            (None, 10, &["B.ics", "a.ics", "b.ics", "ä.ics"]),
            (None, 2, &["B.ics", "a.ics"]),
            (Some("a.ics"), 2, &["b.ics", "ä.ics"]),
            (Some("aa"), 1, &["b.ics"]),
            (Some("ä.ics"), 2, &[]),
        ];
        for (after, limit, expected) in rows {
            let page = models.members(calendar("work"), after, limit).unwrap();
            let names: Vec<_> = page.iter().map(|member| member.name.as_str()).collect();
            assert_eq!(names, expected, "{limit} after {after:?}");
        }
    });
}

#[test]
fn a_file_is_a_member_with_its_bytes_and_no_calendar_object() {
    let stored = |data: &[u8]| {
        Event::File(FileEvent::Stored(FileStored {
            home: anna(),
            place: place("drafts", "a"),
            media_type: "image/png".to_owned(),
            data: data.to_vec(),
            etag: format!("etag of {}", data.len()),
        }))
    };
    let stream = Stream::File(FileId::derive(&place("drafts", "a")));
    let story = Story::default().create("drafts", CollectionKind::Plain).then(stream, stored(b"png"));
    let story = story.then(stream, stored(&[0xff, 0, 1, 2]));
    story.clone().with_each(|models| {
        let drafts = calendar("drafts");
        let (member, data) = models.file(drafts, "a").unwrap().unwrap();
        assert_eq!((member.media_type.as_deref(), member.size), (Some("image/png"), 4));
        assert_eq!((member.etag.as_str(), data), ("etag of 4", vec![0xff, 0, 1, 2]));
        assert_eq!(models.member_with_body(drafts, "a").unwrap(), None);
        assert!(models.overlapping(drafts, None, None).unwrap().is_empty(), "files are not found by time");
    });
    let removed = Event::File(FileEvent::Removed(FileRemoved { place: place("drafts", "a") }));
    story.then(stream, removed).with_each(|models| {
        assert_eq!(models.file(calendar("drafts"), "a").unwrap(), None);
        assert_eq!(models.members(calendar("drafts"), None, 9).unwrap(), []);
    });
}

#[test]
fn what_belongs_to_a_member_beside_its_content_outlives_a_new_content_and_a_move() {
    let note = |value: &str| Property {
        name: PropertyName { namespace: "urn:x".to_owned(), local: "note".to_owned() },
        xml: format!("<note xmlns=\"urn:x\">{value}</note>"),
    };
    let entry = AccessControlEntry {
        to: Grantee::Authenticated,
        inverted: false,
        effect: Effect::Deny,
        privileges: vec!["read".to_owned()],
    };
    let acl = ObjectAclChanged { home: None, uid: None, place: place("work", "1.ics"), entries: vec![entry.clone()] };
    let properties = |set: &[Property], removed: &[Property]| {
        let removed = removed.iter().map(|property| property.name.clone()).collect();
        let changed = ObjectPropertiesChanged {
            home: None,
            uid: None,
            place: place("work", "1.ics"),
            set: set.to_vec(),
            removed,
        };
        Event::Object(ObjectEvent::PropertiesChanged(changed))
    };
    let stream = Stream::Object(object("1"));
    Story::of_two_calendars()
        .put("work", "1.ics", "1", "one")
        .then(stream, Event::Object(ObjectEvent::AclChanged(acl)))
        .then(stream, properties(&[note("a")], &[]))
        .then(stream, properties(&[note("b")], &[]))
        .put("work", "1.ics", "1", "two")
        .shift("1", ("work", "1.ics"), ("private", "2.ics"))
        .with_each(|models| {
            let member = models.member(calendar("private"), "2.ics").unwrap().unwrap();
            assert_eq!((member.acl, member.properties), (vec![entry.clone()], vec![note("b")]));
            assert_eq!(member.born, Position(30), "it is the same one");
        });
    let size = |models: &ReadModels| models.size(anna(), "work").unwrap();
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one");
    let story = story.then(stream, properties(&[note("a")], &[]));
    story.clone().with_each(|models| assert!(size(models) > 3 + note("a").xml.len() as u64, "properties have a size"));
    story.then(stream, properties(&[], &[note("a")])).with_each(|models| {
        assert_eq!(models.member(calendar("work"), "1.ics").unwrap().unwrap().properties, []);
        assert_eq!(size(models), 3, "of the body alone");
    });
}
