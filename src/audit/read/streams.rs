//! Reads whole streams. An event that cannot be read is reported, and reading continues.

use journal::{Failure, Journal};
use schemas::{Recorded, Revision, Stream};

use super::Unreadable;
use crate::Fault;

/// Number of events read from a stream at a time.
const PAGE_EVENTS: usize = 256;

/// The events that could be read, and the faults of those that could not.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub events: Vec<Recorded>,
    pub faults: Vec<Fault>,
}

impl Read {
    /// Reads all events of a stream, from the first to the last.
    pub(super) async fn whole(&mut self, journal: &dyn Journal, stream: Stream) -> Result<(), Unreadable> {
        let mut from = Revision(0);
        loop {
            let page = match journal.read_stream(stream, from, PAGE_EVENTS).await {
                // The damaged event is left out. The events around it are read one by one.
                Err(Failure::Damaged { position, why }) => {
                    self.faults.push(Fault { position, why });
                    return self.one_by_one(journal, stream, from).await;
                }
                page => page?,
            };
            let is_last = page.len() < PAGE_EVENTS;
            from = page.last().map_or(from, |last| Revision(last.revision.0 + 1));
            for stored in page {
                let position = stored.position;
                match stored.read() {
                    Ok(recorded) => self.events.push(recorded),
                    Err(why) => self.faults.push(Fault { position, why: why.to_string() }),
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// Reads the events from revision `from` on one at a time, and skips damaged ones.
    async fn one_by_one(&mut self, journal: &dyn Journal, stream: Stream, from: Revision) -> Result<(), Unreadable> {
        let mut revision = from;
        loop {
            match journal.read_stream(stream, revision, 1).await {
                Ok(page) => {
                    let Some(stored) = page.into_iter().next() else { return Ok(()) };
                    let position = stored.position;
                    match stored.read() {
                        Ok(recorded) => self.events.push(recorded),
                        Err(why) => self.faults.push(Fault { position, why: why.to_string() }),
                    }
                }
                Err(Failure::Damaged { position, why }) => {
                    if self.faults.iter().all(|fault| fault.position != position) {
                        self.faults.push(Fault { position, why });
                    }
                }
                Err(failure) => return Err(failure.into()),
            }
            revision = Revision(revision.0 + 1);
        }
    }
}
