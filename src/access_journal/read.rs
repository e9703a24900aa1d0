//! Reads the access journal, also while a server writes it.

use std::{path::Path, sync::Arc};

use journal::sqlite;
use schemas::{AccessEvent, Event, Metadata, Position};

use crate::{Error, Layer, segment};

/// Maximum number of events that are read at a time.
const PAGE_EVENTS: usize = 1_000;

/// One event of the access journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// Name of the segment that contains the event.
    pub segment: String,
    /// Position of the event in the segment.
    pub position: Position,
    /// Metadata of the event: person, time and client program.
    pub metadata: Metadata,
    /// The event.
    pub event: AccessEvent,
}

/// Calls `each` with every event of the segments that were not set aside, the oldest first. Skips
/// events that this version of the program cannot read, and encrypted events whose key was
/// destroyed.
pub async fn read(folder: &Path, layer: &Layer, mut each: impl FnMut(Access)) -> Result<(), Error> {
    for segment in segment::all(folder)? {
        let open = |cause| Error::Open { file: segment.path.clone(), cause };
        let journal = layer(Arc::new(sqlite::open_read_only(&segment.path).map_err(open)?));
        let mut after = Position::START;
        loop {
            let page = journal.read_all(after, PAGE_EVENTS).await?;
            let Some(last) = page.last() else { break };
            after = last.position;
            for recorded in page.into_iter().filter_map(|stored| stored.read().ok()) {
                if let Event::Access(event) = recorded.event {
                    let (segment, position) = (segment.name(), recorded.position);
                    each(Access { segment, position, metadata: recorded.metadata, event });
                }
            }
        }
    }
    Ok(())
}
