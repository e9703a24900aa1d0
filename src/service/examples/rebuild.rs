//! Measures how much the read models of the history add to the time in which all read models are
//! built: `cargo run --release -p daybook-service --example rebuild FOLDER [EVENTS [ROUNDS]]`.
//!
//! FOLDER is a data folder. Its journal is only read; the read models are built in a temporary
//! folder in it. Each round reads the journal up to the position EVENTS and builds all read models,
//! then all but those of the history, then only those of the history, each time from empty files.
//! Prints the elapsed time, and the processor time (user and system) of the whole process.

#![expect(clippy::disallowed_methods, reason = "this program exists to measure time")]

use std::{error::Error, fmt, fs, path::Path, time::Instant};

use journal::{Journal, sqlite};
use projections::{Projector, ReadModels};
use schemas::{Position, Recorded};

/// Names of the read models of the history.
const HISTORY: [&str; 2] = ["search", "versions"];
const BATCH_EVENTS: usize = 1_000;
/// The kernel counts processor time in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("wanted: FOLDER [EVENTS [ROUNDS]]")?;
    let events: u64 = arguments.next().map_or(Ok(u64::MAX), |events| events.parse())?;
    let rounds: u32 = arguments.next().map_or(Ok(3), |rounds| rounds.parse())?;
    let journal = sqlite::open_read_only(&Path::new(&folder).join("journal.sqlite"))?;
    let end = Position(events.min(journal.head().await?.0));
    for _ in 0..rounds {
        let built = tempfile::tempdir_in(&folder)?;
        let (models, mut projector) = ReadModels::open(built.path())?;
        let all = measured(&journal, &mut projector, end).await?;
        let names = models.conditions().into_iter().map(|condition| condition.name);
        let (history, others): (Vec<_>, Vec<_>) = names.partition(|name| HISTORY.contains(name));
        let without = again(&journal, &mut projector, &others, end).await?;
        let alone = again(&journal, &mut projector, &history, end).await?;
        println!("{end} events: all {all}; without the history {without}; it alone {alone}");
        let share = |all: f64, without: f64| 100.0 * (all - without) / without;
        let (clock, processor) = (share(all.clock, without.clock), share(all.processor, without.processor));
        println!("the history adds {clock:.0} % of the clock and {processor:.0} % of processor time");
    }
    Ok(())
}

/// Elapsed time and processor time, in seconds.
struct Times {
    clock: f64,
    processor: f64,
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s ({:.1} s of processor time)", self.clock, self.processor)
    }
}

/// Rebuilds the named read models up to `end`. Returns the time that this takes.
async fn again(
    journal: &dyn Journal,
    projector: &mut Projector,
    names: &[&str],
    end: Position,
) -> Result<Times, Box<dyn Error>> {
    names.iter().try_for_each(|name| projector.rebuild(name, Position::START))?;
    measured(journal, projector, end).await
}

/// Applies all events up to `end` that the read models have not applied. Returns the time that this
/// takes.
async fn measured(journal: &dyn Journal, projector: &mut Projector, end: Position) -> Result<Times, Box<dyn Error>> {
    let (start, before) = (Instant::now(), processor_time()?);
    while projector.checkpoint() < end {
        let page = journal.read_all(projector.checkpoint(), BATCH_EVENTS).await?;
        let batch: Vec<Recorded> = page.into_iter().map(schemas::Stored::read).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            break;
        }
        projector.apply(&batch)?;
    }
    Ok(Times { clock: start.elapsed().as_secs_f64(), processor: processor_time()? - before })
}

/// Returns the processor time of this process in seconds: the sum of the fields 14 and 15 of
/// `/proc/self/stat`. They are counted from the end of the program's name, which may contain
/// spaces.
fn processor_time() -> Result<f64, Box<dyn Error>> {
    let line = fs::read_to_string("/proc/self/stat")?;
    let fields = line.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    let ticks: f64 = fields.map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / TICKS_PER_SECOND)
}
