//! Reading: by stream, by the journal's order, and by the chain.

use journal::{Append, Journal, Verdict, limits::PAGE_BYTES, verify};
use schemas::{Expected, Hash, NewEvent, Position, Revision, Stored};

use crate::given::{KIND, append, event, fill, metadata, stream, words};

pub(crate) async fn what_is_read_is_what_was_appended(journal: Box<dyn Journal>) {
    let appended = journal.append(append(1, Expected::NoStream, &["a"])).await.unwrap();
    let expected = [Stored {
        position: appended.position,
        stream: stream(1),
        revision: Revision(0),
        id: event("a").id,
        kind: KIND.to_owned(),
        data: event("a").data,
        metadata: metadata(),
        hash: Hash(journal.entries(Position::START, 9).await.unwrap()[0].hash.clone().try_into().unwrap()),
    }];
    assert_eq!(journal.read_stream(stream(1), Revision(0), 9).await.unwrap(), expected);
    assert_eq!(journal.read_last(stream(1)).await.unwrap(), expected.first().cloned());
    assert_eq!(journal.read_all(Position::START, 9).await.unwrap(), expected);
    assert_eq!(journal.subscribe(Position::START).next().await.unwrap(), Some(expected.to_vec()));
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
    assert!(matches!(verify(&*journal, |_| {}).await.unwrap(), Verdict::Ok(head) if head.events == 0));
    fill(&*journal, 1, &["a", "b", "c"]).await;
    journal.append(append(2, Expected::NoStream, &["d", "e"])).await.unwrap();
    let mut heard = 0;
    let verdict = verify(&*journal, |events| heard = events).await.unwrap();
    let Verdict::Ok(walked) = verdict else { panic!("{verdict}") };
    assert_eq!((walked.events, walked.position), (5, journal.head().await.unwrap()));
    let recorded = journal.chain_head().await.unwrap();
    assert!(recorded.is_none_or(|recorded| recorded == walked), "{recorded:?}");
    assert_eq!(heard, 5);
}
