//! A message that is not finished.

use std::{collections::BTreeMap, sync::Arc};

use schemas::{
    Ignored, Position, PrincipalId, Revision, Timestamp,
    object::{Delivery, DeliveryReported, Outcome, Visibility},
};

use crate::{
    Due, Outbound, Progress, Route, Routes,
    round::{Round, Windows},
    status,
};

#[derive(Debug)]
pub(crate) struct Pending {
    pub message: Arc<Outbound>,
    /// The last position before the event that issued the message; `None` until that event was read
    /// from the journal.
    pub before: Option<Position>,
    noted_at: Timestamp,
    pub arrivals: BTreeMap<PrincipalId, Arrival>,
    pub report: Progress,
    /// The routes to the recipients, in the order of the recipients, as of the last round; empty
    /// before the first round.
    routes: Vec<Route>,
    /// True if every home to which there was a route has an entry in `arrivals`: after a round,
    /// also one of the process that saved the progress.
    pub is_routed: bool,
}

/// The delivery of a message to one home.
#[derive(Debug, Default)]
pub(crate) struct Arrival {
    pub progress: Progress,
    /// True if the home ignored the message for a reason that counts as a rejection
    /// ([`Ignored::is_rejection`]).
    rejected: bool,
}

/// Returns the reason why a message changed nothing; `None` if it was applied.
pub(crate) fn ignored(outcome: &Outcome) -> Option<&Ignored> {
    match outcome {
        Outcome::Applied => None,
        Outcome::Ignored { reason } => Some(reason),
    }
}

impl Pending {
    pub(crate) fn new(message: Outbound, now: Timestamp) -> Self {
        let report = match message.issued.visibility {
            Visibility::Inbox => Progress::Due,
            // Messages without an inbox item are not reported: they do not affect any
            // SCHEDULE-STATUS.
            Visibility::Silent => Progress::Done,
        };
        let (message, arrivals) = (Arc::new(message), BTreeMap::new());
        Self { message, before: None, noted_at: now, arrivals, report, routes: vec![], is_routed: false }
    }

    pub(crate) fn order(&self) -> (Position, Revision) {
        (self.message.position, self.message.revision)
    }

    pub(crate) fn arrival(&mut self, home: PrincipalId) -> &mut Arrival {
        self.arrivals.entry(home).or_default()
    }

    /// Records that the home has received the message. `ignored` is the reason why it changed
    /// nothing there; `None` if it was applied.
    pub(crate) fn arrived(&mut self, home: PrincipalId, ignored: Option<&Ignored>) {
        let rejected = ignored.is_some_and(Ignored::is_rejection);
        *self.arrival(home) = Arrival { progress: Progress::Done, rejected };
    }

    /// Records a report. Every delivery that the report names is then done, except those with the
    /// status [`NOT_COMPLETED`](status::NOT_COMPLETED).
    pub(crate) fn reported(&mut self, reported: &DeliveryReported) {
        self.report = Progress::Done;
        let recipients = self.message.issued.recipients.clone();
        for (recipient, delivery) in recipients.iter().zip(&reported.deliveries) {
            if let Some(home) = recipient.principal.filter(|_| delivery.status != status::NOT_COMPLETED) {
                self.arrival(home).progress = Progress::Done;
            }
        }
    }

    /// Finds the routes to the recipients. A route to a home that has received the message stays.
    pub(crate) fn route(&mut self, routes: &dyn Routes) {
        let issued = &self.message.issued;
        let kept = |index: usize| match self.routes.get(index) {
            Some(Route::Home(home)) if self.is_done(*home) => Some(Route::Home(*home)),
            _ => None,
        };
        let recipients = issued.recipients.iter().enumerate();
        let routes =
            recipients.map(|(index, recipient)| kept(index).unwrap_or_else(|| routes.route(issued, recipient)));
        self.routes = routes.collect();
    }

    /// Adds to the round the work that is due for this message: its deliveries; or the report, once
    /// every delivery is done or parked.
    pub(crate) fn add_to(&mut self, round: &mut Round) {
        let mut homes = self.homes();
        homes.sort_unstable();
        // A principal who is invited under two addresses receives the message once.
        homes.dedup();
        let message = Arc::clone(&self.message);
        let mut settled = true;
        for home in homes {
            let progress = &self.arrival(home).progress;
            settled &= progress.is_settled();
            round.arrive(home, &message, progress);
        }
        self.is_routed = true;
        if settled {
            round.report(self.outcome(), &message, &self.report);
        }
    }

    /// Returns true if the report is done, and the deliveries to all homes to which the last round
    /// found routes.
    pub(crate) fn is_finished(&self) -> bool {
        self.report == Progress::Done && self.homes().iter().all(|home| self.is_done(*home))
    }

    /// True if the folded events alone show that the message is finished: the report is done, and
    /// the delivery to every recipient on this server.
    pub(crate) fn is_known_finished(&self) -> bool {
        let mut homes = self.message.issued.recipients.iter().filter_map(|recipient| recipient.principal);
        self.report == Progress::Done && homes.all(|home| self.is_done(home))
    }

    /// True if a delivery to a home, or the report, is parked, and nothing else is to be attempted.
    /// False before the first round.
    pub(crate) fn is_parked(&self) -> bool {
        let arrivals = || self.arrivals.values().map(|arrival| &arrival.progress);
        let untried = self.homes().iter().any(|home| !self.arrivals.contains_key(home));
        !self.routes.is_empty()
            && !untried
            && self.report.is_settled()
            && arrivals().all(Progress::is_settled)
            && (self.report.is_parked() || arrivals().any(Progress::is_parked))
    }

    /// True if the message is to be attempted at `now`: while a part of it is failing, if the time
    /// of the earliest retry has come; otherwise, if the message was added to the state at
    /// `noted_before` or earlier.
    pub(crate) fn is_due(&self, now: Timestamp, noted_before: Timestamp) -> bool {
        let parts = self.arrivals.values().map(|arrival| &arrival.progress).chain([&self.report]);
        let failing = parts.filter_map(|progress| match progress {
            Progress::Failing(failure) => Some(failure.retry_at),
            Progress::Due | Progress::Parked(_) | Progress::Done => None,
        });
        failing.min().map_or(self.noted_at <= noted_before, |retry_at| retry_at <= now)
    }

    /// True if a round for `due` still delays the delivery to every recipient's home that has not
    /// received the message. False if there is no such home.
    pub(crate) fn gathers(&self, due: Due, windows: Windows) -> bool {
        let homes = self.message.issued.recipients.iter().filter_map(|recipient| recipient.principal);
        let mut waiting = homes.filter(|home| !self.is_done(*home)).peekable();
        waiting.peek().is_some() && waiting.all(|home| due.gathers(&self.message, home, windows))
    }

    /// Returns the homes of all recipients on this server, also of those that have received the
    /// message, if the message is of a kind that is delayed on purpose
    /// ([`Outbound::waits`](crate::Outbound::waits)); else none.
    pub(crate) fn waits_at(&self) -> impl Iterator<Item = PrincipalId> {
        let recipients = self.message.issued.recipients.iter().filter(|_| self.message.waits());
        recipients.filter_map(|recipient| recipient.principal)
    }

    /// True if this home, one of [`waits_at`](Self::waits_at), has not received the message.
    pub(crate) fn waits_for(&self, home: PrincipalId) -> bool {
        !self.is_done(home)
    }

    /// True if no home has received the message, and no delivery has failed or is parked.
    pub(crate) fn is_untouched(&self) -> bool {
        self.arrivals.values().all(|arrival| arrival.progress == Progress::Due)
    }

    fn is_done(&self, home: PrincipalId) -> bool {
        self.arrivals.get(&home).is_some_and(|arrival| arrival.progress == Progress::Done)
    }

    fn homes(&self) -> Vec<PrincipalId> {
        let home = |route: &Route| match route {
            Route::Home(home) => Some(*home),
            Route::Members | Route::Nowhere(_) => None,
        };
        self.routes.iter().filter_map(home).collect()
    }

    /// Returns the report to the sender.
    fn outcome(&self) -> DeliveryReported {
        let issued = &self.message.issued;
        let recipients = issued.recipients.iter().zip(&self.routes);
        let delivery = |(recipient, route): (&schemas::object::Recipient, &Route)| Delivery {
            address: recipient.address.clone(),
            status: self.status(*route).to_owned(),
        };
        DeliveryReported {
            home: Some(issued.sender_home),
            uid: Some(issued.uid.clone()),
            message: issued.message,
            deliveries: recipients.map(delivery).collect(),
        }
    }

    fn status(&self, route: Route) -> status::Status {
        let home = match route {
            Route::Home(home) => home,
            Route::Members => return status::DELIVERED,
            Route::Nowhere(status) => return status,
        };
        match self.arrivals.get(&home) {
            Some(arrival) if arrival.progress.is_parked() => status::NOT_COMPLETED,
            Some(arrival) if arrival.rejected => status::REJECTED,
            Some(_) | None => status::DELIVERED,
        }
    }
}
