//! Checks that no acknowledged write is lost: the journal contains it in the right stream, with the
//! `ETag` of the answer.

use schemas::{Event, FileEvent, ObjectEvent, Recorded};

use super::Acknowledged;

pub(super) fn check(journal: &[Recorded], acknowledged: &[Acknowledged]) -> Result<(), String> {
    for written in acknowledged {
        let is_it =
            |recorded: &Recorded| recorded.stream == written.stream && etag(&recorded.event) == Some(&written.etag);
        if !journal.iter().any(is_it) {
            return Err(format!("what was acknowledged is not in the journal: {written:?}"));
        }
    }
    Ok(())
}

fn etag(event: &Event) -> Option<&str> {
    match event {
        Event::Object(ObjectEvent::Put(put)) => Some(&put.content.etag),
        Event::Object(ObjectEvent::Revised(revised)) => Some(&revised.content.etag),
        Event::File(FileEvent::Stored(stored)) => Some(&stored.etag),
        _ => None,
    }
}
