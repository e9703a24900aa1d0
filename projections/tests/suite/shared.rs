//! Tests of long texts that many members have in common: each is stored once, and found by every
//! member.

use rusqlite::Connection;
use schemas::collection::CollectionKind;

use super::given::{Models, Story, body, names};

/// Returns a text that is long enough to be shared.
fn long(title: &str) -> String {
    format!("{title}\n{}", "an attendee\n".repeat(500))
}

/// Returns the number of shared texts.
fn kept(models: Models) -> usize {
    let folder = models.close();
    let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let file = files.into_iter().find(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("collections.") && name.ends_with(".sqlite")
    });
    let rows = Connection::open(file.unwrap()).unwrap();
    rows.query_row("SELECT count(*) FROM shared", [], |row| row.get(0)).unwrap()
}

#[test]
fn everybody_reads_a_text_that_is_kept_once() {
    let text = long("invitation");
    let story = Story::of_two_calendars()
        .create("inbox", CollectionKind::Inbox)
        .put("work", "1.ics", "1", &text)
        .put("private", "2.ics", "2", &text)
        .receive(Some("3.ics"), "3", &text)
        .put("work", "4.ics", "4", "short");
    story.with_each(|models| {
        for (collection, name) in [("work", "1.ics"), ("private", "2.ics"), ("inbox", "3.ics")] {
            assert_eq!(body(models, collection, name).as_ref(), Some(&text), "{collection}");
        }
        assert_eq!(body(models, "work", "4.ics").as_deref(), Some("short"));
    });
    assert_eq!(kept(story.live()), 1);
}

#[test]
fn a_text_stands_as_long_as_somebody_has_it() {
    let (text, other) = (long("invitation"), long("another"));
    let both = || Story::of_two_calendars().put("work", "1.ics", "1", &text).put("private", "2.ics", "2", &text);
    let rows = [
        ("one changed", both().put("work", "1.ics", "1", &other), Some(text.clone()), 2),
        ("one became short", both().put("work", "1.ics", "1", "short"), Some(text.clone()), 1),
        ("one is gone", both().remove("work", "1.ics", "1"), Some(text.clone()), 1),
        ("its calendar is gone", both().remove_collection("work"), Some(text.clone()), 1),
        ("put once more", both().put("private", "2.ics", "2", &text), Some(text.clone()), 1),
        ("moved", both().shift("2", ("private", "2.ics"), ("work", "2.ics")), None, 1),
        ("all are gone", both().remove("work", "1.ics", "1").remove_collection("private"), None, 0),
    ];
    for (title, story, second, count) in rows {
        story.with_each(|models| assert_eq!(body(models, "private", "2.ics"), second, "{title}"));
        assert_eq!(kept(story.live()), count, "{title}");
        assert_eq!(kept(story.resumed()), count, "{title}, after a start");
    }
}

#[test]
fn what_moves_takes_its_text_along() {
    let text = long("invitation");
    let story =
        Story::of_two_calendars().put("work", "1.ics", "1", &text).shift("1", ("work", "1.ics"), ("private", "1.ics"));
    story.with_each(|models| {
        assert_eq!(names(models, "work"), Vec::<String>::new());
        assert_eq!(body(models, "private", "1.ics").as_ref(), Some(&text));
    });
}
