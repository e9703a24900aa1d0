//! Limits how many slow pieces of work run at the same time, and how much memory request bodies
//! take, in total and for one person. Slow work and large bodies need permits.
//!
//! A long response occupies a thread until its client has read nearly all of it, and a long command
//! occupies a thread while it waits for the delivery of its messages. Without these limits, clients
//! that read slowly or write much would occupy all threads, including the threads that answer other
//! people.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use schemas::PrincipalId;
use service::Error;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Maximum number of long responses that are written at the same time.
const MAX_LONG_ANSWERS: usize = 256;
/// Maximum number of long responses that are written for one person at the same time.
const MAX_LONG_ANSWERS_OF_PERSON: usize = 32;
/// Maximum number of long commands that run at the same time. A command also runs while it waits
/// for its deliveries.
const MAX_COMMANDS: usize = 128;
/// Maximum number of long commands that run for one person at the same time.
const MAX_COMMANDS_OF_PERSON: usize = 16;
/// Maximum number of requests below `/asof/` at the same time. Past states of homes are rebuilt one
/// after the other, and each is kept at least until its response has been sent.
const MAX_HISTORIES: usize = 16;
/// Maximum number of requests below `/asof/` of one person at the same time.
const MAX_HISTORIES_OF_PERSON: usize = 4;
/// Maximum size in KiB of all request bodies in memory together. Bodies of up to 8 KiB do not
/// count.
const MAX_BODIES_KIB: usize = 512 * 1024;
/// Maximum size in KiB of all request bodies of one person in memory together.
const MAX_BODIES_KIB_OF_PERSON: usize = 64 * 1024;
/// Longest time that a request waits for a permit; after it the server answers 503.
const WAIT: Duration = Duration::from_secs(5);
/// When the map has this number of people, those who hold no permit are removed from it.
const MAX_REMEMBERED: usize = 10_000;

/// The permits for one kind of work.
#[derive(Debug)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    people: Mutex<HashMap<PrincipalId, Arc<Semaphore>>>,
    of_person: usize,
    wait: Duration,
}

/// One or more permits that a request holds. Dropping this value returns them.
#[derive(Debug)]
pub(crate) struct Place {
    _own: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Places {
    pub(crate) fn for_answers() -> Self {
        Self::new(MAX_LONG_ANSWERS, MAX_LONG_ANSWERS_OF_PERSON, WAIT)
    }

    pub(crate) fn for_commands() -> Self {
        Self::new(MAX_COMMANDS, MAX_COMMANDS_OF_PERSON, WAIT)
    }

    pub(crate) fn for_histories() -> Self {
        Self::new(MAX_HISTORIES, MAX_HISTORIES_OF_PERSON, WAIT)
    }

    /// Returns the permits for request bodies; each permit is one KiB of memory.
    pub(crate) fn for_bodies() -> Self {
        Self::new(MAX_BODIES_KIB, MAX_BODIES_KIB_OF_PERSON, WAIT)
    }

    fn new(all: usize, of_person: usize, wait: Duration) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), people: Mutex::default(), of_person, wait }
    }

    /// Takes one permit for a request of `person`. `Err` (503) if no permit becomes free in time.
    pub(crate) async fn take(&self, person: PrincipalId) -> Result<Place, Error> {
        self.take_many(person, 1).await
    }

    /// Takes several permits for a request of `person`, at most the maximum for one person. `Err`
    /// (503) if they do not become free in time.
    pub(crate) async fn take_many(&self, person: PrincipalId, places: usize) -> Result<Place, Error> {
        let own = self.of(person);
        let places = u32::try_from(places.min(self.of_person)).unwrap_or(u32::MAX);
        // The person's own limit comes first: a person who waits for it takes no permit away from
        // others.
        let taking = async {
            let own = own.acquire_many_owned(places).await;
            (own, Arc::clone(&self.all).acquire_many_owned(places).await)
        };
        match timeout(self.wait, taking).await {
            Ok((Ok(own), Ok(of_all))) => Ok(Place { _own: own, _of_all: of_all }),
            _ => Err(Error::Behind("the server is busy with other long or large requests; try again later".into())),
        }
    }

    fn of(&self, person: PrincipalId) -> Arc<Semaphore> {
        let mut people = self.people.lock();
        if people.len() >= MAX_REMEMBERED {
            people.retain(|_, places| places.available_permits() < self.of_person);
        }
        Arc::clone(people.entry(person).or_insert_with(|| Arc::new(Semaphore::new(self.of_person))))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ANNA: PrincipalId = PrincipalId(Uuid::from_u128(1));
    const BERT: PrincipalId = PrincipalId(Uuid::from_u128(2));

    #[tokio::test]
    async fn a_person_who_reads_slowly_takes_no_place_from_others() {
        let places = Places::new(3, 2, Duration::from_millis(20));
        let (first, second) = (places.take(ANNA).await, places.take(ANNA).await);
        assert!(first.is_ok() && second.is_ok());
        assert!(matches!(places.take(ANNA).await, Err(Error::Behind(_))), "two are hers");
        let third = places.take(BERT).await;
        assert!(third.is_ok(), "the third is for others");
        assert!(places.take(BERT).await.is_err(), "there are three in all");
        drop(first);
        assert!(places.take(BERT).await.is_ok(), "a place is free again");
    }

    #[tokio::test]
    async fn several_places_are_taken_together_and_never_more_than_a_person_has() {
        let places = Places::new(4, 3, Duration::from_millis(20));
        let first = places.take_many(ANNA, 2).await;
        assert!(first.is_ok() && places.take_many(ANNA, 2).await.is_err(), "three are hers");
        assert!(places.take_many(BERT, 3).await.is_err(), "two are left");
        drop(first);
        assert!(places.take_many(ANNA, 100).await.is_ok(), "all of hers");
    }

    #[tokio::test]
    async fn people_without_an_answer_are_forgotten() {
        let places = Places::new(3, 2, Duration::from_millis(20));
        let kept = places.take(PrincipalId(Uuid::from_u128(0))).await;
        for number in 1..=MAX_REMEMBERED as u128 {
            drop(places.take(PrincipalId(Uuid::from_u128(number))).await);
        }
        assert!(places.people.lock().len() < 10, "only those who read");
        assert!(kept.is_ok());
    }
}
