//! The files: deleted, damaged, of another version.

use std::{fs, path::Path};

use schemas::Position;

use super::given::{Story, Told, body, names};

const FILES: [&str; 3] = ["collections.v8.sqlite", "principals.v2.sqlite", "timeline.v1.sqlite"];

/// What befalls a file.
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

fn is_whole(told: &Told) {
    assert_eq!(told.position(), Position(40));
    assert_eq!(names(told, "work"), ["1.ics", "2.ics"]);
    assert_eq!(body(told, "work", "2.ics").as_deref(), Some("two"));
    assert_eq!(told.timeline_of_uid("2").unwrap(), [Position(40)]);
}

#[test]
fn deleting_any_file_is_safe() {
    for deleted in FILES {
        let folder = story().live().close();
        assert_eq!(listing(folder.path()), FILES);
        fs::remove_file(folder.path().join(deleted)).unwrap();
        let mut told = Told::in_folder(folder);
        assert_eq!(told.feed.checkpoint(), Position::START, "{deleted}");
        told.feed.apply(&story().events).unwrap();
        is_whole(&told);
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
            let mut told = Told::in_folder(folder);
            assert_eq!(told.feed.checkpoint(), Position::START, "{title}: {file}");
            told.feed.apply(&story().events).unwrap();
            is_whole(&told);
        }
    }
}

#[test]
fn damage_found_while_feeding_stops_the_feed_and_the_next_start_builds_anew() {
    let folder = story().live().close();
    let path = folder.path().join("collections.v8.sqlite");
    rusqlite::Connection::open(path).unwrap().execute_batch("DROP TABLE tombstone").unwrap();
    let mut told = Told::in_folder(folder);
    let next = story().remove("work", "1.ics", "1");
    assert!(told.feed.apply(&next.events).unwrap_err().to_string().contains("no such table: tombstone"));

    let mut told = told.again();
    assert_eq!(told.feed.checkpoint(), Position::START);
    told.feed.apply(&story().events).unwrap();
    is_whole(&told);
}

#[test]
fn files_of_other_versions_stay_until_this_version_was_built() {
    let folder = tempfile::tempdir().unwrap();
    let others = ["collections.v0.sqlite", "timeline.v77.sqlite"];
    let strange = ["collections.sqlite", "notes.txt", "tracker.v1.sqlite"];
    for name in others.iter().chain(&strange) {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let sorted = |names: &[&[&str]]| {
        let mut names: Vec<_> = names.concat().into_iter().map(str::to_owned).collect();
        names.sort();
        names
    };
    let mut told = Told::in_folder(folder);
    assert_eq!(listing(told.folder()), sorted(&[&FILES, &others, &strange]));
    told.feed.apply(&story().events).unwrap();
    let told = told.again();
    assert_eq!(listing(told.folder()), sorted(&[&FILES, &strange]));
}
