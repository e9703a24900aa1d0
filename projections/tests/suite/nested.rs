//! Tests of collections within collections: their names, inherited access control lists, and sizes.

use projections::{Inherited, ReadModels};
use schemas::{
    CollectionEvent, Event, FileEvent, FileId, Position, Stream,
    access::{AccessControlEntry, Effect, Grantee},
    collection::{CollectionAclChanged, CollectionKind},
    file::{FileRemoved, FileStored},
};

use crate::given::{Story, anna, calendar, place};

/// Returns a story with the collection `papers`, which contains the calendar `papers/work` and the
/// collection `papers/old`; the latter contains the calendar `papers/old/work`. `papers2` is not
/// within `papers`.
fn story() -> Story {
    Story::default()
        .create("", CollectionKind::Home)
        .create("papers", CollectionKind::Plain)
        .create("papers/work", CollectionKind::Calendar)
        .create("papers/old", CollectionKind::Plain)
        .create("papers/old/work", CollectionKind::Calendar)
        .create("papers2", CollectionKind::Calendar)
}

fn names(models: &ReadModels) -> Vec<String> {
    models.home(anna()).unwrap().into_iter().map(|collection| collection.name).collect()
}

fn store(story: Story, collection: &str, name: &str, data: &[u8]) -> Story {
    let place = place(collection, name);
    let stream = Stream::File(FileId::derive(&place));
    let (media_type, etag) = ("text/plain".to_owned(), "e".to_owned());
    story.then(
        stream,
        Event::File(FileEvent::Stored(FileStored { home: anna(), place, media_type, data: data.to_vec(), etag })),
    )
}

#[test]
fn what_lies_in_a_collection_goes_where_it_goes() {
    let story = story().put("papers/old/work", "1.ics", "1", "one").rename("papers", "archive");
    story.clone().with_each(|models| {
        let expected = ["", "archive", "archive/old", "archive/old/work", "archive/work", "papers2"];
        assert_eq!(names(models), expected);
        let moved = models.collection(anna(), "archive/old/work").unwrap().unwrap();
        assert_eq!((moved.id, moved.born), (calendar("papers/old/work"), story.last()));
        assert!(models.member(moved.id, "1.ics").unwrap().is_some());
        let gone = models.snapshot().unwrap().gone(anna(), Position(0)).unwrap();
        let gone: Vec<_> = gone.into_iter().map(|(name, _)| name).collect();
        assert_eq!(gone, ["papers", "papers/old", "papers/old/work", "papers/work"]);
    });
}

/// Two servers may give one name to two collections at the same moment.
#[test]
fn what_lies_in_a_collection_whose_name_is_taken_goes_with_it() {
    let moved = story().rename("papers", "papers2");
    let again = moved.clone().rename("papers2", "other").rename("papers", "archive");
    let (then, last) = (moved.last(), again.last());
    again.with_each(|models| {
        let expected = ["", "papers2", "papers2-2", "papers2-2/old", "papers2-2/old/work", "papers2-2/work"];
        assert_eq!(names_then(models, then), expected);
        let expected = ["", "archive", "archive/old", "archive/old/work", "archive/work", "other"];
        assert_eq!(names_then(models, last), expected);
        assert_eq!(names(models), expected);
    });
    moved.with_each(|models| assert_eq!(names(models), names_then(models, then)));
}

fn names_then(models: &ReadModels, at: Position) -> Vec<String> {
    models.collections_as_of(anna(), at).unwrap().into_iter().map(|collection| collection.name).collect()
}

#[test]
fn the_past_knows_what_a_collection_was_called_when_one_above_was_moved_or_removed() {
    let before = story();
    let moved = before.clone().rename("papers", "archive");
    let removed = moved.clone().put("papers/old/work", "1.ics", "1", "one").remove_collection("papers");
    let [then, later, last] = [&before, &moved, &removed].map(Story::last);
    removed.with_each(|models| {
        let names = |at| names_then(models, at);
        assert_eq!(names(then), ["", "papers", "papers/old", "papers/old/work", "papers/work", "papers2"]);
        assert_eq!(names(later), ["", "archive", "archive/old", "archive/old/work", "archive/work", "papers2"]);
        assert_eq!(names(last), ["", "papers2"]);
        assert_eq!(models.members_as_of(calendar("papers/old/work"), last).unwrap(), []);
        let all = models.names_of(calendar("papers/old/work")).unwrap();
        let all: Vec<_> = all.iter().skip(1).map(|(since, name)| (*since, name.as_deref())).collect();
        assert_eq!(all, [(later, Some("archive/old/work")), (last, None)]);
        let shown = models.ever_shown(anna(), "archive/old/work").unwrap();
        assert_eq!((shown.len(), shown[0].collection, shown[0].since), (1, calendar("papers/old/work"), later));
        assert!(shown[0].holds(later) && !shown[0].holds(then) && !shown[0].holds(last));
    });
}

#[test]
fn what_lies_in_a_collection_goes_with_it() {
    story().remove_collection("papers").with_each(|models| assert_eq!(names(models), ["", "papers2"]));
    story().remove_collection("papers/old").with_each(|models| {
        assert_eq!(names(models), ["", "papers", "papers/work", "papers2"]);
    });
}

#[test]
fn entries_are_inherited_from_everything_above_the_nearest_first() {
    let entries = |privilege: &str| {
        let privileges = vec![privilege.to_owned()];
        vec![AccessControlEntry { to: Grantee::All, inverted: false, effect: Effect::Grant, privileges }]
    };
    let set = |story: Story, name: &str, privilege: &str| {
        let changed = CollectionAclChanged { entries: entries(privilege) };
        story.then(Stream::Collection(calendar(name)), Event::Collection(CollectionEvent::AclChanged(changed)))
    };
    let inherited =
        |from: &str, privilege: &str| Inherited { from: from.to_owned(), entries: entries(privilege).into() };
    let story = set(set(set(story(), "", "read"), "papers", "write"), "papers/old/work", "bind");
    let story = set(story, "papers2", "unbind");
    story.with_each(|models| {
        let found = |name: &str| models.collection(anna(), name).unwrap().unwrap().inherited;
        assert_eq!(found("papers/old/work"), [inherited("papers", "write"), inherited("", "read")]);
        assert_eq!(found("papers"), [inherited("", "read")]);
        assert_eq!(found(""), []);
        assert_eq!(models.home(anna()).unwrap()[3].inherited, found("papers/old/work"));
    });
}

#[test]
fn a_collection_weighs_what_lies_in_it_and_below() {
    let story = story().put("papers/work", "1.ics", "1", "12345").put("papers/old/work", "2.ics", "2", "123");
    let story = story.put("papers/work", "1.ics", "1", "1234567").put("papers2", "3.ics", "3", "1");
    let story = store(store(story, "papers", "a", b"12"), "papers", "a", b"1");
    let story = store(story, "", "b", b"1234");
    let weigh = |models: &ReadModels, name: &str| {
        let collection = models.collection(anna(), name).unwrap().unwrap();
        (collection.bytes, models.size(anna(), name).unwrap())
    };
    story.with_each(|models| {
        assert_eq!(weigh(models, "papers/work"), (7, 7));
        assert_eq!(weigh(models, "papers/old"), (0, 3));
        assert_eq!(weigh(models, "papers"), (1, 11));
        assert_eq!(weigh(models, ""), (4, 16));
    });
    let removed = FileRemoved { place: place("papers", "a") };
    let stream = Stream::File(FileId::derive(&removed.place));
    let story =
        story.shift("1", ("papers/work", "1.ics"), ("papers2", "1.ics")).remove("papers/old/work", "2.ics", "2");
    story.then(stream, Event::File(FileEvent::Removed(removed))).with_each(|models| {
        assert_eq!(weigh(models, "papers/work"), (0, 0));
        assert_eq!(weigh(models, "papers"), (0, 0));
        assert_eq!(weigh(models, "papers2"), (8, 8));
        assert_eq!(weigh(models, ""), (4, 12));
    });
}

#[test]
fn a_change_below_is_a_change_of_what_lies_above() {
    let story = story().put("papers/old/work", "1.ics", "1", "one");
    story.with_each(|models| {
        let changed = |name| models.changed_below(anna(), name).unwrap();
        assert_eq!(changed("papers"), story.last());
        assert_eq!(changed(""), story.last());
        assert!(changed("papers/work") < story.last() && changed("papers2") < story.last());
    });
    let removed = story.remove_collection("papers/old");
    removed.with_each(|models| assert_eq!(models.changed_below(anna(), "papers").unwrap(), removed.last()));
}

#[test]
fn a_collection_contains_the_collections_whose_paths_continue_its_own() {
    let rows = [
        ("", "papers", true),
        ("", "papers/old/work", true),
        ("", "", false),
        ("papers", "papers/work", true),
        ("papers", "papers/old/work", true),
        ("papers", "papers", false),
        ("papers", "papers2", false),
        ("papers/old", "papers/work", false),
    ];
    story().with_each(|models| {
        let collection = |name: &str| models.collection(anna(), name).unwrap().unwrap();
        for (name, other, expected) in rows {
            assert_eq!(collection(name).is_above_name(other), expected, "{name:?}, {other:?}");
            assert_eq!(collection(name).is_above(&collection(other)), expected, "{name:?}, {other:?}");
        }
    });
}
