//! The state of all deliveries, folded from events.

mod pending;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    time::Duration,
};

use calendar::object::Object;
use schemas::{Event, ObjectEvent, Position, PrincipalId, Recorded, Timestamp, object::MessageReceived};
use uuid::Uuid;

pub(crate) use self::pending::Pending;
use crate::{
    Due, Outbound, Progress, Routes, Unreadable, Work,
    round::{Round, Windows},
};

/// All messages that are not yet delivered and reported, and the position up to which the journal
/// was read.
///
/// A message is added from the append that issued it or from the journal, whichever comes first.
#[derive(Debug)]
pub struct State {
    pub(crate) messages: BTreeMap<Uuid, Pending>,
    /// Messages of each meeting by its UID, in the order they were issued.
    meetings: HashMap<String, Vec<Uuid>>,
    /// Unfinished messages of a delayed kind ([`Outbound::waits`]), by the home of each recipient
    /// on this server.
    waiting: HashMap<PrincipalId, BTreeSet<Uuid>>,
    /// Messages that were finished before their event was read from the journal, with their
    /// [positions](Outbound::position).
    finished: HashMap<Uuid, Position>,
    /// Events about deliveries that this version of the program cannot read.
    pub(crate) unreadable: Vec<Unreadable>,
    seen: Position,
    /// The delay before the first retry of a failed attempt, in microseconds; doubled for each
    /// further retry, up to a maximum.
    first_delay: i64,
    windows: Windows,
}

/// The delays of deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delays {
    /// The delay before the first retry of a failed attempt; doubled for each further retry, up to
    /// 128 times as long.
    pub first_retry: Duration,
    /// The time to wait for further answers before the copies of the other attendees are refreshed.
    pub refreshes: Duration,
    /// The time in which a client may store a meeting again that it removed by DELETE, before
    /// others are notified of the removal.
    pub removals: Duration,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            first_retry: Duration::from_secs(30),
            refreshes: Duration::from_secs(10),
            removals: Duration::from_secs(10),
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new(Position::START, Delays::default())
    }
}

impl State {
    /// Returns a state without messages, for a journal that is folded from `checkpoint` on.
    pub fn new(checkpoint: Position, delays: Delays) -> Self {
        let micros = |delay: Duration| i64::try_from(delay.as_micros()).unwrap_or(i64::MAX);
        Self {
            messages: BTreeMap::new(),
            meetings: HashMap::new(),
            waiting: HashMap::new(),
            finished: HashMap::new(),
            unreadable: vec![],
            seen: checkpoint,
            first_delay: micros(delays.first_retry),
            windows: Windows { refreshes: micros(delays.refreshes), removals: micros(delays.removals) },
        }
    }

    /// Returns the position up to which the journal was read.
    pub fn seen(&self) -> Position {
        self.seen
    }

    /// Returns the position up to which every message is finished or parked, as far as the journal
    /// was read.
    pub fn checkpoint(&self) -> Position {
        let open = self.messages.values().filter(|pending| !pending.is_parked());
        open.filter_map(|pending| pending.before).min().unwrap_or(self.seen).min(self.seen)
    }

    /// Adds a message at the time `now`, from the append that issued it, unless the state contains
    /// it, or knows that it is finished.
    pub fn issued(&mut self, message: Outbound, now: Timestamp) {
        let id = message.issued.message;
        if !self.finished.contains_key(&id) && !self.messages.contains_key(&id) {
            self.insert(Pending::new(message, now));
        }
    }

    /// Folds the next event of the journal.
    pub fn apply(&mut self, recorded: &Recorded, now: Timestamp) {
        if recorded.position <= self.seen {
            return;
        }
        let before = std::mem::replace(&mut self.seen, recorded.position);
        match &recorded.event {
            Event::Object(ObjectEvent::MessageIssued(issued)) if self.finished.remove(&issued.message).is_none() => {
                if let Some(message) = Outbound::of(recorded) {
                    self.issued(message, now);
                }
                if let Some(pending) = self.messages.get_mut(&issued.message) {
                    pending.before = Some(before);
                }
            }
            Event::Object(ObjectEvent::MessageReceived(received)) => self.received(received),
            Event::Object(ObjectEvent::MessageWithdrawn(withdrawn)) => self.withdrawn(withdrawn.message),
            Event::Object(ObjectEvent::DeliveryReported(reported)) => {
                if let Some(pending) = self.messages.get_mut(&reported.message) {
                    pending.reported(reported);
                    self.finish_known(reported.message);
                }
            }
            _ => {}
        }
        let seen = self.seen;
        self.finished.retain(|_, position| *position > seen);
    }

    /// Records an unreadable event about a delivery, and that the journal was read up to it.
    pub fn skip(&mut self, unreadable: Unreadable) {
        self.pass(unreadable.position);
        if self.unreadable.iter().all(|known| known.position != unreadable.position) {
            self.unreadable.push(unreadable);
        }
    }

    /// Records that the journal was read up to an event that does not concern deliveries.
    pub fn pass(&mut self, position: Position) {
        self.seen = self.seen.max(position);
    }

    /// Adds at the time `now` the parked message that `recorded` issued, at the checkpoint or
    /// before it. `before` is the last position before that event.
    pub fn restore(&mut self, recorded: &Recorded, before: Position, now: Timestamp) {
        if let Some(message) = Outbound::of(recorded) {
            let mut pending = Pending::new(message, now);
            pending.before = Some(before);
            self.insert(pending);
        }
    }

    /// Returns the work for the meeting with this UID that `due` selects, and drops finished
    /// messages.
    pub fn round(&mut self, uid: &str, routes: &dyn Routes, due: Due) -> Vec<Work> {
        let mut round = Round::new(due, self.windows);
        for id in self.meetings.get(uid).cloned().unwrap_or_default() {
            let Some(pending) = self.messages.get_mut(&id) else { continue };
            pending.route(routes);
            pending.add_to(&mut round);
            if pending.is_finished() {
                self.finish(id);
            }
        }
        round.into_work()
    }

    /// Marks those messages and reports of `work` as done that `copy` has processed.
    pub fn taken_in(&mut self, work: &Work, copy: &Object) {
        for message in &work.messages {
            let id = message.issued.message;
            if let Some(pending) = self.messages.get_mut(&id).filter(|_| copy.received.contains(&id)) {
                pending.arrived(work.home, copy.ignored.get(&id));
            }
        }
        for report in work.reports.iter().filter(|report| copy.reported.contains(&report.message)) {
            if let Some(pending) = self.messages.get_mut(&report.message) {
                pending.reported(report);
            }
        }
    }

    /// Records that an attempt at this work failed. Parts that are neither done nor parked are
    /// retried later.
    pub fn failed(&mut self, work: &Work, error: &str, now: Timestamp) {
        let first_delay = self.first_delay;
        self.each(work, |progress| progress.fail(error, now, first_delay));
    }

    /// Parks all messages and reports of `work` that are not done, with a reason.
    pub fn park_all(&mut self, work: &Work, reason: &str) {
        self.each(work, |progress| progress.park(reason));
    }

    /// Parks the delivery of one message to one home, with a reason, unless it is done.
    pub fn park(&mut self, message: Uuid, home: PrincipalId, reason: &str) {
        if let Some(pending) = self.messages.get_mut(&message) {
            pending.arrival(home).progress.park(reason);
        }
    }

    /// True if the meeting has an unfinished message that is not parked, and that a round for `due`
    /// does not delay.
    pub fn is_open(&self, uid: &str, due: Due) -> bool {
        let ids = self.meetings.get(uid).into_iter().flatten();
        let mut pending = ids.filter_map(|id| self.messages.get(id));
        pending.any(|pending| !pending.is_parked() && !pending.gathers(due, self.windows))
    }

    /// Returns the UIDs of the meetings with delayed messages ([`Outbound::waits`]) that have
    /// waited long enough at `now`. Parked messages do not count.
    pub fn gathered(&self, now: Timestamp) -> BTreeSet<String> {
        let is_due = |pending: &&Pending| {
            pending.message.waits() && !pending.is_parked() && !pending.gathers(Due::At(now), self.windows)
        };
        self.messages.values().filter(is_due).map(|pending| pending.message.issued.uid.clone()).collect()
    }

    /// Returns the UIDs of the meetings with delayed messages ([`Outbound::waits`]) that the home
    /// has not received. Parked messages do not count.
    pub fn waiting_for(&self, home: PrincipalId) -> BTreeSet<String> {
        let ids = self.waiting.get(&home).into_iter().flatten();
        let waiting = ids.filter_map(|id| self.messages.get(id)).filter(|pending| pending.waits_for(home));
        waiting.filter(|pending| !pending.is_parked()).map(|pending| pending.message.issued.uid.clone()).collect()
    }

    /// True if an unfinished message of a kind that is delayed ([`Outbound::waits`]) has a
    /// recipient on this server.
    pub fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Returns the messages about the removal of a meeting that can be withdrawn, because no home
    /// has received them and no delivery has failed or is parked.
    pub fn withdrawable(&self, uid: &str) -> Vec<Uuid> {
        let ids = self.meetings.get(uid).into_iter().flatten();
        let pending = ids.filter_map(|id| self.messages.get(id));
        let untouched = pending.filter(|pending| pending.message.is_removal() && pending.is_untouched());
        untouched.map(|pending| pending.message.issued.message).collect()
    }

    /// Drops a message that is not to be delivered any more.
    pub fn withdrawn(&mut self, message: Uuid) {
        self.finish(message);
    }

    /// Returns the UIDs of the meetings with messages that are due at `now`: retries whose time has
    /// come, and messages without a failed attempt that were added at `noted_before` or earlier.
    /// Parked messages do not count.
    pub fn due(&self, now: Timestamp, noted_before: Timestamp) -> BTreeSet<String> {
        let is_due = |pending: &&Pending| !pending.is_parked() && pending.is_due(now, noted_before);
        self.messages.values().filter(is_due).map(|pending| pending.message.issued.uid.clone()).collect()
    }

    /// Returns how many messages are neither finished nor parked.
    pub fn open(&self) -> usize {
        self.messages.values().filter(|pending| !pending.is_parked()).count()
    }

    /// Returns when the oldest message that is neither finished nor parked was issued; `None` if
    /// there is none.
    pub fn oldest(&self) -> Option<Timestamp> {
        let open = self.messages.values().filter(|pending| !pending.is_parked());
        open.map(|pending| pending.message.metadata.at).min()
    }

    /// Returns the number of parked messages and of events that cannot be read.
    pub fn parked(&self) -> usize {
        self.messages.values().filter(|pending| pending.is_parked()).count() + self.unreadable.len()
    }

    fn received(&mut self, received: &MessageReceived) {
        for message in received.also.iter().chain([&received.message]) {
            if let Some(pending) = self.messages.get_mut(message) {
                pending.arrived(received.home, pending::ignored(&received.outcome));
                self.finish_known(*message);
            }
        }
    }

    fn each(&mut self, work: &Work, change: impl Fn(&mut Progress)) {
        for message in &work.messages {
            if let Some(pending) = self.messages.get_mut(&message.issued.message) {
                change(&mut pending.arrival(work.home).progress);
            }
        }
        for report in &work.reports {
            if let Some(pending) = self.messages.get_mut(&report.message) {
                change(&mut pending.report);
            }
        }
    }

    fn insert(&mut self, pending: Pending) {
        let issued = &pending.message.issued;
        let (id, order) = (issued.message, pending.order());
        let meeting = self.meetings.entry(issued.uid.clone()).or_default();
        let at = meeting.partition_point(|other| self.messages.get(other).is_some_and(|other| other.order() <= order));
        meeting.insert(at, id);
        for home in pending.waits_at() {
            self.waiting.entry(home).or_default().insert(id);
        }
        self.messages.insert(id, pending);
    }

    /// Drops a message if the folded events show that it is finished.
    fn finish_known(&mut self, message: Uuid) {
        if self.messages.get(&message).is_some_and(Pending::is_known_finished) {
            self.finish(message);
        }
    }

    fn finish(&mut self, id: Uuid) {
        let Some(pending) = self.messages.remove(&id) else { return };
        for home in pending.waits_at() {
            if let Entry::Occupied(mut waiting) = self.waiting.entry(home) {
                waiting.get_mut().remove(&id);
                if waiting.get().is_empty() {
                    waiting.remove();
                }
            }
        }
        let uid = &pending.message.issued.uid;
        if let Some(meeting) = self.meetings.get_mut(uid) {
            meeting.retain(|other| *other != id);
            if meeting.is_empty() {
                self.meetings.remove(uid);
            }
        }
        if pending.message.position > self.seen {
            self.finished.insert(id, pending.message.position);
        }
    }
}
