//! Reads the personal data that sharees have for a meeting in a shared calendar. The events are in
//! the streams of shares, which also contain other events.

use std::collections::BTreeSet;

use journal::Journal;
use projections::{ReadModels, search::Clue};
use schemas::{Event, ShareEvent, Stream};

use super::{Unreadable, one};

/// Returns the streams of shares in which a sharee stored personal data for the meeting with this
/// UID.
pub(super) async fn streams(
    journal: &dyn Journal,
    models: &ReadModels,
    uid: &str,
) -> Result<BTreeSet<Stream>, Unreadable> {
    let mut streams = BTreeSet::new();
    for position in models.follow(&Clue::PersonalData(uid.to_owned()))? {
        let Some(Ok(recorded)) = one(journal, position).await? else { continue };
        if matches!(recorded.event, Event::Share(_)) && belongs(&recorded.event, uid) {
            streams.insert(recorded.stream);
        }
    }
    Ok(streams)
}

/// Returns false for an event of a share that is not about the meeting with this UID, and true for
/// any other event.
pub(super) fn belongs(event: &Event, uid: &str) -> bool {
    match event {
        Event::Share(ShareEvent::PersonalDataChanged(changed)) => changed.uid == uid,
        Event::Share(_) => false,
        Event::Object(_)
        | Event::File(_)
        | Event::Collection(_)
        | Event::Principal(_)
        | Event::Access(_)
        | Event::Server(_)
        | Event::Erased(_) => true,
    }
}
