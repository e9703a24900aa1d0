//! A test of a server with a journal of the first release. The server returns the stored resources,
//! appends events, and rebuilds the read models.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use journal::{Verdict, verify};
use schemas::{Event, ObjectEvent, Position, object::Place};

use super::{Server, main_job::lunch, server::open};
use crate::verified::verified;

/// The number of events in the journal of the first release.
const EVENTS: u64 = 130;

/// Returns the texts of all resources, folded from the events.
async fn stored(folder: &Path) -> BTreeSet<String> {
    let mut stored: BTreeMap<Place, _> = BTreeMap::new();
    for recorded in verified(&open(folder).await).await {
        match recorded.event {
            Event::Object(ObjectEvent::Put(put)) => drop(stored.insert(put.place, put.content)),
            Event::Object(ObjectEvent::Revised(revised)) => drop(stored.insert(revised.place, revised.content)),
            Event::Object(ObjectEvent::Removed(removed)) => drop(stored.remove(&removed.place)),
            Event::Object(ObjectEvent::Moved(moved)) => {
                let content = stored.remove(&moved.from).expect("what moves is there");
                stored.insert(moved.to, content);
            }
            _ => {}
        }
    }
    stored.into_values().map(|content| content.ics).collect()
}

/// Returns the texts of all resources, as clients read them.
async fn shown(server: &Server) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    for who in ["alice", "bob", "carol"] {
        let calendar = format!("/calendars/{who}/calendar/");
        for member in server.members(who, &calendar).await {
            shown.insert(server.get(who, &member).await.text().await.expect("text"));
        }
    }
    shown
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_of_the_first_release_is_served_continued_and_rebuilt() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("specimens/journals/version-1.sqlite");
    fs::copy(file, folder.path().join("journal.sqlite")).expect("the journal is copied");
    let expected = stored(folder.path()).await;
    let server = Server::start(folder.path()).await;
    let before = shown(&server).await;
    assert!(!before.is_empty());
    assert!(before.is_subset(&expected), "{before:?}");

    let changed = server.put("alice", "/calendars/alice/calendar/new.ics", &lunch()).await;
    assert!(changed.status().is_success(), "{}", changed.status());
    let after = shown(&server).await;
    assert_ne!(after, before);
    server.stop().await;

    fs::remove_dir_all(folder.path().join("read-models")).expect("the read models are removed");
    let server = Server::start(folder.path()).await;
    assert_eq!(shown(&server).await, after, "rebuilt from events of both forms");
    server.stop().await;
    let verdict = verify(&open(folder.path()).await, |_| {}).await.expect("a verdict");
    assert!(matches!(verdict, Verdict::Ok { seam: Some(Position(seam)), .. } if seam == EVENTS + 1), "{verdict}");
}
