//! The double as a program, to try Daybook with KurrentDB's protocol without a real server:
//! `cargo run -p daybook-kurrent-double -- 2113`. Its data is lost when it ends.

use std::sync::atomic::Ordering;

use kurrent_double::{Double, Setting};

/// Maximum size of an append, as in `ops/compose.yaml`.
const MAX_APPEND_BYTES: usize = 16 * 1024 * 1024;
/// KurrentDB's usual port.
const PORT: u16 = 2113;

fn main() {
    let port = std::env::args().nth(1).map_or(PORT, |port| port.parse().expect("a port"));
    let double = Double::with(1, Setting { port, ..Setting::default() });
    double.faults().max_append_bytes.store(MAX_APPEND_BYTES, Ordering::Relaxed);
    println!("{}", double.url());
    loop {
        std::thread::park();
    }
}
