//! Whole scheduling conversations over the real service, on a journal that does everything its port allows.
//!
//! What is simulated and what is not: `docs/adr/0016-simulation.md`.
//!
//! A history is made from its seed ([`history`]), played ([`play`]) and judged ([`check`]). More and longer ones:
//! `DAYBOOK_SIMULATIONS=20000 DAYBOOK_SIMULATION_STEPS=60 cargo test --release -p daybook-tests simulation`; from
//! another seed on with `DAYBOOK_SIMULATION_SEED`. A history that fails is made as short as it can be and shown.

mod act;
mod check;
mod dice;
mod faulty;
mod found;
mod history;
mod life;
mod mirror;
mod people;
mod plan;
mod play;
mod shrink;
mod told;

use std::sync::atomic::{AtomicU64, Ordering};

use self::{history::History, play::play, shrink::shrink};

const HISTORIES: u64 = 2_000;
const STEPS: u64 = 10;
/// More than there are processors: a history waits now and then.
const THREADS: usize = 8;

#[test]
fn whatever_happens_nothing_is_lost_doubled_or_told_to_the_wrong() {
    let histories = setting("DAYBOOK_SIMULATIONS").unwrap_or(HISTORIES);
    let steps = setting("DAYBOOK_SIMULATION_STEPS").unwrap_or(STEPS);
    let first = setting("DAYBOOK_SIMULATION_SEED").unwrap_or_default();
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + histories {
                        break;
                    }
                    let history = History::of(seed, steps);
                    if let Err(why) = play(&history) {
                        // The others need not go on.
                        next.store(u64::MAX / 2, Ordering::Relaxed);
                        eprintln!("seed {seed}: {why}; it is made shorter");
                        let (history, why) = shrink(history, why);
                        panic!("seed {seed}: {why}\n{history}");
                    }
                }
            });
        }
    });
}

#[expect(clippy::disallowed_methods, reason = "the one way to tell a test how long to run")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|number| number.parse().expect("a number"))
}
