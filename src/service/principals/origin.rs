//! Origin of a principal: the parts of the program that registered it and last changed its state.

use schemas::{Event, PrincipalEvent, PrincipalId, Revision, Stream};

use crate::{Service, error::Error};

/// Maximum number of events that are read from a stream at a time.
const PAGE_EVENTS: usize = 256;

/// Parts of the program ([`schemas::Client::via`]) that registered a principal, and that disabled,
/// enabled or retired it last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Part of the program that registered the principal; empty if no principal has this id.
    pub registered_via: String,
    /// Part of the program that disabled, enabled or retired the principal last; `None` if that
    /// never happened.
    pub state_via: Option<String>,
}

impl Service {
    /// Returns the origin of a principal, which is read from its stream.
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use journal::{Append, Journal, memory::Memory};
    use projections::ReadModels;
    use schemas::{
        Client, Expected, Metadata, NewEvent,
        event::Nothing,
        principal::{PrincipalKind, PrincipalRegistered, Profile},
    };
    use uuid::Uuid;

    use super::*;
    use crate::Settings;

    #[tokio::test]
    async fn the_origin_is_found_in_a_history_of_several_pages() {
        let (folder, journal) = (tempfile::tempdir().expect("a folder"), Arc::new(Memory::new()));
        let anna = PrincipalId(Uuid::from_u128(1));
        let (short_name, kind, profile) = ("anna".to_owned(), PrincipalKind::Individual, Profile::default());
        let registered = PrincipalEvent::Registered(PrincipalRegistered { short_name, kind, profile });
        let changes = [PrincipalEvent::Disabled(Nothing {}), PrincipalEvent::Enabled(Nothing {})];
        let history = std::iter::once(&registered).chain(changes.iter().cycle()).take(2 * PAGE_EVENTS);
        for (number, event) in history.enumerate() {
            let client = Client { via: format!("act {number}"), ..Client::default() };
            let append = Append {
                stream: Stream::Principal(anna),
                expected: number
                    .checked_sub(1)
                    .map_or(Expected::NoStream, |last| Expected::Exact(Revision(last as u64))),
                metadata: Metadata { client, ..Metadata::default() },
                events: vec![NewEvent::new(Uuid::from_u128(number as u128), &Event::Principal(event.clone()))],
            };
            journal.append(append).await.expect("appended");
        }
        let (models, projector) = ReadModels::open(folder.path()).expect("read models");
        let service = Service::start(journal, models, projector, Settings::default()).await.expect("a service");
        let last = format!("act {}", 2 * PAGE_EVENTS - 1);
        let expected = Origin { registered_via: "act 0".to_owned(), state_via: Some(last) };
        assert_eq!(service.origin(anna).await.expect("read"), expected);
        service.end().await;
    }
}
