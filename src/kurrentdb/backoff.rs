//! Pauses between attempts. They grow, and vary randomly so that several Daybook servers do not
//! retry at the same time.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hasher as _},
    time::Duration,
};

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl Backoff {
    /// Returns a random pause between half of the current step and the whole step. Then doubles the
    /// step, up to [`LONGEST`].
    pub(super) fn next(&mut self) -> Duration {
        let step = self.0;
        self.0 = (step * 2).min(LONGEST);
        // A fresh key of the standard hasher is random enough for a pause.
        let chance = RandomState::new().build_hasher().finish();
        let half = u64::try_from(step.as_micros() / 2).unwrap_or(u64::MAX);
        Duration::from_micros(half + chance % (half + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_grow_up_to_the_longest_and_vary() {
        let steps = || {
            let mut backoff = Backoff::default();
            (0..10).map(|_| backoff.next()).collect::<Vec<_>>()
        };
        let (one, other) = (steps(), steps());
        assert_ne!(one, other);
        assert!(one[0] <= FIRST && one[9] >= LONGEST / 2 && one.iter().all(|step| *step <= LONGEST), "{one:?}");
    }
}
