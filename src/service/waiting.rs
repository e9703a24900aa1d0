//! Delivers delayed messages to a home before it is read.

use std::{collections::BTreeSet, sync::Arc};

use ical::{Address, Document};
use projections::Entry;
use schemas::{PrincipalId, principal::AutomaticAnswer};

use crate::{Service, error::Error, freshness::Subject};

impl Service {
    /// Updates the copies in a home before they are read: delivers the delayed messages to it (RFC
    /// 6638 §4.2). Ends without an error if that takes longer than `delivery_wait`.
    pub async fn refresh(&self, home: PrincipalId) -> Result<(), Error> {
        self.refresh_meetings(home, self.runner.outbox.waiting_for(home)).await
    }

    async fn refresh_meetings(&self, home: PrincipalId, meetings: Vec<String>) -> Result<(), Error> {
        if !meetings.is_empty() {
            let runner = Arc::clone(&self.runner);
            // A task, so that a client that disconnects interrupts no delivery. A read waits at
            // most `delivery_wait` for it, as a write does.
            let refreshing = self.runner.runtime.spawn(async move { runner.refresh(home, meetings).await });
            match tokio::time::timeout(self.settings.delivery_wait, refreshing).await {
                Ok(ended) => ended.map_err(Error::failed)?,
                Err(_) => return Ok(()),
            }
        }
        // Messages that a concurrent read has delivered are in the journal, but possibly not in the
        // read models yet.
        let delivered = self.store.freshness.last(Subject::Home(home));
        if delivered <= self.models.position() {
            return Ok(());
        }
        // After the maximum wait, the read is answered from the present state of the read models.
        if let Err(behind) = self.models.wait_for(delivered, self.settings.delivery_wait).await {
            tracing::debug!(%behind, %home, "a request reads an older state, because the read models did not catch \
                up in time");
        }
        Ok(())
    }

    /// Updates the copies of the attendees in a free-busy request before their busy times are read.
    pub async fn refresh_asked(&self, question: &Document) -> Result<(), Error> {
        self.refresh_attendees(question, |_| true, |_| true).await
    }

    /// Updates the copies of the attendees of a meeting who answer automatically, because their
    /// busy times decide the answer. Delayed messages about this meeting itself are not delivered:
    /// they do not change those busy times, and the command may withdraw them.
    pub(crate) async fn refresh_rooms(&self, meeting: &Document, uid: &str) -> Result<(), Error> {
        let is_room = |entry: &Entry| entry.automatic_answer != AutomaticAnswer::None;
        self.refresh_attendees(meeting, is_room, |about| about != uid).await
    }

    async fn refresh_attendees(
        &self,
        meeting: &Document,
        wanted: impl Fn(&Entry) -> bool,
        about: impl Fn(&str) -> bool,
    ) -> Result<(), Error> {
        if !self.runner.outbox.waits() {
            return Ok(());
        }
        let directory = self.models.directory();
        let lines = meeting.root().components().flat_map(|component| component.properties_named("ATTENDEE"));
        let addresses: BTreeSet<Address> = lines.filter_map(ical::Property::address).collect();
        let entries = addresses.iter().filter_map(|address| directory.by_address(address));
        let homes: BTreeSet<PrincipalId> = entries.filter(|entry| wanted(entry)).map(|entry| entry.id).collect();
        let refreshing = async {
            for home in homes {
                let meetings = self.runner.outbox.waiting_for(home).into_iter().filter(|uid| about(uid)).collect();
                self.refresh_meetings(home, meetings).await?;
            }
            Ok(())
        };
        // The time limit applies to all homes together. Deliveries that have begun continue after
        // it.
        tokio::time::timeout(self.settings.delivery_wait, refreshing).await.unwrap_or(Ok(()))
    }
}
