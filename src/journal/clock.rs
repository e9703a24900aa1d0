//! The clock from which the journal's writer takes the time of storage.
//!
//! **Invariant:** the time of storage never decreases along a hash chain. If the machine's clock is
//! set back, the last time is used again until the clock has passed it.

use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use schemas::Timestamp;

/// The clock from which a writer takes the time of storage.
#[derive(Clone, Default)]
pub enum Clock {
    /// The clock of the machine (UTC).
    #[default]
    Machine,
    /// The time at which each act was decided. Equal appends then give an equal journal. For
    /// [`memory`](crate::memory).
    Acts,
    /// Any other clock. For tests.
    Given(Arc<dyn Fn() -> Timestamp + Send + Sync>),
}

impl Clock {
    /// Returns the time of storage for an act that was decided at `at`; never earlier than
    /// `latest`, the time of storage of the event before it.
    pub fn stored_at(&self, at: Timestamp, latest: Timestamp) -> Timestamp {
        let now = match self {
            Self::Machine => machine(),
            Self::Acts => at,
            Self::Given(read) => read(),
        };
        now.max(latest)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Machine => "Machine",
            Self::Acts => "Acts",
            Self::Given(_) => "Given",
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "the time of storage is known to the writer alone")]
fn machine() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
