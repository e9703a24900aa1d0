//! Tests with events that the first release wrote, in version 1 of the chain.

use journal::{Alteration, Journal as _, Verdict, chain::Content, verify};
use kurrent_double::{
    Double,
    log::{Expected, Proposed},
};
use schemas::{Hash, Position, Revision};
use uuid::Uuid;

use crate::{
    given::{KIND, after, append, stream},
    open,
};

const METADATA: &str = r#"{"version":2,"at":5,"client":{"via":"PUT","agent":"Calendar/1","address":"192.0.2.1"},"request":"00000000-0000-0000-0000-00000000000b","correlation":"00000000-0000-0000-0000-00000000000b"}"#;

/// Writes an event in the same way as the first release. Returns its hash.
fn write_first(double: &Double, revision: u64, previous: Hash) -> Hash {
    let (id, name, data) = (Uuid::from_u128(revision.into()), stream(1).to_string(), br#"{"words":"old"}"#);
    let content = Content {
        position: Position::START,
        stream: &name,
        revision,
        id: id.as_bytes(),
        kind: KIND,
        metadata: METADATA.as_bytes(),
        data,
        second: None,
    };
    let hash = content.hash_in_stream(previous);
    let properties = [("type", KIND), ("content-type", "application/json")];
    let event = Proposed {
        id,
        properties: properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        metadata: format!(r#"{{"hash":"{hash}","metadata":{METADATA}}}"#).into_bytes().into(),
        data: data.as_slice().into(),
    };
    let expected = revision.checked_sub(1).map_or(Expected::NoStream, Expected::Revision);
    double.log().append(&name, expected, vec![event]).unwrap();
    hash
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_stream_goes_on_in_version_2_and_verifies_over_the_seam() {
    let double = Double::start();
    let hash = write_first(&double, 0, Hash::default());
    write_first(&double, 1, hash);
    let journal = open(&double).await;
    let appended = journal.append(append(1, after(1), &["new"])).await.unwrap();
    let stored = journal.read_stream(stream(1), Revision(0), 9).await.unwrap();
    let agents: Vec<_> = stored.iter().map(|stored| stored.metadata.client.agent.as_str()).collect();
    assert_eq!(agents, ["Calendar/1"; 3]);
    let times: Vec<_> = stored.iter().map(|stored| stored.metadata.stored_at.is_some()).collect();
    assert_eq!(times, [false, false, true]);
    let verdict = verify(&*journal, |_| {}).await.unwrap();
    assert!(matches!(verdict, Verdict::Ok { seam: Some(seam), .. } if seam == appended.position), "{verdict}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_an_event_in_version_1_behind_one_in_version_2_is_named() {
    let double = Double::start();
    let journal = open(&double).await;
    journal.append(append(1, schemas::Expected::NoStream, &["new"])).await.unwrap();
    let hash = journal.read_last(stream(1)).await.unwrap().unwrap().hash;
    write_first(&double, 1, hash);
    let verdict = verify(&*journal, |_| {}).await.unwrap();
    assert!(matches!(verdict, Verdict::Altered { revision: 1, why: Alteration::Downgraded, .. }), "{verdict}");
}
