//! Served rows compared with those that the journal makes.

use projections::ReadModels;

use super::given::Story;

fn differences(story: &Story, spoil: impl FnOnce(&std::path::Path)) -> Vec<projections::Difference> {
    let folder = tempfile::tempdir().unwrap();
    let (models, mut projector) = ReadModels::open(folder.path()).unwrap();
    projector.apply(&story.events).unwrap();
    spoil(folder.path());
    let apart = tempfile::tempdir().unwrap();
    let mut comparison = models.compare(apart.path()).unwrap();
    assert_eq!(comparison.until(), story.last());
    story.events.chunks(2).for_each(|batch| comparison.apply(batch).unwrap());
    let found = comparison.differences().unwrap();
    assert_eq!(std::fs::read_dir(apart.path()).unwrap().count(), 0, "nothing is left behind");
    found
}

fn story() -> Story {
    let ics = specimens::event("1", "DTSTART:20260107T120000Z\nSUMMARY:Lunch");
    let story = Story::of_two_calendars().put("work", "1.ics", "1", &ics).put("work", "2.ics", "2", "two");
    story.remove("work", "2.ics", "2").put("private", "3.ics", "1", &ics).rename("work", "job")
}

#[test]
fn read_models_that_the_projector_wrote_have_no_difference() {
    assert_eq!(differences(&story(), |_| ()), []);
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
        let found = differences(&story(), |folder| {
            let file = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let is_meant = |path: &std::path::PathBuf| {
                let name = path.file_name().unwrap().to_str().unwrap();
                name.starts_with(model) && name.ends_with(".sqlite")
            };
            let file = file.into_iter().find(is_meant).unwrap();
            rusqlite::Connection::open(file).unwrap().execute(sql, []).unwrap();
        });
        assert_eq!(found.len(), 1, "{sql}: {found:?}");
        assert_eq!((found[0].model, found[0].is_served), (model, is_served), "{sql}: {found:?}");
        assert!(found[0].row.contains(shown), "{sql}: {found:?}");
    }
}
