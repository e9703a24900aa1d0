//! A rule that a test can change, to check that a replay notices the change. It exists only with
//! the feature `changed-rule`, which no program is built with.

use std::sync::atomic::{AtomicBool, Ordering};

static IS_CHANGED: AtomicBool = AtomicBool::new(false);

/// Changes the rule: from now on, the removal of a resource sends no messages.
pub fn change() {
    IS_CHANGED.store(true, Ordering::Relaxed);
}

pub(crate) fn is_changed() -> bool {
    IS_CHANGED.load(Ordering::Relaxed)
}
