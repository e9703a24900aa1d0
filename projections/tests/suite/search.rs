//! Tests of the search for meetings by words, people, programs and times.

use projections::{
    Comparison, ReadModels,
    search::{Clue, Effort, Query},
};
use schemas::{PrincipalId, Timestamp};
use uuid::Uuid;

use super::given::{BEGINNING, Models, Story, anna, object, place};

const REVIEW: &str = "DTSTART:20260107T120000Z\nDTEND:20260107T130000Z\nSUMMARY:Project review\nLOCATION:Lake room\n\
                      ORGANIZER;CN=Alice Ames:mailto:alice@example.com\nATTENDEE:MAILTO:Bob@example.com";

fn story() -> Story {
    let mut story = Story::of_two_calendars()
        .put("work", "1.ics", "1", &specimens::event("1", REVIEW))
        .put("work", "2.ics", "2", &specimens::event("2", "DTSTART:20260201T120000Z\nSUMMARY:Übung am See, Größenwahn"))
        .put(
            "work",
            "2.ics",
            "2",
            &specimens::event("2", "DTSTART:20260301T120000Z\nSUMMARY:Übung im Wald\nLOCATION:info@wald.example"),
        );
    "Thunderbird/128".clone_into(&mut story.events[2].metadata.client.agent);
    "Ärztekalender/2".clone_into(&mut story.events[3].metadata.client.agent);
    story
}

fn found(models: &ReadModels, query: Query) -> Vec<String> {
    let found = models.find(&Query { limit: if query.limit == 0 { 10 } else { query.limit }, ..query }).unwrap();
    assert!(!found.is_partial);
    found
        .meetings
        .into_iter()
        .map(|found| format!("{} {} {}", found.uid, found.title, found.organizer).trim_end().into())
        .collect()
}

fn words(words: &[&str]) -> Query {
    Query { words: words.iter().map(|word| (*word).to_owned()).collect(), ..Query::default() }
}

const FIRST: &str = "1 Project review mailto:alice@example.com";
const SECOND: &str = "2 Übung im Wald";

#[test]
fn meetings_are_found_by_the_beginnings_of_their_words() {
    story().with_each(|models| {
        let rows: [(&[&str], &[&str]); 14] = [
            (&["review"], &[FIRST]),
            (&["PROJ"], &[FIRST]),
            (&["lake", "review"], &[FIRST]),
            (&["lake", "wald"], &[]),
            (&["übung"], &[SECOND]),
            (&["see"], &[SECOND]), // an earlier title
            (&["bob@EXAMPLE.com"], &[FIRST]),
            (&["ames"], &[FIRST]),
            (&["u\u{308}BUNG"], &[SECOND]),
            (&["GRÖSSENWAHN"], &[SECOND]),
            (&["größenwahn"], &[SECOND]),
            (&["info@wald.example"], &[SECOND]), // in a title
            (&["info@lake.example"], &[]),
            (&[], &[SECOND, FIRST]),
        ];
        for (asked, expected) in rows {
            assert_eq!(found(models, words(asked)), expected, "{asked:?}");
        }
    });
}

#[test]
fn meetings_are_found_by_people_programs_and_times() {
    story().with_each(|models| {
        let person = |id: PrincipalId, address: &str| {
            let people = vec![(vec![id], vec![address.to_owned()])];
            found(models, Query { people, ..Query::default() })
        };
        assert_eq!(person(anna(), "mailto:anna@x"), [SECOND, FIRST]);
        let bob = PrincipalId(Uuid::from_u128(0xb));
        assert_eq!(person(bob, "mailto:bob@example.com"), [FIRST]);
        assert_eq!(person(bob, "mailto:bob@example.net"), [""; 0]);

        let client = |agent: &str| found(models, Query { clients: vec![agent.to_owned()], ..Query::default() });
        assert_eq!(client("thunderBIRD"), [FIRST]);
        for text in ["Ärzte", "ÄRZTE", "ärzte"] {
            assert_eq!(client(text), [SECOND], "{text}");
        }
        assert_eq!(client("evolution"), [""; 0]);

        let since = |second: i64| {
            let since = Some(Timestamp::from_seconds(BEGINNING + second));
            found(models, Query { since, ..Query::default() })
        };
        assert_eq!(since(3), [SECOND, FIRST]);
        assert_eq!(since(4), [SECOND]);
        assert_eq!(since(6), [""; 0]);
        let seventh = Some((1_767_744_000, 1_767_830_400));
        assert_eq!(found(models, Query { during: seventh, ..Query::default() }), [FIRST]);
    });
}

#[test]
fn the_removal_of_old_inbox_items_by_the_server_is_no_act_on_the_meeting() {
    let dismissed = |actor: Option<PrincipalId>| {
        let mut story = story().receive(Some("item.ics"), "1", &specimens::event("1", REVIEW));
        // What a delivery appends names its cause.
        story.events.last_mut().unwrap().metadata.causation = Some(Uuid::from_u128(1));
        let mut story = story.dismiss("item.ics", "1");
        story.events.last_mut().unwrap().metadata.actor = actor;
        story
    };
    let (by_server, by_anna) = (dismissed(None), dismissed(Some(anna())));
    let removed = by_server.events.last().unwrap().clone();
    let since = || Query { since: Some(removed.metadata.at), ..Query::default() };
    by_server.with_each(|models| {
        assert_eq!(found(models, Query::default()), [SECOND, FIRST]);
        assert_eq!(found(models, since()), [""; 0]);
        assert_eq!(models.follow(&Clue::Request(removed.metadata.request)).unwrap(), [removed.position]);
    });
    by_anna.with_each(|models| {
        assert_eq!(found(models, Query::default()), [FIRST, SECOND]);
        assert_eq!(found(models, since()), [FIRST]);
    });
}

#[test]
fn events_are_found_by_what_clients_log() {
    let story = story();
    let (etag, request) = (format!("etag of {}", specimens::event("1", REVIEW)), story.events[2].metadata.request);
    let position = story.events[2].position;
    story.with_each(|models| {
        assert_eq!(models.follow(&Clue::Etag(etag.clone())).unwrap(), [position]);
        assert_eq!(models.follow(&Clue::ScheduleTag(etag.replace("etag", "tag"))).unwrap(), [position]);
        assert_eq!(models.follow(&Clue::Request(request)).unwrap(), [position]);
        assert_eq!(models.follow(&Clue::Etag("other".to_owned())).unwrap(), []);
        assert_eq!(models.objects_ever_at(&place("work", "1.ics")).unwrap(), [object("1")]);
        let was_ever = |collection: &str, name: &str| models.was_ever(&place(collection, name)).unwrap();
        assert!(was_ever("work", "1.ics"));
        assert!(!was_ever("work", "other.ics") && !was_ever("private", "1.ics") && !was_ever("none", "1.ics"));
        assert_eq!(models.uid_of(object("1")).unwrap().as_deref(), Some("1"));
        assert_eq!(models.uid_of(object("3")).unwrap(), None);
    });
}

#[test]
fn a_clue_leads_to_the_events_of_every_week() {
    const WEEK: i64 = 7 * 24 * 3_600;
    let mut story = story();
    let request = story.events[2].metadata.request;
    let mut positions = vec![];
    for (event, weeks) in story.events[2..].iter_mut().zip([500, 0, 2]) {
        event.metadata.at = Timestamp::from_seconds(BEGINNING + weeks * WEEK);
        event.metadata.request = request;
        positions.push(event.position);
    }
    assert_eq!(positions.len(), 3);
    // The third event has the same request and object as the second. Both are one act.
    positions.pop();
    story.with_each(|models| assert_eq!(models.follow(&Clue::Request(request)).unwrap(), positions));
}

/// There are more meetings than are read one by one, in several rows of each list, and so many that
/// clues are sorted.
#[test]
fn among_many_meetings_the_latest_are_found_first() {
    const MANY: u64 = 4_200;
    let mut story = Story::of_two_calendars();
    let titled = |number: u64, words: &str| {
        specimens::event(&number.to_string(), &format!("DTSTART:20260107T120000Z\nSUMMARY:Talk {words} {number}"))
    };
    for number in 0..MANY {
        story = story.put("work", &format!("{number}.ics"), &number.to_string(), &titled(number, "of"));
    }
    for number in [3, 1_000, 3] {
        story = story.put("work", &format!("{number}.ics"), &number.to_string(), &titled(number, "again about"));
    }
    let whole = story.replayed();
    let resumed = story.resumed();
    for models in [&whole as &Models, &resumed] {
        let limited = |words: &[&str]| found(models, Query { limit: 3, ..self::words(words) });
        assert_eq!(limited(&["talk"])[..2], ["3 Talk again about 3", "1000 Talk again about 1000"]);
        assert_eq!(limited(&[])[..2], ["3 Talk again about 3", "1000 Talk again about 1000"]);
        assert_eq!(limited(&["about", "1000"]), ["1000 Talk again about 1000"]);
        assert_eq!(limited(&["of", "2099"]), ["2099 Talk of 2099"]);
        assert_eq!(limited(&["about", "2099"]), [""; 0]);
        for event in story.events.iter().step_by(19).chain(story.events.last()) {
            assert_eq!(models.follow(&Clue::Request(event.metadata.request)).unwrap(), [event.position]);
        }
        let since = |at: Timestamp| found(models, Query { since: Some(at), limit: 9, ..Query::default() });
        let late = story.events.last().unwrap().metadata.at;
        assert_eq!(since(late), ["3 Talk again about 3"]);
        assert_eq!(since(Timestamp::from_seconds(BEGINNING)).len(), 9);
        assert_eq!(since(Timestamp::from_seconds(late.seconds() + 1)), [""; 0]);
    }
    let apart = tempfile::tempdir().unwrap();
    let mut comparison = Comparison::begin(resumed.folder(), apart.path()).unwrap();
    story.events.chunks(100).for_each(|batch| comparison.apply(batch).unwrap());
    assert!(comparison.finish().unwrap().is_ok());
}

#[test]
fn of_meetings_that_are_named_the_others_are_left_out_however_many_were_acted_upon_later() {
    story().with_each(|models| {
        let named = |uids: &[&str], limit| {
            let uids = Some(uids.iter().map(|uid| (*uid).to_owned()).collect());
            found(models, Query { uids, limit, ..Query::default() })
        };
        assert_eq!(named(&["1"], 1), [FIRST]);
        assert_eq!(named(&["1", "2", "3"], 0), [SECOND, FIRST]);
        assert_eq!(named(&["3"], 0), [""; 0]);
        assert_eq!(named(&[], 0), [""; 0]);
    });
}

#[test]
fn a_search_says_when_its_effort_did_not_reach_the_end() {
    story().with_each(|models| {
        let looked = |query: Query, effort| {
            let finding = models.find(&Query { limit: 10, effort, ..query }).unwrap();
            (finding.meetings.len(), finding.is_partial)
        };
        let little = Effort { listed: 0, read: 1 };
        assert_eq!(looked(Query::default(), little), (1, true));
        assert_eq!(looked(Query::default(), Effort { read: 2, ..little }), (2, false));
        assert_eq!(looked(Query::default(), Effort::WHOLE), (2, false));
        assert_eq!(looked(words(&["review"]), Effort::default()), (1, false));
    });
}
