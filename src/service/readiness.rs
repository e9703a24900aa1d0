//! Checks whether the service can answer requests, and whether it is at rest.

use projections::Condition;

use crate::{Service, error::Error};

impl Service {
    /// Checks that requests can be answered from read models that show the whole journal.
    ///
    /// Returns one line for each faulty read model that requests do not need, and for each new
    /// version that cannot be built while an older one is served, with its problem. Fails with
    /// [`Error::Behind`] if the projector cannot hand on new events, or if a read model that
    /// requests need is faulty or does not reach the head in time.
    pub async fn ready(&self) -> Result<Vec<String>, Error> {
        if let Some(why) = self.projecting.trouble() {
            return Err(Error::Behind(why.into()));
        }
        let (required, others): (Vec<_>, Vec<_>) =
            self.models.conditions().into_iter().partition(|condition| condition.is_required);
        if let Some(why) = required.iter().find_map(Condition::complaint) {
            return Err(Error::Behind(why.into()));
        }
        let head = self.store.journal.head().await?;
        self.models.wait_for(head, self.settings.read_models_wait).await?;
        let builds = required.iter().chain(&others).filter_map(Condition::complaint_of_build);
        Ok(others.iter().filter_map(Condition::complaint).chain(builds).collect())
    }

    /// Checks that the journal can be written, and everything that [`Self::ready`] checks. Returns
    /// the same lines.
    pub async fn ready_to_write(&self) -> Result<Vec<String>, Error> {
        self.store.journal.is_writable().await?;
        self.ready().await
    }

    /// Waits at the start, without a time limit, until the read models that requests need have
    /// reached the head. Fails if one of them, or the projector, has stopped before that.
    pub async fn caught_up(&self) -> Result<(), Error> {
        while self.caught_up_or_held_up().await?.is_some() {}
        Ok(())
    }

    /// Waits like [`caught_up`](Self::caught_up), but returns the reason if a read model that
    /// requests need is held up, for example because the disk is full. `None`: all read models that
    /// requests need have caught up. Fails if one of them, or the projector, has stopped before
    /// that.
    pub async fn caught_up_or_held_up(&self) -> Result<Option<String>, Error> {
        let head = self.store.journal.head().await?;
        while self.models.wait_for(head, self.settings.read_models_wait).await.is_err() {
            if self.projecting.has_stopped() {
                return Err(Error::Behind("the read models have stopped; the log of the server has the reason".into()));
            }
            let mut conditions = self.models.conditions();
            conditions.retain(|condition| condition.is_required);
            if let Some(condition) = conditions.iter().find(|condition| condition.has_stopped()) {
                return Err(Error::Behind(condition.complaint().unwrap_or_default().into()));
            }
            if let Some(condition) = conditions.iter().find(|condition| condition.is_held_up()) {
                return Ok(condition.complaint());
            }
        }
        Ok(None)
    }

    /// Returns true if the server is at rest: the read models that requests need show the whole
    /// journal, every message in it is delivered or parked, and no event was added meanwhile. Fails
    /// with [`Error::Behind`] if the read models do not show it in time.
    pub async fn is_at_rest(&self) -> Result<bool, Error> {
        let head = self.store.journal.head().await?;
        self.applied(head).await?;
        // A message that is still to be delivered is counted here, or was added after `head`.
        Ok(self.undelivered() == 0 && self.store.journal.head().await? == head)
    }
}
