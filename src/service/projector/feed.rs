//! Source of events for a thread of the projector. It hands events over at once, or gathers them
//! and hands them over after another thread has applied them.

use std::{sync::Arc, time::Duration};

use journal::{Failure, Subscription};
use schemas::{Position, Recorded, Stored};
use tokio::sync::watch;

use super::handover::Handover;
use crate::error::Error;

/// Number of new positions after which the gathered events are handed over without waiting for
/// more. There may be fewer events, because positions have gaps.
const ENOUGH_EVENTS: u64 = 1_000;

/// The next events, at least one.
#[derive(Debug, PartialEq)]
pub(super) enum Batch {
    /// Events as the journal stores them.
    Stored(Vec<Stored>),
    /// Events that another thread has decoded.
    Decoded(Vec<Recorded>),
}

impl Batch {
    /// Returns the bytes that the events take when they are decoded: those of their JSON, and the
    /// fixed part of an event. Counts only events that are still to be decoded.
    pub(super) fn bytes_to_decode(&self) -> usize {
        match self {
            Self::Stored(events) => events.iter().map(|stored| stored.data.len() + size_of::<Recorded>()).sum(),
            Self::Decoded(_) => 0,
        }
    }

    /// Decodes the events. If one cannot be decoded, returns the error and the last position before
    /// it.
    pub(super) fn decode(self) -> Result<Vec<Recorded>, (Position, Error)> {
        let stored = match self {
            Self::Stored(stored) => stored,
            Self::Decoded(events) => return Ok(events),
        };
        let mut before = None;
        let decode = |stored: Stored| {
            let position = stored.position;
            let unread = before.replace(position).unwrap_or(position.previous());
            stored.read().map_err(|unreadable| (unread, Error::failed(unreadable)))
        };
        stored.into_iter().map(decode).collect()
    }
}

/// Source of the journal's events, in order.
pub(super) struct Feed {
    subscription: Subscription,
    pace: Option<Pace>,
}

/// State of a feed that follows another thread and gathers the events that the other thread has
/// applied.
struct Pace {
    /// Position of the last event that the other thread has applied.
    limit: watch::Receiver<Position>,
    /// Time for which the feed waits for more events.
    pause: Duration,
    /// Position of the last event that was handed over.
    seen: Position,
    /// Events that are read, but that the other thread may not have applied yet; `None`: all read
    /// events were handed over.
    waiting: Option<Vec<Stored>>,
    /// Events that the other thread has decoded.
    handover: Arc<Handover>,
}

impl Feed {
    /// Returns a feed that hands over every event as soon as it is stored.
    pub(super) fn prompt(subscription: Subscription) -> Self {
        Self { subscription, pace: None }
    }

    /// Returns a feed of the events after `seen` that hands over no event beyond `limit`. After the
    /// first event it waits up to `pause` for more. Events that `handover` does not hold are read
    /// from the subscription.
    pub(super) fn gathered(
        subscription: Subscription,
        seen: Position,
        (limit, handover): (watch::Receiver<Position>, Arc<Handover>),
        pause: Duration,
    ) -> Self {
        Self { subscription, pace: Some(Pace { limit, pause, seen, waiting: None, handover }) }
    }

    /// Restarts the feed with the events after `seen`, with which the subscription begins.
    pub(super) fn restart(&mut self, subscription: Subscription, seen: Position) {
        self.subscription = subscription;
        if let Some(pace) = &mut self.pace {
            (pace.seen, pace.waiting) = (seen, None);
        }
    }

    /// Returns the next events, at least one; `None` after the journal has closed, or after the
    /// other thread has ended. Dropping the future loses no event.
    pub(super) async fn next(&mut self) -> Result<Option<Batch>, Failure> {
        match &mut self.pace {
            None => Ok(self.subscription.next().await?.map(Batch::Stored)),
            Some(pace) => pace.next(&mut self.subscription).await,
        }
    }
}

impl Pace {
    async fn next(&mut self, subscription: &mut Subscription) -> Result<Option<Batch>, Failure> {
        if self.waiting.is_none() {
            if self.gather().await.is_none() {
                return Ok(None);
            }
            if let Some(events) = self.handover.take_after(self.seen)
                && let Some(last) = events.last()
            {
                self.seen = last.position;
                subscription.continue_after(self.seen);
                return Ok(Some(Batch::Decoded(events)));
            }
            self.waiting = subscription.next().await?;
        }
        let Some(last) = self.waiting.as_ref().and_then(|batch| batch.last()) else { return Ok(None) };
        let last = last.position;
        if self.limit.wait_for(|limit| *limit >= last).await.is_err() {
            return Ok(None);
        }
        self.seen = last;
        Ok(self.waiting.take().map(Batch::Stored))
    }

    /// Waits for the first event, and then until there are enough events or the pause is over.
    /// `None`: there will be no more events.
    async fn gather(&mut self) -> Option<()> {
        let seen = self.seen;
        self.limit.wait_for(|limit| *limit > seen).await.ok()?;
        // The timer is in a task, because it would panic in a runtime that shuts down. The task is
        // cancelled then, and this function returns `None`.
        let pause = tokio::spawn(tokio::time::sleep(self.pause));
        tokio::select! {
            // Ends also if the other thread has ended: the events that it has applied are handed
            // over.
            _ = self.limit.wait_for(|limit| limit.0 >= seen.0 + ENOUGH_EVENTS || self.handover.is_enough()) => Some(()),
            slept = pause => slept.ok(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use journal::{Append, Journal as _, memory::Memory};
    use schemas::{
        CollectionEvent, CollectionId, Event, Expected, Hash, NewEvent, Revision, Stream, collection::CollectionMoved,
    };
    use uuid::Uuid;

    use super::*;

    /// Duration in which a feed would certainly hand over events that are due.
    const WHILE: Duration = Duration::from_millis(300);
    const NEVER: Duration = Duration::from_secs(3_600);

    /// Returns an event at a position.
    pub(in super::super) fn recorded(position: u64) -> Recorded {
        Recorded {
            position: Position(position),
            stream: Stream::Collection(CollectionId(Uuid::from_u128(1))),
            revision: Revision(0),
            id: Uuid::from_u128(u128::from(position)),
            event: Event::Collection(CollectionEvent::Moved(CollectionMoved { name: position.to_string() })),
            metadata: schemas::Metadata::default(),
            hash: Hash::default(),
        }
    }

    /// Returns a journal with `count` events.
    async fn journal(count: u128) -> Arc<Memory> {
        let journal = Arc::new(Memory::new());
        let appends = (1..=count).map(|number| {
            let event = Event::Collection(CollectionEvent::Moved(CollectionMoved { name: number.to_string() }));
            let stream = Stream::Collection(CollectionId(Uuid::from_u128(number)));
            let events = vec![NewEvent::new(Uuid::from_u128(number), &event)];
            Append { stream, expected: Expected::NoStream, metadata: schemas::Metadata::default(), events }
        });
        for answer in journal.append_many(appends.collect()).await {
            answer.expect("appended");
        }
        journal
    }

    fn gathered(journal: &Memory, applied: &watch::Sender<Position>, pause: Duration) -> Feed {
        let handover = Arc::new(Handover::new(Position::START));
        Feed::gathered(journal.subscribe(Position::START), Position::START, (applied.subscribe(), handover), pause)
    }

    async fn positions(feed: &mut Feed) -> Vec<u64> {
        let batch = feed.next().await.expect("readable").expect("open");
        batch.decode().expect("decodable").iter().map(|recorded| recorded.position.0).collect()
    }

    #[tokio::test]
    async fn events_are_gathered_until_there_are_enough_of_them() {
        let enough = u128::from(ENOUGH_EVENTS);
        let (journal, applied) = (journal(enough).await, watch::Sender::new(Position(ENOUGH_EVENTS - 1)));
        let mut feed = gathered(&journal, &applied, NEVER);
        let early = tokio::time::timeout(WHILE, feed.next()).await;
        assert!(early.is_err(), "one is missing: {early:?}");
        applied.send_replace(Position(ENOUGH_EVENTS));
        assert_eq!(positions(&mut feed).await, (1..=ENOUGH_EVENTS).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn few_events_are_handed_over_after_a_pause() {
        let (journal, applied) = (journal(3).await, watch::Sender::new(Position(3)));
        assert_eq!(positions(&mut gathered(&journal, &applied, Duration::from_millis(1))).await, [1, 2, 3]);
    }

    #[tokio::test]
    async fn no_event_comes_before_the_other_thread_has_applied_it() {
        let (journal, applied) = (journal(3).await, watch::Sender::new(Position(2)));
        let mut feed = gathered(&journal, &applied, Duration::ZERO);
        let early = tokio::time::timeout(WHILE, feed.next()).await;
        assert!(early.is_err(), "the third is not applied: {early:?}");
        applied.send_replace(Position(3));
        assert_eq!(positions(&mut feed).await, [1, 2, 3]);
    }

    #[tokio::test]
    async fn events_are_handed_over_again_after_a_restart() {
        let (journal, applied) = (journal(3).await, watch::Sender::new(Position(3)));
        let mut feed = gathered(&journal, &applied, Duration::ZERO);
        assert_eq!(positions(&mut feed).await, [1, 2, 3]);
        feed.restart(journal.subscribe(Position(1)), Position(1));
        assert_eq!(positions(&mut feed).await, [2, 3]);
    }

    #[tokio::test]
    async fn events_that_the_other_thread_decoded_are_not_read_again() {
        let (journal, applied) = (journal(4).await, watch::Sender::new(Position(3)));
        let handover = Arc::new(Handover::new(Position::START));
        let source = (applied.subscribe(), Arc::clone(&handover));
        let subscription = journal.subscribe(Position::START);
        let mut feed = Feed::gathered(subscription, Position::START, source, Duration::from_millis(1));
        handover.push(vec![recorded(1), recorded(3)], 1);
        assert_eq!(feed.next().await.expect("readable"), Some(Batch::Decoded(vec![recorded(1), recorded(3)])));
        applied.send_replace(Position(4));
        let Some(Batch::Stored(rest)) = feed.next().await.expect("readable") else { panic!("the last is not decoded") };
        assert_eq!(rest.iter().map(|stored| stored.position).collect::<Vec<_>>(), [Position(4)]);
    }

    #[tokio::test]
    async fn many_bytes_are_handed_over_without_a_pause() {
        let (journal, applied) = (journal(2).await, watch::Sender::new(Position::START));
        let handover = Arc::new(Handover::new(Position::START));
        let source = (applied.subscribe(), Arc::clone(&handover));
        let mut feed = Feed::gathered(journal.subscribe(Position::START), Position::START, source, NEVER);
        handover.push(vec![recorded(1), recorded(2)], 3_000_000);
        applied.send_replace(Position(2));
        assert_eq!(positions(&mut feed).await, [1, 2]);
    }

    #[tokio::test]
    async fn it_ends_when_the_other_thread_has_ended() {
        let (journal, applied) = (journal(1).await, watch::Sender::new(Position::START));
        let mut feed = gathered(&journal, &applied, Duration::ZERO);
        drop(applied);
        assert_eq!(feed.next().await.expect("readable"), None);
    }
}
