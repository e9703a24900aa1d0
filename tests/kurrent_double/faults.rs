//! Faults that a test can switch on, with the number of times.
//!
//! **Invariant:** a fault happens to the next matching requests, as often as it was set.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::watch;
use tonic::Status;

/// How many calls a fault still meets.
#[derive(Debug, Default)]
pub struct Switch(AtomicU64);

impl Switch {
    /// Meets the next `calls`.
    pub fn arm(&self, calls: u64) {
        self.0.store(calls, Ordering::SeqCst);
    }

    /// Calls it has yet to meet.
    pub fn left(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn strikes(&self) -> bool {
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }
}

/// How the server ends its live subscriptions.
#[derive(Debug, Clone)]
pub(crate) enum Ending {
    /// The stream ends in order, as if it were complete.
    Closed,
    Failed(Status),
}

#[derive(Debug)]
pub struct Faults {
    /// The append is stored, but the response is an internal error.
    pub lose_acknowledgement: Switch,
    /// The request has no effect, and the response is "unavailable".
    pub unavailable: Switch,
    /// The request has no effect, and there is no response.
    pub silent: Switch,
    /// A subscription is confirmed, and then nothing more is heard of it.
    pub mute: Switch,
    /// The answer to an append names no position, as older servers do when it is repeated.
    pub no_position: Switch,
    /// How long each append takes.
    pub append_milliseconds: AtomicU64,
    /// How many bytes an append may have.
    pub max_append_bytes: AtomicUsize,
    endings: watch::Sender<(u64, Ending)>,
}

/// The default of a real server.
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
