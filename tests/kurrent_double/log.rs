//! The log that all nodes of a cluster share, and the rules of appends.
//!
//! **Invariant:** positions are byte offsets, so they increase with gaps; revisions have no gaps.
//! Events are compared by id at the expected revision, which makes a repeated append idempotent.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use prost::bytes::Bytes;
use tokio::sync::watch;
use uuid::Uuid;

/// Size of a record in the log without its data and metadata, in bytes.
const RECORD_OVERHEAD_BYTES: u64 = 120;

/// The upper half of the ids of events of other programs.
const FOREIGN: u64 = 0xF0;

/// A stored event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub position: u64,
    pub stream: String,
    pub revision: u64,
    pub id: Uuid,
    pub properties: HashMap<String, String>,
    pub metadata: Bytes,
    pub data: Bytes,
}

/// An event about to be written.
#[derive(Debug, Clone)]
pub struct Proposed {
    pub id: Uuid,
    pub properties: HashMap<String, String>,
    pub metadata: Bytes,
    pub data: Bytes,
}

/// The state of a stream that an append expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Any,
    NoStream,
    StreamExists,
    Revision(u64),
}

/// Revision and position of the last event of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    pub revision: u64,
    pub position: u64,
}

/// Reasons why an append or a deletion was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwritten {
    WrongRevision { current: Option<u64> },
    Deleted,
}

#[derive(Debug)]
pub struct Log {
    inner: Mutex<Inner>,
    /// Position of the next record.
    end: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    records: Vec<Record>,
    streams: HashMap<String, Vec<usize>>,
    tombstones: HashSet<String>,
    end: u64,
}

impl Default for Log {
    /// Returns a log that starts with an event of the server itself, so that position 0 is never
    /// that of a client's event.
    fn default() -> Self {
        let log = Self { inner: Mutex::default(), end: watch::Sender::new(0) };
        log.write_foreign("$settings");
        log
    }
}

impl Log {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a receiver that is notified whenever events are written.
    pub(crate) fn end(&self) -> watch::Receiver<u64> {
        self.end.subscribe()
    }

    /// Writes all of the events or none.
    pub fn append(&self, stream: &str, expected: Expected, events: Vec<Proposed>) -> Result<Written, Unwritten> {
        let mut inner = self.lock();
        if inner.tombstones.contains(stream) {
            return Err(Unwritten::Deleted);
        }
        let current = inner.current(stream);
        if !meets(expected, current) {
            return inner.repeated(stream, expected, &events).ok_or(Unwritten::WrongRevision { current });
        }
        let written = inner.write(stream, events);
        self.end.send_replace(inner.end);
        Ok(written)
    }

    /// Appends an event of another program.
    pub fn write_foreign(&self, stream: &str) {
        let properties = [("type", "$metadata"), ("content-type", "application/json")];
        let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let event = Proposed {
            id: Uuid::from_u64_pair(FOREIGN, self.lock().end),
            properties,
            metadata: Bytes::new(),
            data: Bytes::from_static(b"{}"),
        };
        let written = self.append(stream, Expected::Any, vec![event]);
        assert!(written.is_ok(), "anybody may write to {stream}");
    }

    /// Deletes a stream; with `tombstone`, the stream can never be written again.
    pub fn delete(&self, stream: &str, expected: Expected, tombstone: bool) -> Result<u64, Unwritten> {
        let mut inner = self.lock();
        if inner.tombstones.contains(stream) {
            return Err(Unwritten::Deleted);
        }
        let current = inner.current(stream);
        if !meets(expected, current) {
            return Err(Unwritten::WrongRevision { current });
        }
        if tombstone {
            inner.tombstones.insert(stream.to_owned());
        }
        inner.streams.remove(stream);
        Ok(inner.end)
    }

    /// Alters a stored event, as an attacker with access to the database could. Returns `None` if
    /// there is no such event.
    pub fn tamper(&self, stream: &str, revision: u64, change: impl FnOnce(&mut Record)) -> Option<()> {
        let mut inner = self.lock();
        let place = *inner.streams.get(stream)?.get(usize::try_from(revision).ok()?)?;
        change(&mut inner.records[place]);
        Some(())
    }

    /// Returns the records of a stream. `Err` if it was deleted for good, `None` if it does not
    /// exist.
    pub(crate) fn stream(&self, stream: &str) -> Result<Option<Vec<Record>>, Unwritten> {
        let inner = self.lock();
        if inner.tombstones.contains(stream) {
            return Err(Unwritten::Deleted);
        }
        let places = inner.streams.get(stream);
        Ok(places.map(|places| places.iter().map(|place| inner.records[*place].clone()).collect()))
    }

    /// Returns at most `count` records from a position on, including the record at the position.
    pub fn forwards(&self, from: u64, count: usize) -> Vec<Record> {
        let inner = self.lock();
        let start = inner.records.partition_point(|record| record.position < from);
        inner.records[start..].iter().take(count).cloned().collect()
    }

    /// Returns at most `count` records before a position, the last one first.
    pub(crate) fn backwards(&self, before: u64, count: usize) -> Vec<Record> {
        let inner = self.lock();
        let end = inner.records.partition_point(|record| record.position < before);
        inner.records[..end].iter().rev().take(count).cloned().collect()
    }
}

fn meets(expected: Expected, current: Option<u64>) -> bool {
    match expected {
        Expected::Any => true,
        Expected::NoStream => current.is_none(),
        Expected::StreamExists => current.is_some(),
        Expected::Revision(revision) => current == Some(revision),
    }
}

impl Inner {
    fn current(&self, stream: &str) -> Option<u64> {
        self.streams.get(stream).and_then(|places| (places.len() as u64).checked_sub(1))
    }

    /// Returns the place of a repeated append: its events are stored after the expected revision
    /// already. `None` if they are not.
    fn repeated(&self, stream: &str, expected: Expected, events: &[Proposed]) -> Option<Written> {
        let first = match expected {
            Expected::NoStream => 0,
            Expected::Revision(revision) => usize::try_from(revision).ok()?.checked_add(1)?,
            Expected::Any | Expected::StreamExists => return None,
        };
        let places = self.streams.get(stream)?.get(first..first.checked_add(events.len())?)?;
        let is_same = places.iter().map(|place| self.records[*place].id).eq(events.iter().map(|event| event.id));
        let last = &self.records[*places.last()?];
        is_same.then_some(Written { revision: last.revision, position: last.position })
    }

    fn write(&mut self, stream: &str, events: Vec<Proposed>) -> Written {
        let places = self.streams.entry(stream.to_owned()).or_default();
        let mut written = Written { revision: 0, position: self.end };
        for event in events {
            written = Written { revision: places.len() as u64, position: self.end };
            places.push(self.records.len());
            self.end += RECORD_OVERHEAD_BYTES + (event.data.len() + event.metadata.len()) as u64;
            let Proposed { id, properties, metadata, data } = event;
            let Written { revision, position } = written;
            self.records.push(Record { position, stream: stream.to_owned(), revision, id, properties, metadata, data });
        }
        written
    }
}
