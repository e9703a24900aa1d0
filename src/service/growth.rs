//! Limits how fast the writes of one person make the journal grow. The journal keeps everything, so
//! the quota, which counts current contents, does not limit it.
//!
//! Each person has a token bucket: a burst, and a rate at which it refills. Appends of
//! `Store::execute` and `Store::execute_new` with an actor are counted; deliveries, for example,
//! are not.

use std::collections::HashMap;

use calendar::{Limits, Refusal};
use parking_lot::Mutex;
use schemas::{NewEvent, PrincipalId, Timestamp};

/// Estimated size of an event in the journal without its payload, in bytes: envelope, hash,
/// indices.
const EVENT_OVERHEAD_BYTES: u64 = 512;
/// Number of buckets from which on full buckets are dropped: a new bucket for the same person would
/// be full too.
const MAX_REMEMBERED: usize = 10_000;
const HOUR_MICROS: u128 = 3_600 * 1_000_000;

/// The token buckets of all persons.
#[derive(Debug)]
pub(crate) struct Growth {
    /// Burst and rate of the buckets; `None` if there is no limit.
    rate: Option<Rate>,
    people: Mutex<HashMap<PrincipalId, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Rate {
    burst_bytes: u64,
    bytes_per_hour: u64,
}

/// The bytes that a person may still write, as of `at`.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    bytes: u64,
    at: Timestamp,
}

impl Growth {
    pub(crate) fn new(limits: &Limits) -> Self {
        let burst_bytes = limits.history_burst_bytes;
        let rate = limits.history_bytes_per_hour.map(|bytes_per_hour| Rate { burst_bytes, bytes_per_hour });
        Self { rate, people: Mutex::default() }
    }

    /// Subtracts the size of an append from the bucket of `actor`. Returns an error if the bucket
    /// holds too few bytes. A full bucket admits an append of any size. Without an actor, or
    /// without a limit, every append is admitted.
    pub(crate) fn admit(&self, actor: Option<PrincipalId>, events: &[NewEvent], now: Timestamp) -> Result<(), Refusal> {
        let (Some(rate), Some(actor)) = (self.rate, actor) else { return Ok(()) };
        let bytes = events.iter().map(|event| event.data.len() as u64 + EVENT_OVERHEAD_BYTES).sum();
        let mut people = self.people.lock();
        if people.len() >= MAX_REMEMBERED && !people.contains_key(&actor) {
            people.retain(|_, bucket| rate.refilled(*bucket, now).bytes < rate.burst_bytes);
        }
        let bucket = rate.take(rate.now(people.get(&actor), now), bytes)?;
        people.insert(actor, bucket);
        Ok(())
    }

    /// Returns an error if [`Self::admit`] would refuse an append of this number of bytes.
    /// Subtracts nothing.
    pub(crate) fn has(&self, actor: Option<PrincipalId>, bytes: usize, now: Timestamp) -> Result<(), Refusal> {
        let (Some(rate), Some(actor)) = (self.rate, actor) else { return Ok(()) };
        rate.take(rate.now(self.people.lock().get(&actor), now), bytes as u64).map(drop)
    }
}

impl Rate {
    /// Returns the bucket of a person, refilled up to `now`. A new bucket is full.
    fn now(self, known: Option<&Bucket>, now: Timestamp) -> Bucket {
        known.map_or(Bucket { bytes: self.burst_bytes, at: now }, |bucket| self.refilled(*bucket, now))
    }

    /// Returns the bucket refilled up to `now`. If the clock was set back, the bucket stays
    /// unchanged.
    fn refilled(self, bucket: Bucket, now: Timestamp) -> Bucket {
        let elapsed = u128::from(now.0.saturating_sub(bucket.at.0).max(0).unsigned_abs());
        let back = u128::from(self.bytes_per_hour) * elapsed / HOUR_MICROS;
        let bytes = bucket.bytes.saturating_add(u64::try_from(back).unwrap_or(u64::MAX)).min(self.burst_bytes);
        // If the time is too short for one byte, it counts at a later refill.
        let at = if back > 0 { now } else { bucket.at };
        Bucket { bytes, at }
    }

    fn take(self, bucket: Bucket, bytes: u64) -> Result<Bucket, Refusal> {
        let needed = bytes.min(self.burst_bytes);
        let missing = needed.saturating_sub(bucket.bytes);
        if missing > 0 {
            let retry_seconds = missing.saturating_mul(3_600).div_ceil(self.bytes_per_hour.max(1));
            return Err(Refusal::TooFast { retry_seconds });
        }
        Ok(Bucket { bytes: bucket.bytes.saturating_sub(bytes), ..bucket })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ANNA: Option<PrincipalId> = Some(PrincipalId(Uuid::from_u128(1)));
    const BERT: Option<PrincipalId> = Some(PrincipalId(Uuid::from_u128(2)));

    fn growth() -> Growth {
        Growth::new(&Limits { history_burst_bytes: 10_000, history_bytes_per_hour: Some(3_600), ..Limits::default() })
    }

    /// Returns the events of an append whose size with overhead is `bytes`.
    fn append(bytes: usize) -> Vec<NewEvent> {
        let overhead = usize::try_from(EVENT_OVERHEAD_BYTES).expect("small");
        vec![NewEvent::json(Uuid::nil(), "x.v1", vec![0; bytes - overhead])]
    }

    #[test]
    fn a_burst_is_written_at_once_and_the_rest_as_it_comes_back() {
        let growth = growth();
        let at = Timestamp::from_seconds;
        assert_eq!(growth.admit(ANNA, &append(6_000), at(0)), Ok(()));
        assert_eq!(growth.admit(ANNA, &append(4_000), at(0)), Ok(()), "exactly the burst");
        assert_eq!(growth.admit(ANNA, &append(600), at(0)), Err(Refusal::TooFast { retry_seconds: 600 }));
        assert_eq!(growth.admit(ANNA, &append(600), at(599)), Err(Refusal::TooFast { retry_seconds: 1 }));
        assert_eq!(growth.admit(ANNA, &append(600), at(600)), Ok(()), "one byte a second");
        assert_eq!(growth.admit(BERT, &append(6_000), at(0)), Ok(()), "each person for himself");
        assert_eq!(growth.admit(None, &append(60_000), at(0)), Ok(()), "the server's own acts");
    }

    #[test]
    fn an_append_larger_than_the_burst_needs_the_whole_burst() {
        let growth = growth();
        let at = Timestamp::from_seconds;
        assert_eq!(growth.admit(ANNA, &append(50_000), at(0)), Ok(()));
        assert_eq!(growth.admit(ANNA, &append(50_000), at(9_999)), Err(Refusal::TooFast { retry_seconds: 1 }));
        assert_eq!(growth.admit(ANNA, &append(50_000), at(10_000)), Ok(()));
    }

    #[test]
    fn what_is_asked_in_advance_takes_nothing() {
        let growth = growth();
        let at = Timestamp::from_seconds;
        assert_eq!(growth.has(ANNA, 50_000, at(0)), Ok(()), "a full bucket has room for anything");
        assert_eq!(growth.admit(ANNA, &append(9_000), at(0)), Ok(()));
        assert_eq!(growth.has(ANNA, 1_000, at(0)), Ok(()));
        assert_eq!(growth.has(ANNA, 1_001, at(0)), Err(Refusal::TooFast { retry_seconds: 1 }));
        assert_eq!(growth.admit(ANNA, &append(1_000), at(0)), Ok(()));
        assert_eq!(growth.has(None, 50_000, at(0)), Ok(()), "the server's own acts");
    }

    #[test]
    fn a_clock_that_goes_back_locks_nobody_out() {
        let growth = growth();
        assert_eq!(growth.admit(ANNA, &append(9_000), Timestamp::from_seconds(1_000_000)), Ok(()));
        assert_eq!(growth.admit(ANNA, &append(1_000), Timestamp::from_seconds(0)), Ok(()));
    }

    #[test]
    fn whoever_has_the_whole_burst_again_is_forgotten() {
        let growth = growth();
        for number in 0..MAX_REMEMBERED {
            let person = Some(PrincipalId(Uuid::from_u128(number as u128)));
            assert_eq!(growth.admit(person, &append(600), Timestamp::from_seconds(0)), Ok(()));
        }
        let late = Some(PrincipalId(Uuid::from_u128(u128::MAX)));
        assert_eq!(growth.admit(late, &append(600), Timestamp::from_seconds(1_000)), Ok(()));
        assert_eq!(growth.people.lock().len(), 1);
    }
}
