//! Tests that an alteration of an event in the database is detected.

use journal::{Alteration, Journal as _, Verdict, verify};
use kurrent_double::{Double, log::Record};
use schemas::Revision;

use crate::{
    given::{fill, stream},
    open,
};

type Change = fn(&mut Record);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_an_altered_event_is_named() {
    let changes: [(&str, u64, Change, Alteration); 8] = [
        ("data", 1, |record| record.data = b"{}".as_slice().into(), Alteration::Bytes),
        ("type", 0, |record| drop(record.properties.insert("type".to_owned(), "x.v1".to_owned())), Alteration::Bytes),
        (
            "metadata",
            2,
            |record| record.metadata = changed(&record.metadata, "192.0.2.1", "192.0.2.9"),
            Alteration::Bytes,
        ),
        (
            "the time of storage",
            2,
            |record| record.metadata = changed(&record.metadata, r#""stored_at":"#, r#""stored_at":1"#),
            Alteration::Bytes,
        ),
        (
            "the name of the encoding",
            0,
            |record| record.metadata = changed(&record.metadata, r#""data_encoding":"json""#, r#""data_encoding":"""#),
            Alteration::Bytes,
        ),
        (
            "the form",
            1,
            |record| record.metadata = changed(&record.metadata, r#""form":2"#, r#""form":3"#),
            Alteration::Bytes,
        ),
        ("all metadata", 1, |record| record.metadata = b"{}".as_slice().into(), Alteration::Bytes),
        ("its place", 1, |record| record.revision = 7, Alteration::GapInStream),
    ];
    for (title, revision, change, expected) in changes {
        let double = Double::start();
        let journal = open(&double).await;
        fill(&*journal, 1, &["a", "b", "c"]).await;
        fill(&*journal, 2, &["d"]).await;
        let verdict = verify(&*journal, |_| {}).await.unwrap();
        assert!(matches!(verdict, Verdict::Ok { head, .. } if head.events == 4), "{title}: {verdict}");
        double.log().tamper(&stream(1).to_string(), revision, change).unwrap();
        let verdict = verify(&*journal, |_| {}).await.unwrap();
        let Verdict::Altered { stream: named, why, .. } = verdict else { panic!("{title}: {verdict}") };
        assert_eq!((named, why), (stream(1).to_string(), expected), "{title}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_server_that_sends_no_positions_is_too_old() {
    let double = Double::start();
    let journal = open(&double).await;
    fill(&*journal, 1, &["a", "b"]).await;
    double.log().tamper(&stream(1).to_string(), 1, |record| record.position = u64::MAX).unwrap();
    let failure = journal.read_stream(stream(1), Revision(0), 9).await.unwrap_err().to_string();
    let named = format!("no position for the event with revision 1 in the stream {}; use version 22.6", stream(1));
    assert!(failure.contains(&named) && !failure.contains("damaged"), "{failure}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_an_altered_event_stops_whoever_reads_it() {
    let double = Double::start();
    let journal = open(&double).await;
    fill(&*journal, 1, &["a"]).await;
    double.log().tamper(&stream(1).to_string(), 0, |record| record.metadata = b"{}".as_slice().into()).unwrap();
    let refused = journal.read_all(schemas::Position::START, 9).await.unwrap_err().to_string();
    assert!(refused.contains("is damaged"), "{refused}");
}

fn changed<T: From<Vec<u8>>>(bytes: &[u8], from: &str, to: &str) -> T {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.contains(from), "{text}");
    text.replace(from, to).into_bytes().into()
}
