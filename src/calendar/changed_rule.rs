//! A rule that a test can change, to check that a replay notices the change. It exists only with
//! the feature `changed-rule`, which the tests of the service turn on.

use std::cell::Cell;

thread_local! {
    static IS_CHANGED: Cell<bool> = const { Cell::new(false) };
}

/// Changes the rule for this thread: from now on, the removal of a resource sends no messages.
pub fn change() {
    IS_CHANGED.set(true);
}

pub(crate) fn is_changed() -> bool {
    IS_CHANGED.get()
}
