//! Tests of the changes since a sync token (RFC 6578).

use schemas::Position;

use super::given::{Story, calendar};

type Seen = (Vec<String>, Vec<String>, u64, bool);

fn since(story: &Story, since: u64, limit: usize, expect: impl Fn(Seen)) {
    story.with_each(|models| {
        let snapshot = models.snapshot().unwrap();
        let changes = snapshot.changes(calendar("work"), Position(since), limit).unwrap();
        let names = changes.changed.into_iter().map(|member| member.name).collect();
        expect((names, changes.removed, changes.up_to.0, changes.truncated));
    });
}

fn seen(changed: &[&str], removed: &[&str], up_to: u64, truncated: bool) -> Seen {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    (owned(changed), owned(removed), up_to, truncated)
}

#[test]
fn changes_are_told_once_by_their_last_state() {
    let two = Story::of_two_calendars().put("work", "1.ics", "1", "one").put("work", "2.ics", "2", "two");
    let rows = [
        ("nothing happened", two.clone(), 40, seen(&[], &[], 40, false)),
        ("from the beginning", two.clone(), 0, seen(&["1.ics", "2.ics"], &[], 40, false)),
        ("one of two", two.clone(), 30, seen(&["2.ics"], &[], 40, false)),
        ("put twice", two.clone().put("work", "1.ics", "1", "new"), 0, seen(&["2.ics", "1.ics"], &[], 50, false)),
        ("removed", two.clone().remove("work", "1.ics", "1"), 40, seen(&[], &["1.ics"], 50, false)),
        (
            "removed and made again is changed only",
            two.clone().remove("work", "1.ics", "1").put("work", "1.ics", "9", "nine"),
            40,
            seen(&["1.ics"], &[], 60, false),
        ),
        (
            "made and removed",
            two.clone().put("work", "3.ics", "3", "three").remove("work", "3.ics", "3"),
            40,
            seen(&[], &["3.ics"], 60, false),
        ),
        (
            "moved within the collection",
            two.clone().shift("1", ("work", "1.ics"), ("work", "3.ics")),
            40,
            seen(&["3.ics"], &["1.ics"], 50, false),
        ),
        (
            "moved away",
            two.clone().shift("1", ("work", "1.ics"), ("private", "1.ics")),
            40,
            seen(&[], &["1.ics"], 50, false),
        ),
        (
            "moved away and back",
            two.clone().shift("1", ("work", "1.ics"), ("private", "1.ics")).shift(
                "1",
                ("private", "1.ics"),
                ("work", "1.ics"),
            ),
            40,
            seen(&["1.ics"], &[], 60, false),
        ),
        (
            "moved onto another",
            two.clone().shift("1", ("work", "1.ics"), ("work", "2.ics")),
            40,
            seen(&["2.ics"], &["1.ics"], 50, false),
        ),
        ("elsewhere", two.put("private", "3.ics", "3", "three"), 40, seen(&[], &[], 40, false)),
    ];
    for (title, story, from, expected) in rows {
        since(&story, from, usize::MAX, |seen| assert_eq!(seen, expected, "{title}"));
    }
}

#[test]
fn an_answer_that_is_cut_goes_on_where_its_token_points() {
    let story = Story::of_two_calendars()
        .put("work", "1.ics", "1", "one")
        .put("work", "2.ics", "2", "two")
        .remove("work", "1.ics", "1")
        .put("work", "3.ics", "3", "three")
        .shift("3", ("work", "3.ics"), ("work", "4.ics"));
    let rows = [
        (0, 1, seen(&["2.ics"], &[], 40, true)),
        (40, 1, seen(&[], &["1.ics"], 50, true)),
        (0, 2, seen(&["2.ics"], &["1.ics"], 50, true)),
        (0, 3, seen(&["2.ics"], &["1.ics"], 50, true)),
        (0, 4, seen(&["2.ics", "4.ics"], &["1.ics", "3.ics"], 70, false)),
        (50, 2, seen(&["4.ics"], &["3.ics"], 70, false)),
    ];
    for (from, limit, expected) in rows {
        since(&story, from, limit, |seen| assert_eq!(seen, expected, "{limit} since {from}"));
    }
}

#[test]
fn changes_are_told_of_a_collection_that_is_not_there() {
    let told = Story::of_two_calendars().replayed();
    let changes = told.snapshot().unwrap().changes(calendar("nowhere"), Position(7), 9).unwrap();
    assert_eq!(
        (changes.changed, changes.removed, changes.up_to, changes.truncated),
        (vec![], vec![], Position(7), false)
    );
}
