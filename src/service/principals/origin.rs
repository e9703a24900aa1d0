//! How a principal came to be as it is.

use schemas::{Event, PrincipalEvent, PrincipalId, Revision, Stream};

use crate::{Service, error::Error};

/// Events that are read of a stream at a time.
const PAGE_EVENTS: usize = 256;

/// By which part of the program ([`schemas::Client::via`]) a principal was registered, and was disabled or enabled last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The part that registered it.
    pub registered_via: String,
    /// The part that changed its state last; `None` if its state never changed.
    pub state_via: Option<String>,
}

impl Service {
    /// Reads the history of a principal.
    pub async fn origin(&self, id: PrincipalId) -> Result<Origin, Error> {
        let (mut origin, mut from) = (Origin::default(), Revision(0));
        loop {
            let page = self.store.journal.read_stream(Stream::Principal(id), from, PAGE_EVENTS).await?;
            let is_last = page.len() < PAGE_EVENTS;
            for stored in page {
                let recorded = stored.read().map_err(Error::failed)?;
                let via = recorded.metadata.client.via;
                match recorded.event {
                    Event::Principal(PrincipalEvent::Registered(_)) => origin.registered_via = via,
                    Event::Principal(
                        PrincipalEvent::Disabled(_) | PrincipalEvent::Enabled(_) | PrincipalEvent::Retired(_),
                    ) => origin.state_via = Some(via),
                    _ => {}
                }
            }
            if is_last {
                return Ok(origin);
            }
            from.0 += PAGE_EVENTS as u64;
        }
    }
}
