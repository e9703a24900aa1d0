//! Tests with files of read models that are deleted, damaged, or of another version.

use std::{fs, path::Path};

use projections::{Failure, ReadModels};
use rusqlite::Connection;
use schemas::{
    Event, Position, PrincipalEvent, PrincipalId, Stream,
    principal::{PrincipalKind, PrincipalRegistered, Profile},
};
use uuid::Uuid;

use super::given::{Models, Story, body, calendar, names, object};

const FILES: [&str; 6] = [
    "collections.v15.sqlite",
    "principals.v7.sqlite",
    "room_utilisation.v4.sqlite",
    "search.v8.sqlite",
    "shares.v2.sqlite",
    "versions.v6.sqlite",
];

/// A function that damages a file.
type Damage = fn(&Path);

fn story() -> Story {
    Story::of_two_calendars().put("work", "1.ics", "1", "one").put("work", "2.ics", "2", "two")
}

fn listing(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm")).collect();
    names.sort();
    names
}

fn is_whole(models: &Models) {
    assert_eq!(models.position(), Position(40));
    assert_eq!(names(models, "work"), ["1.ics", "2.ics"]);
    assert_eq!(body(models, "work", "2.ics").as_deref(), Some("two"));
    assert_eq!(models.streams_of_uid("2").unwrap(), [Stream::Object(object("2"))]);
}

#[test]
fn deleting_any_file_is_safe() {
    for deleted in FILES {
        let folder = story().live().close();
        assert_eq!(listing(folder.path()), FILES);
        fs::remove_file(folder.path().join(deleted)).unwrap();
        let mut models = Models::in_folder(folder);
        assert_eq!(models.projector.checkpoint(), Position::START, "{deleted}");
        models.projector.apply(&story().events).unwrap();
        is_whole(&models);
    }
}

#[test]
fn a_damaged_file_is_built_anew() {
    let rows: [(&str, Damage); 4] = [
        ("not a database", |path| fs::write(path, "x".repeat(20_000)).unwrap()),
        ("cut off", |path| fs::File::options().write(true).open(path).unwrap().set_len(5_000).unwrap()),
        ("without a table", |path| {
            rusqlite::Connection::open(path).unwrap().execute_batch("DROP TABLE checkpoint").unwrap();
        }),
        ("without a checkpoint", |path| {
            rusqlite::Connection::open(path).unwrap().execute_batch("DELETE FROM checkpoint").unwrap();
        }),
    ];
    for (title, damage) in rows {
        for file in FILES {
            let folder = story().live().close();
            damage(&folder.path().join(file));
            let mut models = Models::in_folder(folder);
            assert_eq!(models.projector.checkpoint(), Position::START, "{title}: {file}");
            models.projector.apply(&story().events).unwrap();
            is_whole(&models);
        }
    }
}

#[test]
fn a_read_model_found_damaged_while_events_are_applied_begins_again() {
    let folder = story().live().close();
    let path = folder.path().join("collections.v15.sqlite");
    rusqlite::Connection::open(path).unwrap().execute_batch("DROP TABLE tombstone").unwrap();
    let mut models = Models::in_folder(folder);
    let next = story().remove("work", "1.ics", "1").put("work", "1.ics", "1", "one");
    models.projector.apply(&next.events).unwrap();
    assert_eq!(models.projector.checkpoint(), Position::START);
    let refused = models.members(calendar("work"), None, 9).unwrap_err();
    assert!(matches!(refused, Failure::Unavailable { model: "collections", .. }), "{refused}");

    models.projector.apply(&story().events).unwrap();
    assert!(models.members(calendar("work"), None, 9).is_err(), "it does not show yet what it showed before");
    models.projector.apply(&next.events).unwrap();
    assert_eq!(names(&models, "work"), ["1.ics", "2.ics"]);
}

#[test]
fn files_of_other_versions_and_earlier_read_models_stay_until_this_version_was_built() {
    let folder = tempfile::tempdir().unwrap();
    let others = ["collections.v0.sqlite", "timeline.v2.sqlite"];
    let strange = ["collections.sqlite", "notes.txt", "tracker.v1.sqlite"];
    for name in others.iter().chain(&strange) {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let sorted = |names: &[&[&str]]| {
        let mut names: Vec<_> = names.concat().into_iter().map(str::to_owned).collect();
        names.sort();
        names
    };
    let mut models = Models::in_folder(folder);
    assert_eq!(listing(models.folder()), sorted(&[&FILES, &others, &strange]));
    models.projector.apply(&story().events).unwrap();
    let models = models.again();
    assert_eq!(listing(models.folder()), sorted(&[&FILES, &strange]));
}

/// Returns all principals, and the streams of all UIDs, as text.
fn whole_view(models: &ReadModels) -> Result<String, Failure> {
    let directory = models.directory();
    let people: Vec<_> = directory.all().iter().collect();
    let streams = ["1", "2"].map(|uid| models.streams_of_uid(uid)).into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(format!("{people:?} {streams:?}"))
}

#[test]
fn flipped_bits_are_noticed_and_the_read_model_is_rebuilt() {
    let mut story = story();
    for number in 0..20 {
        let profile = Profile { display_name: format!("Person {number}"), ..Profile::default() };
        let registered =
            PrincipalRegistered { short_name: format!("person-{number}"), kind: PrincipalKind::Individual, profile };
        let id = Stream::Principal(PrincipalId(Uuid::from_u128(number)));
        story = story.then(id, Event::Principal(PrincipalEvent::Registered(registered)));
    }
    let whole = story.live();
    let expected = whole_view(&whole).unwrap();
    let folder = whole.close();
    for file in ["principals.v7.sqlite", "search.v8.sqlite"] {
        let sound = fs::read(folder.path().join(file)).unwrap();
        let mut noticed = 0;
        for at in (0..sound.len()).step_by(197) {
            let copy = tempfile::tempdir().unwrap();
            for name in FILES {
                fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
            }
            let mut flipped = sound.clone();
            flipped[at] ^= 1 << (at % 8);
            fs::write(copy.path().join(file), &flipped).unwrap();

            let mut models = Models::in_folder(copy);
            drop(whole_view(&models)); // a query may be what finds the damage
            models.check_files(|| true);
            for (mut follower, failure) in models.projector.release_damaged(story.last()) {
                assert!(failure.is_none(), "{file} at {at}: {failure:?}");
                assert!(
                    whole_view(&models).is_err() || follower.name() == "principals",
                    "{file} at {at}: it is served"
                );
                follower.apply(&story.events, story.last()).unwrap();
                models.projector.take_back(follower);
                noticed += 1;
            }
            noticed += usize::from(models.projector.checkpoint() == Position::START);
            models.projector.apply(&story.events).unwrap();
            assert_eq!(whole_view(&models).unwrap(), expected, "{file} at {at}");
        }
        assert!(noticed > 5, "{file}: {noticed}");
    }
}

#[test]
fn read_models_are_looked_at_beside_the_process_that_writes_them() {
    let mut models = story().live();
    let looked = ReadModels::look(models.folder()).unwrap();
    assert_eq!(names(&looked, "work"), names(&models, "work"));
    models.projector.apply(&story().remove("work", "1.ics", "1").events).unwrap();
    assert_eq!(names(&looked, "work"), ["2.ics"], "it sees what is written later");

    let nothing = tempfile::tempdir().unwrap();
    let looked = ReadModels::look(nothing.path()).unwrap();
    let refused = looked.members(calendar("work"), None, 9).unwrap_err();
    assert!(matches!(refused, Failure::Unavailable { model: "collections", .. }), "{refused}");
    assert_eq!(listing(nothing.path()), [""; 0]);
}

#[test]
fn a_check_of_the_files_finds_damage_that_no_question_has_met() {
    let mut models = story().live();
    models.check_files(|| true);
    assert!(models.projector.release_damaged(Position(40)).is_empty(), "nothing is damaged");

    let file = models.folder().join("principals.v7.sqlite");
    Connection::open(file).unwrap().execute("UPDATE checkpoint SET digest = zeroblob(32)", []).unwrap();
    models.check_files(|| false);
    assert!(models.projector.release_damaged(Position(40)).is_empty(), "nothing was checked");
    models.check_files(|| true);
    let damaged = models.projector.release_damaged(Position(40));
    assert_eq!(damaged.iter().map(|(follower, _)| follower.name()).collect::<Vec<_>>(), ["principals"]);
}

#[test]
fn questions_about_the_past_need_three_read_models_whole() {
    let folder = story().live().close();
    let models = ReadModels::look(folder.path()).unwrap();
    let expected = ["principals", "search", "versions"].map(|name| (name, Position(40)));
    let found = models.checkpoints_of_past().unwrap().into_iter();
    assert_eq!(found.map(|(name, checkpoint)| (name, checkpoint.position)).collect::<Vec<_>>(), expected);

    let file = folder.path().join("principals.v7.sqlite");
    Connection::open(file).unwrap().execute("UPDATE checkpoint SET digest = zeroblob(32)", []).unwrap();
    let failure = models.checkpoints_of_past().unwrap_err();
    assert!(matches!(failure, Failure::Damaged(_)), "{failure}");
}
