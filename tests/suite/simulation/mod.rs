//! Plays random scheduling histories with the real service, on a journal with every fault that its
//! port allows. `docs/adr/0016-simulation.md` says what is simulated and what is not.
//!
//! A history is generated from its seed ([`history`]), played ([`play`]) and checked ([`check`]). A
//! failing history is shortened and printed. Environment variables change the run:
//! `DAYBOOK_SIMULATIONS` is the number of histories, `DAYBOOK_SIMULATION_STEPS` their length,
//! `DAYBOOK_SIMULATION_SEED` the first seed, and `DAYBOOK_SIMULATION_SERVERS` the number of servers
//! that write to the journal. In about one of seven histories the read models lag behind the
//! journal; `DAYBOOK_SIMULATION_LAG` is the maximum of this lag in milliseconds.

mod act;
mod check;
pub mod dice;
mod faulty;
mod found;
mod history;
mod life;
mod mirror;
mod people;
mod plan;
mod play;
mod reported;
mod shrink;

use std::sync::atomic::{AtomicU64, Ordering};

use self::{history::History, play::play, shrink::shrink};

const HISTORIES: u64 = 2_000;
const STEPS: u64 = 10;
/// More threads than most machines have processors, because histories wait sometimes.
const THREADS: usize = 8;

#[test]
fn no_message_is_lost_duplicated_or_sent_to_the_wrong_user() {
    let histories = setting("DAYBOOK_SIMULATIONS").unwrap_or(HISTORIES);
    let steps = setting("DAYBOOK_SIMULATION_STEPS").unwrap_or(STEPS);
    let first = setting("DAYBOOK_SIMULATION_SEED").unwrap_or_default();
    let nodes = setting("DAYBOOK_SIMULATION_SERVERS").map(|number| usize::try_from(number).expect("a few"));
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + histories {
                        break;
                    }
                    let mut history = History::of(seed, steps);
                    history.nodes = nodes.unwrap_or(history.nodes);
                    if let Err(why) = play(&history) {
                        // Stops the other threads.
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
