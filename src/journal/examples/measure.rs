//! Measures the speed of the journal on this machine and disk:
//! `cargo run --release -p daybook-journal --example measure [folder [events]]`; `events` is the
//! number of events in the journal at the end.

#![expect(clippy::disallowed_methods, reason = "this program exists to measure time")]

use std::{
    io::Write,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use journal::{Append, Journal, sqlite, verify};
use schemas::{Client, Expected, Metadata, NewEvent, ObjectId, Position, Revision, Stream, Timestamp};
use uuid::Uuid;

const EVENT_BYTES: usize = 2048;
const MEASURED: Duration = Duration::from_secs(3);
const FAN_OUT: u32 = 200;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let path = folder.join(format!("daybook-measure-{}.sqlite", std::process::id()));
    let events = std::env::args().nth(2).map_or(Ok(0), |events| events.parse())?;
    fsync(&folder)?;
    let journal: Arc<dyn Journal> = Arc::new(sqlite::open(&path)?);
    for producers in [1, 8, 64] {
        append(&journal, producers).await?;
    }
    fan_out(&*journal).await?;
    follow(&*journal).await?;
    read_streams(&*journal).await?;
    fill(&*journal, events).await?;
    replay(&*journal).await?;
    drop(journal);
    let start = Instant::now();
    let journal = sqlite::open(&path)?;
    println!("open: {:?}", start.elapsed());
    drop(journal);
    let start = Instant::now();
    let stats = sqlite::stats(&path)?;
    println!("stats of {} events: {:?}", stats.head.events, start.elapsed());
    let start = Instant::now();
    let copy = path.with_extension("copy");
    sqlite::backup(&path, &copy, |_, _| {})?;
    println!("backup of {} MB: {:?}", stats.file_bytes / 1_000_000, start.elapsed());
    std::fs::remove_file(copy)?;
    println!("memory at most: {}", most_memory());
    for ending in ["", "-wal", "-shm", "-lock"] {
        let mut file = path.clone().into_os_string();
        file.push(ending);
        drop(std::fs::remove_file(file));
    }
    Ok(())
}

/// Measures the upper limit of the disk: 2 KB writes, each followed by an fsync.
fn fsync(folder: &std::path::Path) -> std::io::Result<()> {
    let path = folder.join(format!("daybook-fsync-{}", std::process::id()));
    let mut file = std::fs::File::create(&path)?;
    let (start, mut waits) = (Instant::now(), Vec::new());
    while start.elapsed() < MEASURED {
        let before = Instant::now();
        file.write_all(&[b'x'; EVENT_BYTES])?;
        file.sync_data()?;
        waits.push(before.elapsed());
    }
    println!("bare fsync: {}/s, {}", waits.len() as u128 * 1000 / start.elapsed().as_millis(), spread(waits));
    std::fs::remove_file(path)
}

/// Appends events in large groups until the journal holds `events` of them.
async fn fill(journal: &dyn Journal, events: u64) -> Result<(), Box<dyn std::error::Error>> {
    let (start, before) = (Instant::now(), journal.head().await?.0);
    let mut number = 0xA000_0000;
    while journal.head().await?.0 < events {
        let appends = (number..number + 1_000).map(|number| event(number, 0)).collect();
        for answer in journal.append_many(appends).await {
            answer?;
        }
        number += 1_000;
    }
    let more = u128::from(journal.head().await?.0 - before);
    if let Some(rate) = (more * 1000).checked_div(start.elapsed().as_millis()).filter(|_| more > 0) {
        println!("{more} more in groups of 1,000: {:?}, {rate}/s", start.elapsed());
    }
    Ok(())
}

/// Returns the peak memory of this process, as Linux reports it (`VmHWM`).
fn most_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown here".to_owned(), |most| most.trim().to_owned())
}

/// Measures durable appends of one event each. Every producer writes to its own streams.
async fn append(journal: &Arc<dyn Journal>, producers: u32) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let tasks: Vec<_> = (0..producers)
        .map(|producer| {
            let journal = Arc::clone(journal);
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while start.elapsed() < MEASURED {
                    let number = (producers << 24) | (producer << 16) | u32::try_from(waits.len() / 10).expect("few");
                    let before = Instant::now();
                    journal.append(event(number, waits.len() as u64 % 10)).await.expect("the journal stores");
                    waits.push(before.elapsed());
                }
                waits
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await?);
    }
    let rate = waits.len() as u128 * 1000 / start.elapsed().as_millis();
    println!("{producers} producers: {rate} appends/s, {}", spread(waits));
    Ok(())
}

/// Measures a group of appends to many streams.
async fn fan_out(journal: &dyn Journal) -> Result<(), Box<dyn std::error::Error>> {
    let mut waits = Vec::new();
    for round in 0..50 {
        let appends = (0..FAN_OUT).map(|number| event(0xF000_0000 | (round << 16) | number, 0)).collect();
        let before = Instant::now();
        for answer in journal.append_many(appends).await {
            answer?;
        }
        waits.push(before.elapsed());
    }
    println!("a group of {FAN_OUT} appends: {}", spread(waits));
    Ok(())
}

/// Measures the time from an append until a subscription delivers its event.
async fn follow(journal: &dyn Journal) -> Result<(), Box<dyn std::error::Error>> {
    let mut subscription = journal.subscribe(journal.head().await?);
    let (mut seen, mut waits) = (Vec::new(), Vec::new());
    for number in 0..200 {
        let before = Instant::now();
        let (batch, appended) = tokio::join!(subscription.next(), async {
            (journal.append(event(0xE000_0000 | number, 0)).await, before.elapsed())
        });
        seen.push(before.elapsed());
        waits.push(appended.1);
        assert_eq!(batch?.ok_or("closed")?.len(), 1);
    }
    println!("an append: {}; answered and seen by a subscriber: {}", spread(waits), spread(seen));
    Ok(())
}

async fn read_streams(journal: &dyn Journal) -> Result<(), Box<dyn std::error::Error>> {
    let mut waits = Vec::new();
    for number in 0..2_000 {
        let stream = stream((8 << 24) | ((number % 8) << 16) | (number / 100));
        let before = Instant::now();
        journal.read_stream(stream, Revision(0), 256).await?;
        waits.push(before.elapsed());
    }
    println!("a stream of 10 events: {}", spread(waits));
    Ok(())
}

async fn replay(journal: &dyn Journal) -> Result<(), Box<dyn std::error::Error>> {
    for _ in 0..2 {
        let (start, mut events, mut after) = (Instant::now(), 0, Position::START);
        loop {
            let page = journal.read_all(after, 1_000).await?;
            let Some(last) = page.last() else { break };
            after = last.position;
            events += page.len() as u128;
        }
        let rate = events * 1000 / start.elapsed().as_millis();
        println!("replay of {events} events: {:?}, {rate}/s", start.elapsed());
    }
    let start = Instant::now();
    let verdict = verify(journal, |_| {}).await?;
    println!("verify: {:?}: {verdict}", start.elapsed());
    Ok(())
}

fn spread(mut waits: Vec<Duration>) -> String {
    waits.sort_unstable();
    let at = |part: usize| waits[(waits.len() - 1) * part / 1000];
    format!("p50 {:?}, p99 {:?}, max {:?}", at(500), at(990), at(1000))
}

fn stream(number: u32) -> Stream {
    Stream::Object(ObjectId(Uuid::new_v5(&schemas::ids::NAMESPACE, &number.to_be_bytes())))
}

fn event(number: u32, revision: u64) -> Append {
    let id = Uuid::new_v5(&schemas::ids::NAMESPACE, format!("{number} {revision}").as_bytes());
    let data = format!(r#"{{"ics":"{}"}}"#, "x".repeat(EVENT_BYTES)).into_bytes();
    let client = Client { via: "PUT".to_owned(), agent: "Calendar/1.0".to_owned(), address: "192.0.2.1".to_owned() };
    let at = Timestamp::from_seconds(1_767_614_400);
    Append {
        stream: stream(number),
        expected: revision.checked_sub(1).map_or(Expected::NoStream, |last| Expected::Exact(Revision(last))),
        metadata: Metadata { at, client, request: id, correlation: id, ..Metadata::default() },
        events: vec![NewEvent::json(id, "calendar-object-put.v1", data)],
    }
}
