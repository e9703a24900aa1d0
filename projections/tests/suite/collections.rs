//! Tests of collections: creating, properties, renaming, removing.

use projections::{Collection, Snapshot};
use schemas::{
    CollectionEvent, Event, Position, Stream, Timestamp,
    access::{AccessControlEntry, Effect, Grantee},
    collection::{
        CollectionAclChanged, CollectionCreated, CollectionKind, CollectionPropertiesChanged, Property, PropertyName,
        Settings, Transparency,
    },
};

use super::given::{BEGINNING, Story, anna, calendar, names};

fn property(local: &str, value: &str) -> Property {
    let name = PropertyName { namespace: "DAV:".to_owned(), local: local.to_owned() };
    Property { name, xml: format!("<D:{local} xmlns:D=\"DAV:\">{value}</D:{local}>") }
}

fn gone(snapshot: &Snapshot, since: Position) -> Vec<String> {
    snapshot.gone(anna(), since).unwrap().into_iter().map(|(name, _)| name).collect()
}

fn home(models: &projections::ReadModels) -> Vec<String> {
    models.home(anna()).unwrap().into_iter().map(|collection| collection.name).collect()
}

#[test]
fn a_collection_is_as_it_was_created() {
    let created = CollectionCreated {
        home: anna(),
        name: "work".to_owned(),
        kind: CollectionKind::Calendar,
        components: vec!["VEVENT".to_owned(), "VTODO".to_owned()],
        properties: vec![property("displayname", "Work")],
        settings: Settings { transparency: Some(Transparency::Transparent), ..Settings::default() },
    };
    let story = Story::default()
        .then(Stream::Collection(calendar("work")), Event::Collection(CollectionEvent::Created(created.clone())));
    story.with_each(|models| {
        let expected = Collection {
            id: calendar("work"),
            home: anna(),
            name: created.name.clone(),
            kind: created.kind,
            components: created.components.clone(),
            properties: created.properties.clone(),
            settings: created.settings.clone(),
            acl: vec![],
            inherited: vec![],
            created: Timestamp::from_seconds(BEGINNING + 1),
            modified: Timestamp::from_seconds(BEGINNING + 1),
            born: Position(10),
            changed: Position(10),
            bytes: 0,
            shared_as: None,
        };
        assert_eq!(models.collection(anna(), "work").unwrap(), Some(expected.clone()));
        assert_eq!(models.collection_by_id(calendar("work")).unwrap(), Some(expected.clone()));
        assert_eq!(models.snapshot().unwrap().collection_by_id(calendar("work")).unwrap(), Some(expected.clone()));
        assert_eq!(models.home(anna()).unwrap(), [expected]);
        assert_eq!(models.collection(anna(), "play").unwrap(), None);
    });
}

#[test]
fn the_home_itself_comes_first() {
    let story = Story::of_two_calendars().create("", CollectionKind::Home);
    story.with_each(|models| assert_eq!(home(models), ["", "private", "work"]));
}

#[test]
fn properties_that_are_set_replace_those_of_their_name_and_settings_not_named_stay() {
    let stream = Stream::Collection(calendar("work"));
    let first = CollectionPropertiesChanged {
        set: vec![property("a", "1"), property("b", "1"), property("c", "1")],
        removed: vec![],
        settings: Settings {
            transparency: Some(Transparency::Transparent),
            time_zone: Some("BEGIN:VCALENDAR".to_owned()),
            default_calendar: None,
        },
    };
    let second = CollectionPropertiesChanged {
        set: vec![property("b", "2"), property("d", "2")],
        removed: vec![property("a", "").name, property("never set", "").name],
        settings: Settings { time_zone: Some(String::new()), ..Settings::default() },
    };
    let story = Story::of_two_calendars()
        .then(stream, Event::Collection(CollectionEvent::PropertiesChanged(first)))
        .then(stream, Event::Collection(CollectionEvent::PropertiesChanged(second)));
    story.with_each(|models| {
        let work = models.collection(anna(), "work").unwrap().unwrap();
        assert_eq!(work.properties, [property("c", "1"), property("b", "2"), property("d", "2")]);
        assert_eq!(work.settings.transparency, Some(Transparency::Transparent));
        assert_eq!(work.settings.time_zone.as_deref(), Some(""));
        assert_eq!((work.born, work.changed), (Position(10), Position(40)));
        assert_eq!(work.modified, Timestamp::from_seconds(BEGINNING + 4));
        assert_eq!(models.collection(anna(), "private").unwrap().unwrap().changed, Position(20));
    });
}

#[test]
fn access_control_entries_replace_those_before() {
    let to = |to, privilege: &str| AccessControlEntry {
        to,
        inverted: false,
        effect: Effect::Grant,
        privileges: vec![privilege.to_owned()],
    };
    let first = vec![to(Grantee::Principal(anna()), "write"), to(Grantee::All, "read-free-busy")];
    let second = vec![to(Grantee::Authenticated, "read"), to(Grantee::Owner, "all")];
    let set = |story: Story, entries: &[AccessControlEntry]| {
        let changed = CollectionAclChanged { entries: entries.to_vec() };
        story.then(Stream::Collection(calendar("work")), Event::Collection(CollectionEvent::AclChanged(changed)))
    };
    let once = set(Story::of_two_calendars(), &first);
    let rows = [(once.clone(), first), (set(once.clone(), &second), second), (set(once, &[]), vec![])];
    for (story, expected) in rows {
        story.with_each(|models| {
            let work = models.collection(anna(), "work").unwrap().unwrap();
            assert_eq!((work.acl, work.changed), (expected.clone(), story.last()));
            assert_eq!(models.collection(anna(), "private").unwrap().unwrap().acl, []);
        });
    }
}

#[test]
fn a_renamed_collection_keeps_its_members_and_begins_a_new_story_under_its_new_name() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one").rename("work", "office");
    story.with_each(|models| {
        let office = models.collection(anna(), "office").unwrap().unwrap();
        assert_eq!((office.id, office.born, office.changed), (calendar("work"), Position(40), Position(40)));
        assert_eq!(names(models, "work"), ["1.ics"]);
        assert_eq!(home(models), ["office", "private"]);
        assert_eq!(gone(&models.snapshot().unwrap(), Position(20)), ["work"]);
    });
}

#[test]
fn a_removed_collection_leaves_nothing_but_its_name() {
    let story = Story::of_two_calendars()
        .put("work", "1.ics", "1", "one")
        .put("private", "2.ics", "2", "two")
        .remove_collection("work");
    story.with_each(|models| {
        assert_eq!(home(models), ["private"]);
        assert_eq!(models.collection_by_id(calendar("work")).unwrap(), None);
        assert_eq!(names(models, "work"), [""; 0]);
        assert_eq!(names(models, "private"), ["2.ics"]);
        let rows = [(Position(20), vec!["work".to_owned()]), (story.last(), vec![])];
        for (since, expected) in rows {
            assert_eq!(gone(&models.snapshot().unwrap(), since), expected);
        }
        assert_eq!(models.overlapping(calendar("work"), None, None).unwrap(), []);
    });
}

#[test]
fn a_collection_made_again_under_its_name_is_empty_and_not_gone() {
    let story = Story::of_two_calendars()
        .put("work", "1.ics", "1", "one")
        .remove("work", "1.ics", "1")
        .put("work", "2.ics", "2", "two")
        .remove_collection("work")
        .create("work", CollectionKind::Calendar);
    story.with_each(|models| {
        assert_eq!(models.collection(anna(), "work").unwrap().unwrap().born, story.last());
        assert_eq!(names(models, "work"), [""; 0]);
        let snapshot = models.snapshot().unwrap();
        assert_eq!(gone(&snapshot, Position::START), [""; 0]);
        assert_eq!(snapshot.replaced(anna(), Position::START).unwrap(), ["work"]);
        assert_eq!(snapshot.replaced(anna(), story.last()).unwrap(), [""; 0]);
        let changes = snapshot.changes(calendar("work"), Position::START, usize::MAX).unwrap();
        assert_eq!((changes.changed, changes.removed), (vec![], vec![]));
    });
}

#[test]
fn a_name_that_is_taken_stays_with_the_earlier_and_the_later_is_reachable_under_another() {
    let story = Story::of_two_calendars().create("x", CollectionKind::Calendar).rename("x", "work").rename("x", "work");
    story.with_each(|models| {
        assert_eq!(home(models), ["private", "work", "work-2"]);
        assert_eq!(models.collection(anna(), "work").unwrap().unwrap().id, calendar("work"));
        assert_eq!(models.collection(anna(), "work-2").unwrap().unwrap().id, calendar("x"));
        assert_eq!(gone(&models.snapshot().unwrap(), Position::START), ["x"]);
    });
}
