//! Properties of the folds that hold for any story, tested with generated stories.

use std::collections::BTreeMap;

use projections::{Collection, Comparison, ReadModels, Snapshot};
use proptest::prelude::*;
use schemas::{CollectionId, Event, ObjectEvent, Position, Recorded, collection::CollectionKind};

use super::given::{Models, Story, anna, calendar};

const CALENDARS: [&str; 2] = ["work", "private"];

#[derive(Debug, Clone, Copy)]
enum Act {
    Put(usize, usize),
    Remove(usize, usize),
    Shift(usize, usize, usize, usize),
    Renew(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let (calendar, object) = (0..CALENDARS.len(), 0..4_usize);
    let act = prop_oneof![
        6 => (calendar.clone(), object.clone()).prop_map(|(at, object)| Act::Put(at, object)),
        3 => (calendar.clone(), object.clone()).prop_map(|(at, object)| Act::Remove(at, object)),
        3 => (calendar.clone(), object.clone(), calendar.clone(), object)
            .prop_map(|(from, object, to, name)| Act::Shift(from, object, to, name)),
        1 => calendar.prop_map(Act::Renew),
    ];
    proptest::collection::vec(act, 1..30)
}

/// Returns a text for a number. Texts of odd numbers are long, and only few different long texts
/// exist.
fn text(number: usize) -> String {
    if number.is_multiple_of(2) { format!("text {number}") } else { format!("text {}", number % 3).repeat(500) }
}

fn story(acts: &[Act]) -> Story {
    let mut story = Story::of_two_calendars();
    for (number, act) in acts.iter().enumerate() {
        story = match *act {
            Act::Put(at, object) => {
                story.put(CALENDARS[at], &format!("{object}.ics"), &object.to_string(), &text(number))
            }
            Act::Remove(at, object) => story.remove(CALENDARS[at], &format!("{object}.ics"), &object.to_string()),
            Act::Shift(from, object, to, name) => {
                let (old, new) = (format!("{object}.ics"), format!("{name}.ics"));
                story.shift(&object.to_string(), (CALENDARS[from], &old), (CALENDARS[to], &new))
            }
            Act::Renew(at) => story.remove_collection(CALENDARS[at]).create(CALENDARS[at], CollectionKind::Calendar),
        };
    }
    story
}

/// Returns everything that can be queried, as text.
fn view(models: &ReadModels) -> String {
    let snapshot = models.snapshot().unwrap();
    let mut view = vec![format!("{:?}", models.home(anna())), format!("{:?}", snapshot.gone(anna(), Position::START))];
    for name in CALENDARS {
        view.push(format!("{:?}", snapshot.changes(calendar(name), Position::START, usize::MAX)));
        view.push(format!("{:?}", models.overlapping(calendar(name), None, None)));
        view.push(format!("{:?}", models.members(calendar(name), None, 99)));
    }
    view.extend((0..4).map(|uid| format!("{:?}", models.streams_of_uid(&uid.to_string()))));
    view.join("\n")
}

/// Returns the text that an event stored, with its position; `None` if it stored none.
fn stored_text(recorded: &Recorded) -> Option<(Position, String)> {
    match &recorded.event {
        Event::Object(ObjectEvent::Put(put)) => Some((recorded.position, put.content.ics.clone())),
        _ => None,
    }
}

fn state(snapshot: &Snapshot, name: &str) -> BTreeMap<String, String> {
    let mut state = BTreeMap::new();
    let listed = snapshot.members(calendar(name), |member| {
        state.insert(member.name, member.etag);
        Ok::<_, projections::Failure>(())
    });
    listed.unwrap();
    state
}

/// Returns the state of a client that knew `known` and then synchronised, with at most `limit`
/// changes in each response.
fn synchronised(
    snapshot: &Snapshot,
    name: &str,
    mut known: BTreeMap<String, String>,
    mut since: Position,
    limit: usize,
) -> BTreeMap<String, String> {
    loop {
        let changes = snapshot.changes(calendar(name), since, limit).unwrap();
        known.extend(changes.changed.into_iter().map(|member| (member.name, member.etag)));
        changes.removed.iter().for_each(|name| drop(known.remove(name)));
        if !changes.truncated {
            return known;
        }
        assert!(changes.up_to > since, "an answer that is cut brings its client on");
        since = changes.up_to;
    }
}

/// The collections in Anna's home, and the names, last changes and texts of the members of her
/// calendars.
type Seen = (Vec<(CollectionId, String)>, Vec<Vec<(String, Position, String)>>);

fn seen_now(models: &ReadModels) -> Seen {
    let members = CALENDARS.map(|name| {
        let body = |of: &str| models.member_with_body(calendar(name), of).unwrap().unwrap().1;
        let members = models.members(calendar(name), None, 99).unwrap().into_iter();
        members.map(|one| (one.name.clone(), one.changed, body(&one.name))).collect()
    });
    (models.home(anna()).unwrap().into_iter().map(|one| (one.id, one.name)).collect(), members.to_vec())
}

/// Returns the state at a past position, from the index of versions and the texts of events.
fn seen_then(models: &ReadModels, at: Position, texts: &BTreeMap<Position, String>) -> Seen {
    let members = CALENDARS.map(|name| {
        let versions = models.members_as_of(calendar(name), at).unwrap().into_iter();
        versions.map(|one| (one.name, one.since, texts[&one.content].clone())).collect()
    });
    let collections = models.collections_as_of(anna(), at).unwrap();
    (collections.into_iter().map(|one| (one.id, one.name)).collect(), members.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, failure_persistence: None, ..ProptestConfig::default() })]

    /// The story is so long that the lists of each name have several parts.
    #[test]
    fn positions_of_a_long_history_can_be_seen_again_as_they_were(acts in acts()) {
        const LONG: usize = 4_000;
        const BATCH: usize = 67;
        let story = story(&acts.into_iter().cycle().take(LONG).collect::<Vec<_>>());
        let after = story.replayed();
        let texts: BTreeMap<Position, String> = story.events.iter().filter_map(stored_text).collect();
        let mut models = Models::empty();
        for batch in story.events.chunks(BATCH) {
            models.projector.apply(batch).unwrap();
            prop_assert_eq!(seen_then(&after, models.position(), &texts), seen_now(&models));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn live_replayed_and_resumed_are_the_same(acts in acts()) {
        let story = story(&acts);
        let live = view(&story.live());
        prop_assert_eq!(&live, &view(&story.replayed()));
        prop_assert_eq!(&live, &view(&story.resumed()));
    }

    #[test]
    fn rows_do_not_depend_on_batches(acts in acts(), batch in 1..30_usize) {
        let story = story(&acts);
        let live = story.live();
        let apart = tempfile::tempdir().unwrap();
        let mut comparison = Comparison::begin(live.folder(), apart.path()).unwrap();
        story.events.chunks(batch).for_each(|events| comparison.apply(events).unwrap());
        prop_assert_eq!(comparison.finish().unwrap().differences, []);
    }

    #[test]
    fn every_position_can_be_seen_again_as_it_was(acts in acts()) {
        let story = story(&acts);
        let after = story.live();
        let texts: BTreeMap<Position, String> = story.events.iter().filter_map(stored_text).collect();
        let mut models = Models::empty();
        for event in &story.events {
            models.projector.apply(std::slice::from_ref(event)).unwrap();
            prop_assert_eq!(seen_then(&after, event.position, &texts), seen_now(&models));
        }
    }

    #[test]
    fn a_collection_that_was_seen_before_is_seen_as_it_is_now(acts in acts()) {
        let mut models = Models::empty();
        for event in story(&acts).events {
            models.projector.apply(std::slice::from_ref(&event)).unwrap();
            for collection in models.snapshot().unwrap().home(anna()).unwrap() {
                // The collection is queried twice; the second answer comes from the cache.
                for _ in 0..2 {
                    prop_assert_eq!(models.collection(anna(), &collection.name).unwrap(), Some(collection.clone()));
                    prop_assert_eq!(models.collection_by_id(collection.id).unwrap(), Some(collection.clone()));
                    let outline = |seen: Option<Collection>| {
                        let (changed, modified, bytes) = (collection.changed, collection.modified, collection.bytes);
                        seen.map(|seen| Collection { changed, modified, bytes, ..seen })
                    };
                    let named = models.outline(anna(), &collection.name).unwrap();
                    prop_assert_eq!(outline(named), Some(collection.clone()));
                    let identified = models.outline_by_id(collection.id).unwrap();
                    prop_assert_eq!(outline(identified), Some(collection.clone()));
                }
            }
        }
    }

    #[test]
    fn whoever_synchronises_from_anywhere_arrives_at_what_is(
        acts in acts(),
        from in any::<prop::sample::Index>(),
        limit in 1..5_usize,
    ) {
        let story = story(&acts);
        let mut before = story.clone();
        before.events.truncate(2 + from.index(story.events.len() - 1));
        let (then, now) = (before.replayed(), story.replayed());
        for name in CALENDARS {
            let born = now.collection(anna(), name).unwrap().unwrap().born;
            let snapshot = now.snapshot().unwrap();
            // A token from before the collection was created is refused, and the client begins with
            // an empty state (RFC 6578 §3.2).
            let (known, since) = if born <= before.last() {
                (state(&then.snapshot().unwrap(), name), before.last())
            } else {
                (BTreeMap::new(), Position::START)
            };
            prop_assert_eq!(synchronised(&snapshot, name, known, since, limit), state(&snapshot, name));
        }
    }
}
