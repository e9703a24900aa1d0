//! Streams, events and appends for the tests.

use std::sync::atomic::{AtomicU64, Ordering};

use journal::{Append, Appended, Journal};
use schemas::{Client, Expected, Metadata, NewEvent, PrincipalId, Revision, Stream, StreamKind, Timestamp};
use uuid::Uuid;

pub(crate) const KIND: &str = "calendar-object-put.v1";

/// A number that makes the streams of each case distinct, for cases that share one journal.
pub(crate) static SPACE: AtomicU64 = AtomicU64::new(0);

pub(crate) fn stream(number: u32) -> Stream {
    stream_of(StreamKind::Object, number)
}

pub(crate) fn stream_of(kind: StreamKind, number: u32) -> Stream {
    kind.stream(Uuid::from_u64_pair(SPACE.load(Ordering::Relaxed), number.into()))
}

/// Returns an event whose id is derived from `words`: the same words give the same id.
pub(crate) fn event(words: &str) -> NewEvent {
    let id = Uuid::new_v5(&schemas::ids::NAMESPACE, words.as_bytes());
    NewEvent::json(id, KIND, format!(r#"{{"words":"{words}"}}"#))
}

pub(crate) fn metadata() -> Metadata {
    Metadata {
        at: Timestamp::from_seconds(1_767_614_400),
        actor: Some(PrincipalId(Uuid::from_u128(0xa))),
        client: Client { via: "PUT".to_owned(), agent: "Calendar/1".to_owned(), address: "192.0.2.1".to_owned() },
        request: Uuid::from_u128(0xb),
        correlation: Uuid::from_u128(0xb),
        ..Metadata::default()
    }
}

pub(crate) fn append(number: u32, expected: Expected, words: &[&str]) -> Append {
    Append {
        stream: stream(number),
        expected,
        metadata: metadata(),
        events: words.iter().map(|words| event(words)).collect(),
    }
}

pub(crate) const fn after(revision: u64) -> Expected {
    Expected::Exact(Revision(revision))
}

/// Fills a new stream, with one append for each event.
pub(crate) async fn fill(journal: &dyn Journal, number: u32, words: &[&str]) -> Vec<Appended> {
    let mut appended = Vec::new();
    for (revision, words) in (0..).zip(words) {
        let expected = if revision == 0 { Expected::NoStream } else { after(revision - 1) };
        appended.push(journal.append(append(number, expected, &[words])).await.unwrap());
    }
    appended
}

pub(crate) fn words(stored: &[schemas::Stored]) -> Vec<String> {
    let words = |stored: &schemas::Stored| {
        let data = String::from_utf8(stored.data.to_vec()).unwrap();
        data.split('"').nth(3).unwrap().to_owned()
    };
    stored.iter().map(words).collect()
}
