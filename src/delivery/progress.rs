//! The progress of one part of a delivery: of the arrival at one home, or of the report to the
//! sender.

use schemas::Timestamp;
use serde::{Deserialize, Serialize};

/// The maximum number of times that the delay between two attempts is doubled: by default, from 30
/// seconds to 64 minutes.
const MAX_DOUBLINGS: u32 = 7;

/// The state of one part of a delivery: of the arrival at one home, or of the report to the sender.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    #[default]
    Due,
    /// An attempt failed; the next one follows later.
    Failing(Failure),
    /// The part is set aside until the next start of the server, with the reason: another attempt
    /// would probably fail in the same way.
    Parked(String),
    Done,
}

/// Failed attempts: their number, the last error, and the time at which the next retry is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub attempts: u32,
    /// The error of the last attempt.
    pub error: String,
    pub retry_at: Timestamp,
}

impl Progress {
    /// Returns true if the part is done or parked, so that no further attempt follows before the
    /// next start of the server.
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Parked(_) | Self::Done => true,
            Self::Due | Self::Failing(_) => false,
        }
    }

    pub(crate) fn is_parked(&self) -> bool {
        matches!(self, Self::Parked(_))
    }

    /// Records an attempt that failed at `now`. `first_delay` is the delay before the first retry,
    /// in microseconds. Does nothing if the part is settled.
    pub(crate) fn fail(&mut self, error: &str, now: Timestamp, first_delay: i64) {
        let attempts = match self {
            Self::Due => 1,
            Self::Failing(failure) => failure.attempts.saturating_add(1),
            Self::Parked(_) | Self::Done => return,
        };
        let delay = first_delay.saturating_mul(1 << (attempts - 1).min(MAX_DOUBLINGS));
        let retry_at = Timestamp(now.0.saturating_add(delay));
        *self = Self::Failing(Failure { attempts, error: error.to_owned(), retry_at });
    }

    /// Parks this part of the delivery with a reason. Does nothing if it is done.
    pub(crate) fn park(&mut self, reason: &str) {
        if *self != Self::Done {
            *self = Self::Parked(reason.to_owned());
        }
    }
}
