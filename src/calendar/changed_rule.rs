//! One rule that a test can change, to see that a replay notices it. Only with the feature
//! `changed-rule`, which no program is built with.

use std::sync::atomic::{AtomicBool, Ordering};

static IS_CHANGED: AtomicBool = AtomicBool::new(false);

/// From now on the removal of a resource sends no message.
pub fn change() {
    IS_CHANGED.store(true, Ordering::Relaxed);
}

pub(crate) fn is_changed() -> bool {
    IS_CHANGED.load(Ordering::Relaxed)
}
