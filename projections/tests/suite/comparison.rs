//! Tests of comparing served rows with those of a rebuild from the journal.

use std::path::{Path, PathBuf};

use projections::{Compared, Comparison, ReadModels};

use super::given::Story;

const ALL: [&str; 6] = ["shares", "collections", "principals", "room_utilisation", "search", "versions"];

fn compared(story: &Story, spoil: impl FnOnce(&Path)) -> Compared {
    let folder = tempfile::tempdir().unwrap();
    let (models, mut projector) = ReadModels::open(folder.path()).unwrap();
    projector.apply(&story.events).unwrap();
    drop((models, projector));
    spoil(folder.path());
    let apart = tempfile::tempdir().unwrap();
    let mut comparison = Comparison::begin(folder.path(), apart.path()).unwrap();
    assert_eq!(comparison.until(), story.last());
    story.events.chunks(2).for_each(|batch| comparison.apply(batch).unwrap());
    let found = comparison.finish().unwrap();
    assert_eq!(std::fs::read_dir(apart.path()).unwrap().count(), 0, "nothing is left behind");
    found
}

/// Returns the file of a read model.
fn file(folder: &Path, model: &str) -> PathBuf {
    let is_meant = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with(model) && name.ends_with(".sqlite")
    };
    let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.find(is_meant).unwrap()
}

fn story() -> Story {
    let ics = specimens::event("1", "DTSTART:20260107T120000Z\nSUMMARY:Lunch");
    let story = Story::of_two_calendars().put("work", "1.ics", "1", &ics).put("work", "2.ics", "2", "two");
    story.remove("work", "2.ics", "2").put("private", "3.ics", "1", &ics).rename("work", "job")
}

#[test]
fn read_models_that_the_projector_wrote_have_no_difference() {
    let Compared { names, left_out, differences } = compared(&story(), |_| ());
    assert_eq!((names.as_slice(), left_out.as_slice(), differences.as_slice()), (&ALL[..], &[][..], &[][..]));
}

#[test]
fn a_row_that_was_changed_removed_or_added_is_named() {
    let rows = [
        ("search", "UPDATE meeting SET title = 'Dinner' WHERE title = 'Lunch'", true, "title \"Dinner\""),
        ("search", "DELETE FROM object", false, "meeting 1, part 0"),
        ("search", "UPDATE log SET acts = x'0a'", true, "acts 0a"),
        ("versions", "UPDATE member SET versions = x'04'", true, "versions 04"),
        ("collections", "UPDATE member SET etag = 'forged' WHERE name = '1.ics'", true, "etag \"forged\""),
        ("collections", "DELETE FROM span", false, "begins "),
    ];
    for (model, sql, is_served, shown) in rows {
        let compared = compared(&story(), |folder| {
            rusqlite::Connection::open(file(folder, model)).unwrap().execute(sql, []).unwrap();
        });
        assert!(!compared.is_ok() && compared.left_out.is_empty(), "{sql}");
        let found = compared.differences;
        assert_eq!(found.len(), 1, "{sql}: {found:?}");
        assert_eq!((found[0].model, found[0].is_served), (model, is_served), "{sql}: {found:?}");
        assert!(found[0].row.contains(shown), "{sql}: {found:?}");
    }
}

type Spoil<'a> = &'a dyn Fn(&Path);

#[test]
fn a_read_model_that_cannot_be_compared_is_named_and_the_others_are_compared() {
    let write = |bytes: &'static [u8]| move |file: &Path| std::fs::write(file, bytes).unwrap();
    let other_version = |file: &Path| std::fs::rename(file, file.with_file_name("versions.v1.sqlite")).unwrap();
    let no_checkpoint = |file: &Path| {
        rusqlite::Connection::open(file).unwrap().execute("DROP TABLE checkpoint", []).map(drop).unwrap();
    };
    // Only the pages after the first are overwritten. The first one has the names of the tables.
    let pages = |file: &Path| {
        let mut bytes = std::fs::read(file).unwrap();
        bytes[4_096..].fill(0xa5);
        std::fs::write(file, bytes).unwrap();
    };
    let damages: [(&str, &str, Spoil<'_>); 6] = [
        ("collections", "the read model does not exist: there is no file ", &|file| {
            std::fs::remove_file(file).unwrap();
        }),
        ("search", "the read model is empty: ", &write(b"")),
        (
            "shares",
            "the read model is damaged: ",
            &write(b"no database at all, but some text that is long enough to be one"),
        ),
        ("principals", "the read model is damaged: ", &no_checkpoint),
        ("room_utilisation", "the read model is damaged: ", &pages),
        ("versions", "the read model has version 1, and this program serves version ", &other_version),
    ];
    for (model, why, spoil) in damages {
        let compared = compared(&story(), |folder| spoil(&file(folder, model)));
        assert!(compared.needs_rebuild(), "{model}");
        let Compared { names, left_out, differences } = compared;
        assert_eq!(left_out.len(), 1, "{model}: {left_out:?}");
        assert!(left_out[0].model == model && left_out[0].why.starts_with(why), "{left_out:?}");
        assert_eq!(differences, [], "{model}");
        assert!(names.into_iter().eq(ALL.into_iter().filter(|name| *name != model)), "{model}");
    }
}

#[test]
fn a_read_model_whose_earlier_version_is_still_served_needs_no_rebuild() {
    let compared = compared(&story(), |folder| {
        let file = file(folder, "versions");
        std::fs::rename(&file, file.with_file_name("versions.v5.sqlite")).unwrap();
    });
    assert!(!compared.is_ok() && !compared.needs_rebuild());
    assert_eq!(compared.left_out.len(), 1);
    let left_out = &compared.left_out[0];
    assert_eq!(left_out.model, "versions");
    assert!(left_out.why.starts_with("version 5 of the read model is in use"), "{left_out:?}");
}
