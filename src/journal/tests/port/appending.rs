//! Cases for appends: they are atomic, are refused at an unexpected revision, and can be repeated.

use std::sync::Arc;

use journal::{
    Append, AppendError, Journal,
    limits::{MAX_APPEND_BYTES, MAX_APPEND_EVENTS},
};
use schemas::{Expected, NewEvent, Position, Revision};
use uuid::Uuid;

use crate::given::{KIND, after, append, event, fill, metadata, stream, words};

pub(crate) async fn revisions_are_dense_and_positions_increase(journal: Box<dyn Journal>) {
    let first = fill(&*journal, 1, &["a", "b", "c"]).await;
    let second = fill(&*journal, 2, &["d", "e"]).await;
    let revisions: Vec<_> = first.iter().chain(&second).map(|appended| appended.revision.0).collect();
    assert_eq!(revisions, [0, 1, 2, 0, 1]);
    assert!(first.iter().chain(&second).is_sorted_by(|a, b| Position::START < a.position && a.position < b.position));
}

pub(crate) async fn an_append_is_whole_and_answers_where_its_last_event_stands(journal: Box<dyn Journal>) {
    let appended = journal.append(append(1, Expected::NoStream, &["a", "b", "c"])).await.unwrap();
    let last = journal.read_last(stream(1)).await.unwrap().unwrap();
    assert_eq!((appended.revision, appended.position), (Revision(2), last.position));
    assert_eq!(words(&journal.read_stream(stream(1), Revision(0), 9).await.unwrap()), ["a", "b", "c"]);
}

pub(crate) async fn an_append_is_refused_unless_the_stream_is_where_it_was_expected(journal: Box<dyn Journal>) {
    fill(&*journal, 1, &["a", "b"]).await;
    for (title, number, expected, actual) in [
        ("a stream that should not be there", 1, Expected::NoStream, Some(Revision(1))),
        ("somebody was faster", 1, after(0), Some(Revision(1))),
        ("not so far yet", 1, after(2), Some(Revision(1))),
        ("as far as numbers go", 1, after(u64::MAX), Some(Revision(1))),
        ("a stream that should be there", 2, after(0), None),
    ] {
        let refused = journal.append(append(number, expected, &["x"])).await.unwrap_err();
        let AppendError::WrongExpectedRevision { actual: found } = refused else { panic!("{title}: {refused}") };
        assert_eq!(found, actual, "{title}");
    }
    assert_eq!(words(&journal.read_all(Position::START, 9).await.unwrap()), ["a", "b"]);
}

pub(crate) async fn a_repeated_append_answers_as_the_first_time(journal: Box<dyn Journal>) {
    let first = append(1, Expected::NoStream, &["a", "b"]);
    let second = append(1, after(1), &["c", "d"]);
    let one = journal.append(first.clone()).await.unwrap();
    assert_eq!(journal.append(first.clone()).await.unwrap(), one);
    let two = journal.append(second.clone()).await.unwrap();
    assert_eq!(journal.append(first).await.unwrap(), one, "also when the stream went on");
    assert_eq!(journal.append(second).await.unwrap(), two);
    assert_eq!(words(&journal.read_all(Position::START, 9).await.unwrap()), ["a", "b", "c", "d"]);
}

pub(crate) async fn an_append_that_repeats_only_in_part_is_refused(journal: Box<dyn Journal>) {
    journal.append(append(1, Expected::NoStream, &["a", "b", "c"])).await.unwrap();
    for (title, expected, words) in [
        ("another end", Expected::NoStream, &["a", "x"][..]),
        ("another beginning", Expected::NoStream, &["x", "b"]),
        ("one more", Expected::NoStream, &["a", "b", "c", "d"]),
        ("another order", Expected::NoStream, &["b", "a"]),
        ("another place", after(0), &["a"]),
    ] {
        let answer = journal.append(append(1, expected, words)).await;
        assert!(
            matches!(answer, Err(AppendError::WrongExpectedRevision { actual: Some(Revision(2)) })),
            "{title}: {answer:?}"
        );
    }
}

pub(crate) async fn of_appends_that_expect_the_same_exactly_one_wins(journal: Box<dyn Journal>) {
    const RACERS: usize = 16;
    let journal: Arc<dyn Journal> = journal.into();
    for round in 0..10 {
        let expected = if round == 0 { Expected::NoStream } else { after(round - 1) };
        let racers: Vec<_> = (0..RACERS)
            .map(|racer| {
                let journal = Arc::clone(&journal);
                let append = append(1, expected, &[&format!("round {round} racer {racer}")]);
                tokio::spawn(async move { journal.append(append).await })
            })
            .collect();
        let (mut won, mut lost) = (0, 0);
        for racer in racers {
            match racer.await.unwrap() {
                Ok(appended) => {
                    assert_eq!(appended.revision, Revision(round));
                    won += 1;
                }
                Err(AppendError::WrongExpectedRevision { actual }) => {
                    assert_eq!(actual, Some(Revision(round)));
                    lost += 1;
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!((won, lost), (1, RACERS - 1));
    }
}

pub(crate) async fn in_a_group_each_append_succeeds_or_fails_on_its_own(journal: Box<dyn Journal>) {
    fill(&*journal, 2, &["before"]).await;
    let big = NewEvent { data: vec![b' '; MAX_APPEND_BYTES].into(), ..event("big") };
    let too_large = Append { events: vec![big], ..append(4, Expected::NoStream, &[]) };
    let answers = journal
        .append_many(vec![
            append(1, Expected::NoStream, &["one"]),
            append(2, Expected::NoStream, &["two"]),
            too_large,
            append(3, Expected::NoStream, &["three"]),
        ])
        .await;
    assert!(matches!(answers[0], Ok(appended) if appended.revision == Revision(0)), "{answers:?}");
    assert!(matches!(answers[1], Err(AppendError::WrongExpectedRevision { actual: Some(Revision(0)) })), "{answers:?}");
    assert!(matches!(answers[2], Err(AppendError::TooLarge { .. })), "{answers:?}");
    assert!(matches!(answers[3], Ok(appended) if appended.revision == Revision(0)), "{answers:?}");
    let mut stored = words(&journal.read_all(Position::START, 9).await.unwrap());
    // Within a group, the journal's order is only promised for events of the same stream.
    stored.sort();
    assert_eq!(stored, ["before", "one", "three"]);
}

pub(crate) async fn a_group_may_build_on_itself_and_repeat_itself(journal: Box<dyn Journal>) {
    let first = append(1, Expected::NoStream, &["a"]);
    let answers = journal.append_many(vec![first.clone(), append(1, after(0), &["b"]), first]).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers[0], answers[2]);
    assert_eq!(answers[1].revision, Revision(1));
    assert_eq!(words(&journal.read_all(Position::START, 9).await.unwrap()), ["a", "b"]);
    assert!(journal.append_many(vec![]).await.is_empty());
}

pub(crate) async fn appends_together_are_stored_in_order_and_can_be_repeated(journal: Box<dyn Journal>) {
    fill(&*journal, 1, &["a"]).await;
    let together = vec![append(1, after(0), &["b", "c"]), append(2, Expected::NoStream, &["d"])];
    let first = journal.append_together(together.clone()).await.unwrap();
    let revisions: Vec<_> = first.iter().map(|appended| appended.revision).collect();
    assert_eq!(revisions, [Revision(2), Revision(0)]);
    assert_eq!(journal.append_together(together).await.unwrap(), first);
    assert_eq!(journal.append_together(vec![]).await.unwrap(), []);
    let refused = journal.append_together(vec![append(2, Expected::NoStream, &["x"])]).await.unwrap_err();
    assert!(matches!(refused, AppendError::WrongExpectedRevision { actual: Some(Revision(0)) }), "{refused}");
    assert_eq!(words(&journal.read_all(Position::START, 9).await.unwrap()), ["a", "b", "c", "d"]);
}

pub(crate) async fn too_much_at_once_is_refused_by_the_name_of_the_limit(journal: Box<dyn Journal>) {
    let small = |number: usize| NewEvent::json(Uuid::from_u128(number as u128), KIND, b"{}".as_slice());
    for (title, events, limit) in [
        ("too many events", (0..=MAX_APPEND_EVENTS).map(small).collect(), "MAX_APPEND_EVENTS"),
        (
            "too many bytes",
            vec![NewEvent { data: vec![b' '; MAX_APPEND_BYTES].into(), ..small(0) }],
            "MAX_APPEND_BYTES",
        ),
        (
            "too many bytes together",
            (0..4).map(|number| NewEvent { data: vec![b' '; MAX_APPEND_BYTES / 4].into(), ..small(number) }).collect(),
            "MAX_APPEND_BYTES",
        ),
    ] {
        let append = Append { stream: stream(1), expected: Expected::NoStream, metadata: metadata(), events };
        let refused = journal.append(append).await.unwrap_err();
        let AppendError::TooLarge { limit: named, .. } = refused else { panic!("{title}: {refused}") };
        assert_eq!(named, limit, "{title}");
    }
    let most = (0..MAX_APPEND_EVENTS).map(small).collect();
    let append = Append { stream: stream(1), expected: Expected::NoStream, metadata: metadata(), events: most };
    assert_eq!(journal.append(append).await.unwrap().revision, Revision(MAX_APPEND_EVENTS as u64 - 1));
}

pub(crate) async fn concurrent_appends_lose_nothing(journal: Box<dyn Journal>) {
    const STREAMS: u32 = 8;
    const EVENTS: u64 = 25;
    let journal: Arc<dyn Journal> = journal.into();
    let producers: Vec<_> = (0..STREAMS)
        .map(|number| {
            let journal = Arc::clone(&journal);
            tokio::spawn(async move {
                let words: Vec<_> = (0..EVENTS).map(|event| format!("{number} {event}")).collect();
                fill(&*journal, number, &words.iter().map(String::as_str).collect::<Vec<_>>()).await
            })
        })
        .collect();
    for (number, producer) in (0..).zip(producers) {
        let answered: Vec<_> = producer.await.unwrap();
        let stored = journal.read_stream(stream(number), Revision(0), usize::MAX).await.unwrap();
        let stands = stored.iter().map(|stored| (stored.revision, stored.position));
        assert!(stands.eq(answered.iter().map(|appended| (appended.revision, appended.position))));
        assert_eq!(stored.len() as u64, EVENTS);
    }
    let all = journal.read_all(Position::START, usize::MAX).await.unwrap();
    assert_eq!(all.len() as u64, u64::from(STREAMS) * EVENTS);
}
