//! Cases for reading: by stream, in the journal's order, and by verifying the chain.

use journal::{Append, Journal, Verdict, limits::PAGE_BYTES, verify};
use schemas::{
    Encoding, Expected, Hash, Metadata, NewEvent, Operator, Part, Position, Revision, Right, Stored, Timestamp,
    metadata::{Authentication, Conditions, Ground},
};
use uuid::Uuid;

use crate::given::{KIND, append, event, fill, metadata, stream, words};

pub(crate) async fn what_is_read_is_what_was_appended(journal: Box<dyn Journal>) {
    let appended = journal.append(append(1, Expected::NoStream, &["a"])).await.unwrap();
    let entry = journal.entries(Position::START, 9).await.unwrap().remove(0);
    let twice = journal.entries_at(&[appended.position, appended.position]).await.unwrap();
    assert_eq!(
        twice.iter().map(|entry| (entry.position, &entry.hash)).collect::<Vec<_>>(),
        [(entry.position, &entry.hash); 2]
    );
    let stored_at = entry.added.stored_at.map(Timestamp);
    assert!(stored_at.is_some());
    let expected = [Stored {
        position: appended.position,
        stream: stream(1),
        revision: Revision(0),
        id: event("a").id,
        kind: KIND.to_owned(),
        data: event("a").data,
        encoding: Encoding::JSON,
        metadata: Metadata { stored_at, ..metadata() },
        hash: Hash(entry.hash.try_into().unwrap()),
    }];
    assert_eq!(journal.read_stream(stream(1), Revision(0), 9).await.unwrap(), expected);
    assert_eq!(journal.read_last(stream(1)).await.unwrap(), expected.first().cloned());
    assert_eq!(journal.read_all(Position::START, 9).await.unwrap(), expected);
    assert_eq!(journal.subscribe(Position::START).next().await.unwrap(), Some(expected.to_vec()));
}

pub(crate) async fn the_first_event_of_an_append_has_all_metadata_and_the_others_what_every_event_has(
    journal: Box<dyn Journal>,
) {
    let all = Metadata {
        act: Some(Uuid::from_u128(1)),
        server: Some(Uuid::from_u128(2)),
        basis: Some(Position(3)),
        right: Some(Right::of(Ground::Owner)),
        auth: Some(Authentication::Password),
        conditions: Conditions { if_match: Some("\"4\"".to_owned()), ..Conditions::default() },
        operator: Some(Operator { uid: Some(5), login: "olga".to_owned(), host: "cal-1".to_owned() }),
        ..metadata()
    };
    let mut append = Append { metadata: all.clone(), ..append(1, Expected::NoStream, &["a", "b", "c"]) };
    append.events[1].causation = Some(append.events[0].id);
    journal.append(append.clone()).await.unwrap();
    let read = journal.read_stream(stream(1), Revision(0), 9).await.unwrap();
    let found: Vec<_> = read.into_iter().map(|stored| Metadata { stored_at: None, ..stored.metadata }).collect();
    let further = Metadata { operator: all.operator.clone(), ..metadata() };
    assert_eq!(found, [all, Metadata { causation: Some(append.events[0].id), ..further.clone() }, further]);
}

pub(crate) async fn encoded_parts_are_kept_as_they_are_and_named(journal: Box<dyn Journal>) {
    let encoding = Encoding::named("xor-1");
    let sealed = Some(Part { encoding: encoding.clone(), bytes: b"\x00\xff".as_slice().into() });
    let event = NewEvent { data: b"\x01\xfe{".as_slice().into(), encoding: encoding.clone(), ..event("a") };
    let metadata = Metadata { sealed: sealed.clone(), ..metadata() };
    let append = Append { metadata, events: vec![event.clone()], ..append(1, Expected::NoStream, &[]) };
    journal.append(append).await.unwrap();
    let stored = journal.read_all(Position::START, 9).await.unwrap().remove(0);
    assert_eq!((&stored.data, &stored.encoding, &stored.metadata.sealed), (&event.data, &encoding, &sealed));
    let refused = stored.read().unwrap_err();
    let words = "the data of a `calendar-object-put.v1` event have the encoding `xor-1`: if this version does not \
                 know it, run a newer Daybook; if it is an encryption, restore the vault";
    assert_eq!(refused.to_string(), words);
    let entry = journal.entries(Position::START, 9).await.unwrap().remove(0);
    assert!(!String::from_utf8_lossy(&entry.metadata).contains("Calendar/1"), "{entry:?}");
    assert_eq!((entry.added.data_encoding.as_str(), entry.added.personal_encoding.as_str()), ("xor-1", "xor-1"));
    assert!(matches!(verify(&*journal, |_| {}).await.unwrap(), Verdict::Ok { .. }));
}

pub(crate) async fn a_stream_is_read_from_a_revision_up_to_a_limit(journal: Box<dyn Journal>) {
    fill(&*journal, 1, &["a", "b", "c", "d"]).await;
    fill(&*journal, 2, &["other"]).await;
    for (title, number, from, limit, expected) in [
        ("the whole", 1, 0, 9, &["a", "b", "c", "d"][..]),
        ("the end", 1, 2, 9, &["c", "d"]),
        ("a part", 1, 1, 2, &["b", "c"]),
        ("nothing wanted", 1, 0, 0, &[]),
        ("behind the end", 1, 4, 9, &[]),
        ("far behind the end", 1, u64::MAX, usize::MAX, &[]),
        ("no such stream", 3, 0, 9, &[]),
    ] {
        let read = journal.read_stream(stream(number), Revision(from), limit).await.unwrap();
        assert_eq!(words(&read), expected, "{title}");
    }
}

pub(crate) async fn the_last_event_of_a_stream_is_found(journal: Box<dyn Journal>) {
    fill(&*journal, 1, &["a", "b"]).await;
    fill(&*journal, 2, &["other"]).await;
    let last = journal.read_last(stream(1)).await.unwrap().unwrap();
    assert_eq!((last.revision, words(&[last])), (Revision(1), vec!["b".to_owned()]));
    assert_eq!(journal.read_last(stream(3)).await.unwrap(), None);
}

pub(crate) async fn the_journal_is_read_page_by_page_in_its_order(journal: Box<dyn Journal>) {
    fill(&*journal, 1, &["a", "b"]).await;
    fill(&*journal, 2, &["c", "d"]).await;
    journal.append(append(1, crate::given::after(1), &["e"])).await.unwrap();
    let (mut read, mut after) = (Vec::new(), Position::START);
    loop {
        let page = journal.read_all(after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        assert!(page.len() <= 2);
        read.extend(words(&page));
    }
    assert_eq!(read, ["a", "b", "c", "d", "e"]);
    assert!(journal.read_all(Position(u64::MAX), 2).await.unwrap().is_empty());
}

pub(crate) async fn a_page_is_bounded_in_bytes_but_never_empty_before_the_end(journal: Box<dyn Journal>) {
    for number in 0..5 {
        let event = NewEvent { data: vec![b' '; PAGE_BYTES].into(), ..event(&number.to_string()) };
        let append = Append { events: vec![event], ..append(number, Expected::NoStream, &[]) };
        journal.append(append).await.unwrap();
    }
    let (mut read, mut after) = (0, Position::START);
    loop {
        let page = journal.entries(after, 9).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        assert_eq!(page.len(), 1);
        read += 1;
    }
    assert_eq!(read, 5);
}

pub(crate) async fn the_head_is_the_position_of_the_last_event(journal: Box<dyn Journal>) {
    assert_eq!(journal.head().await.unwrap(), Position::START);
    let appended = fill(&*journal, 1, &["a", "b"]).await;
    assert_eq!(journal.head().await.unwrap(), appended[1].position);
    let recorded = journal.chain_head().await.unwrap();
    assert!(recorded.is_none_or(|recorded| recorded.position == appended[1].position), "{recorded:?}");
}

pub(crate) async fn an_untouched_journal_verifies(journal: Box<dyn Journal>) {
    assert!(matches!(verify(&*journal, |_| {}).await.unwrap(), Verdict::Ok { head, .. } if head.events == 0));
    fill(&*journal, 1, &["a", "b", "c"]).await;
    journal.append(append(2, Expected::NoStream, &["d", "e"])).await.unwrap();
    let mut heard = 0;
    let verdict = verify(&*journal, |events| heard = events).await.unwrap();
    let Verdict::Ok { head: walked, .. } = verdict else { panic!("{verdict}") };
    assert_eq!((walked.events, walked.position), (5, journal.head().await.unwrap()));
    let recorded = journal.chain_head().await.unwrap();
    assert!(recorded.is_none_or(|recorded| recorded == walked), "{recorded:?}");
    assert_eq!(heard, 5);
}
