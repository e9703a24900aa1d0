//! Tests of the busy index: the indexed busy periods of a calendar, and the objects that must be
//! evaluated from their text.

use projections::{Failure, ReadModels};
use schemas::collection::CollectionKind;

use super::given::{BEGINNING as NOON, Story, calendar, object};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn event(lines: &str) -> String {
    specimens::event("1", lines)
}

fn at(day: u32, hour: u32) -> String {
    event(&format!("DTSTART:202601{day:02}T{hour:02}0000Z\r\nDURATION:PT30M"))
}

/// Returns the start hours of the busy periods in the given days, counted from the beginning of the
/// story, and the names of the objects whose periods are not indexed.
fn busy_hours(
    models: &ReadModels,
    name: &str,
    days: std::ops::Range<i64>,
    except: Option<&str>,
) -> (Vec<i64>, Vec<String>) {
    let (snapshot, between) = (models.snapshot().unwrap(), (NOON + days.start * DAY, NOON + days.end * DAY));
    let (mut claims, mut unclear) = (vec![], vec![]);
    let claimed = snapshot.busy_periods(calendar(name), between, except.map(object), |claim| {
        claims.push((claim.start - NOON) / HOUR);
        Ok::<_, Failure>(())
    });
    claimed.unwrap();
    let read = snapshot.unindexed(calendar(name), between, |member, _| {
        unclear.push(member.name);
        Ok::<_, Failure>(())
    });
    read.unwrap();
    claims.sort_unstable();
    claims.dedup();
    (claims, unclear)
}

#[test]
fn a_week_shows_what_is_in_it_and_nothing_of_other_calendars() {
    let story = Story::of_two_calendars()
        .put("work", "early.ics", "1", &at(5, 13))
        .put("work", "late.ics", "2", &at(13, 12))
        .put("private", "elsewhere.ics", "3", &at(5, 14));
    story.with_each(|models| {
        assert_eq!(busy_hours(models, "work", 0..7, None), (vec![1], vec![]));
        assert_eq!(busy_hours(models, "work", 0..14, None), (vec![1, 192], vec![]));
        assert_eq!(busy_hours(models, "work", 0..14, Some("1")), (vec![192], vec![]), "all but one object");
        assert_eq!(busy_hours(models, "private", 0..7, None), (vec![2], vec![]));
    });
}

#[test]
fn claims_follow_what_changes() {
    let series = event("DTSTART:20260105T130000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=3");
    let forever = event("DTSTART:20260105T130000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY");
    let begun = || Story::of_two_calendars().put("work", "1.ics", "1", &series);
    let rows = [
        ("a series", begun(), vec![1, 169, 337], vec![]),
        ("moved to a day", begun().put("work", "1.ics", "1", &at(6, 12)), vec![24], vec![]),
        ("without end", begun().put("work", "1.ics", "1", &forever), vec![], vec!["1.ics"]),
        (
            "and back",
            begun().put("work", "1.ics", "1", &forever).put("work", "1.ics", "1", &at(6, 12)),
            vec![24],
            vec![],
        ),
        ("removed", begun().remove("work", "1.ics", "1"), vec![], vec![]),
        ("in the other calendar", begun().shift("1", ("work", "1.ics"), ("private", "1.ics")), vec![], vec![]),
        ("with its calendar", begun().remove_collection("work"), vec![], vec![]),
        ("not to be understood", begun().put("work", "1.ics", "1", "hello"), vec![], vec!["1.ics"]),
    ];
    for (title, story, claims, unclear) in rows {
        story.with_each(|models| {
            let unclear: Vec<String> = unclear.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(busy_hours(models, "work", 0..28, None), (claims.clone(), unclear), "{title}");
        });
    }
    begun().shift("1", ("work", "1.ics"), ("private", "2.ics")).with_each(|models| {
        assert_eq!(busy_hours(models, "private", 0..28, None), (vec![1, 169, 337], vec![]));
    });
}

#[test]
fn a_new_calendar_shows_nothing_of_a_removed_one() {
    let forever = event("DTSTART:20260105T130000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY");
    // The removed calendar has the highest key, so the new calendar gets the same key.
    let story = Story::of_two_calendars()
        .put("private", "1.ics", "1", &at(5, 13))
        .put("private", "2.ics", "2", &forever)
        .remove_collection("private")
        .create("later", CollectionKind::Calendar);
    story.with_each(|models| {
        assert_eq!(busy_hours(models, "later", 0..28, None), (vec![], vec![]));
        assert_eq!(models.overlapping(calendar("later"), None, None).unwrap(), []);
    });
    // An object in the new calendar must not meet rows of the removed one.
    let again = story.put("later", "3.ics", "3", &forever);
    again.with_each(|models| assert_eq!(busy_hours(models, "later", 0..28, None), (vec![], vec!["3.ics".to_owned()])));
}
