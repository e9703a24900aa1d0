//! Faults that a test can switch on for a number of calls.
//!
//! **Invariant:** a fault happens to the next matching requests, as often as it was set.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::watch;
use tonic::Status;

/// Number of calls that a fault will still affect.
#[derive(Debug, Default)]
pub struct Switch(AtomicU64);

impl Switch {
    /// Lets the fault affect the next `calls` calls.
    pub fn arm(&self, calls: u64) {
        self.0.store(calls, Ordering::SeqCst);
    }

    /// Returns the number of calls that the fault will still affect.
    pub fn left(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn strikes(&self) -> bool {
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }
}

/// Ways in which the server ends its live subscriptions.
#[derive(Debug, Clone)]
pub(crate) enum Ending {
    /// The stream ends normally, as if it were complete.
    Closed,
    Failed(Status),
}

#[derive(Debug)]
pub struct Faults {
    /// The append is stored, but the response is the error "unavailable".
    pub lose_acknowledgement: Switch,
    /// The request has no effect, and the response is the error "unavailable".
    pub unavailable: Switch,
    /// The request has no effect, and there is no response.
    pub silent: Switch,
    /// A subscription is confirmed, and then sends nothing more.
    pub mute: Switch,
    /// The response to an append names no position. Older servers answer a repeated append in this
    /// way.
    pub no_position: Switch,
    /// Duration of each append, in milliseconds.
    pub append_milliseconds: AtomicU64,
    /// Maximum size of an append, in bytes.
    pub max_append_bytes: AtomicUsize,
    endings: watch::Sender<(u64, Ending)>,
}

/// Maximum size of an append that a real server has by default.
const MAX_APPEND_BYTES: usize = 1024 * 1024;

impl Default for Faults {
    fn default() -> Self {
        Self {
            lose_acknowledgement: Switch::default(),
            unavailable: Switch::default(),
            silent: Switch::default(),
            mute: Switch::default(),
            no_position: Switch::default(),
            append_milliseconds: AtomicU64::new(0),
            max_append_bytes: AtomicUsize::new(MAX_APPEND_BYTES),
            endings: watch::Sender::new((0, Ending::Closed)),
        }
    }
}

impl Faults {
    /// Ends all live subscriptions without an error.
    pub fn close_subscriptions(&self) {
        self.end_subscriptions(&Ending::Closed);
    }

    /// Ends all live subscriptions with a failure.
    pub fn fail_subscriptions(&self) {
        self.end_subscriptions(&Ending::Failed(Status::unavailable("the subscription was dropped")));
    }

    fn end_subscriptions(&self, ending: &Ending) {
        self.endings.send_modify(|(round, last)| {
            *round += 1;
            *last = ending.clone();
        });
    }

    pub(crate) fn endings(&self) -> watch::Receiver<(u64, Ending)> {
        self.endings.subscribe()
    }
}
