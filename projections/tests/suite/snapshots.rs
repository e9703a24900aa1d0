//! Tests of snapshots, which do not change while they are read.

use projections::{Failure, Snapshot};

use super::given::{Models, Story, calendar};

fn listed(snapshot: &Snapshot) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let done = snapshot.members_with_bodies(calendar("work"), |member, body| {
        found.push((member.name, body.to_owned()));
        Ok::<_, Failure>(())
    });
    done.unwrap();
    found
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, body)| ((*name).to_owned(), (*body).to_owned())).collect()
}

#[test]
fn a_snapshot_shows_what_was_true_when_it_was_taken() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one").put("work", "2.ics", "2", "two");
    let mut models = story.live();
    let before = models.snapshot().unwrap();
    let later =
        story.put("work", "1.ics", "1", "changed").remove("work", "2.ics", "2").put("work", "3.ics", "3", "three");
    models.projector.apply(&later.events).unwrap();

    assert_eq!(listed(&before), pairs(&[("1.ics", "one"), ("2.ics", "two")]));
    assert_eq!(listed(&models.snapshot().unwrap()), pairs(&[("1.ics", "changed"), ("3.ics", "three")]));
    let one = |name: &str| before.member_with_body(calendar("work"), name).unwrap();
    let found = one("1.ics").unwrap();
    assert_eq!((found.0.name.as_str(), found.1.as_str()), ("1.ics", "one"));
    assert_eq!(one("3.ics"), None);
}

#[test]
fn a_connection_that_comes_back_sees_what_is_new() {
    let story = Story::of_two_calendars().put("work", "1.ics", "1", "one");
    let mut models = story.live();
    drop(models.snapshot().unwrap());
    models.projector.apply(&story.put("work", "2.ics", "2", "two").events).unwrap();
    assert_eq!(listed(&models.snapshot().unwrap()), pairs(&[("1.ics", "one"), ("2.ics", "two")]));
}

#[test]
fn more_snapshots_than_connections_are_kept_can_be_open() {
    let models = Story::of_two_calendars().put("work", "1.ics", "1", "one").live();
    let many: Vec<_> = (0..20).map(|_| models.snapshot().unwrap()).collect();
    assert!(many.iter().all(|snapshot| listed(snapshot) == pairs(&[("1.ics", "one")])));
}

#[test]
fn whoever_lists_may_stop() {
    #[derive(Debug, PartialEq)]
    struct Enough;
    impl From<Failure> for Enough {
        fn from(failure: Failure) -> Self {
            panic!("{failure}")
        }
    }
    let models = Story::of_two_calendars().put("work", "1.ics", "1", "one").put("work", "2.ics", "2", "two").live();
    let snapshot = models.snapshot().unwrap();
    let mut seen = 0;
    let stopped = snapshot.members(calendar("work"), |_| {
        seen += 1;
        Err::<(), _>(Enough)
    });
    assert_eq!((stopped, seen), (Err(Enough), 1));
}

#[test]
fn a_snapshot_is_read_on_another_thread() {
    fn sent<T: Send + 'static>(value: T) -> T {
        std::thread::spawn(move || value).join().unwrap()
    }
    let models: Models = Story::of_two_calendars().put("work", "1.ics", "1", "one").live();
    let snapshot = sent(models.snapshot().unwrap());
    assert_eq!(listed(&snapshot), pairs(&[("1.ics", "one")]));
}
