//! A generator of random histories of appends.

use journal::Append;
use proptest::prelude::*;
use schemas::Expected;

use crate::given;

/// Generates appends from few streams, revisions and events, so that they often conflict with or
/// repeat each other.
fn any_append() -> impl Strategy<Value = Append> {
    let expected = prop_oneof![Just(Expected::NoStream), (0..4_u64).prop_map(given::after)];
    let words = proptest::collection::vec(prop_oneof![Just("a"), Just("b"), Just("c")], 1..4);
    (0..3_u32, expected, words).prop_map(|(number, expected, words)| given::append(number, expected, &words))
}

pub(crate) fn any_history() -> impl Strategy<Value = Vec<Vec<Append>>> {
    proptest::collection::vec(proptest::collection::vec(any_append(), 0..8), 0..6)
}
