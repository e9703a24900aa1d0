//! Switches: what goes wrong, and how often.
//!
//! **Invariant:** a fault happens to whoever comes next, then it is used up.

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
    /// In order, as if there were nothing more to say.
    Closed,
    Failed(Status),
}

#[derive(Debug)]
pub struct Faults {
    /// The append is stored, but the answer says that the server failed.
    pub lose_acknowledgement: Switch,
    /// Nothing is done, and the answer says that the server is not available.
    pub unavailable: Switch,
    /// Nothing is done and nothing answered.
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

/// As a server has it unless told otherwise.
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
    /// Ends all live subscriptions in order.
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
