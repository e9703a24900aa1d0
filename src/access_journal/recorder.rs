//! Queues the events of request threads, and writes them in a separate task.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use schemas::{
    AccessEvent, AccessId, CollectionId, Metadata, ObjectId, Position, PrincipalId, Timestamp,
    access_journal::{RecordsOmitted, RefusedBody, RequestRefused, SegmentEnd, VersionsServed},
};
use sha2::{Digest as _, Sha256};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
    time::MissedTickBehavior,
};

use crate::{
    Error, Layer, Settings,
    allowance::Allowance,
    segment::{self, identity},
    served::Memory,
    writer::Writer,
};

/// Maximum length of the queue. Further events are only counted.
pub const MAX_WAITING: usize = 10_000;
/// Time between two writes. If the process or the machine fails, the events of this time are lost.
const PAUSE: Duration = Duration::from_secs(1);
/// Maximum number of bytes of a path that are recorded.
pub const MAX_PATH_BYTES: usize = 2_048;
/// Maximum size of the body of a refused request whose text is recorded, in bytes.
pub const MAX_REFUSED_BODY_BYTES: usize = 65_536;
/// Maximum number of objects in one event of served versions.
pub const MAX_SERVED_OBJECTS: usize = 10_000;

/// A refused request.
#[derive(Debug, Clone)]
pub struct Refused<'a> {
    /// The HTTP status of the response.
    pub status: u16,
    /// The path as the client sent it.
    pub path: &'a str,
    /// The name of the precondition that does not hold; `None` if the refusal has another reason.
    pub condition: Option<&'a str>,
    /// The reason of the refusal, in words.
    pub why: &'a str,
    /// The body of the request; `None` if the server did not read it.
    pub body: Option<&'a [u8]>,
}

/// A version of an object that is served.
#[derive(Debug, Clone, Copy)]
pub struct Served<'a> {
    /// The home of the object.
    pub home: PrincipalId,
    /// The collection through which the client read the object.
    pub collection: CollectionId,
    /// The id of the object.
    pub object: ObjectId,
    /// The entity tag of the served version.
    pub etag: &'a str,
    /// The position of the event that stored this version.
    pub position: Position,
}

enum Note {
    Event(Box<Metadata>, &'static str, AccessEvent),
    Served(Box<Metadata>, PrincipalId, CollectionId, (ObjectId, Position)),
}

/// Recorder of accesses. The calls that record an event are cheap: they queue the event and never
/// wait.
#[derive(Debug)]
pub struct Recorder {
    id: AccessId,
    notes: mpsc::Sender<Note>,
    served: Memory,
    records_reads: bool,
    /// Number of events that did not fit into the queue, or could not be written, and whose number
    /// is not recorded yet.
    busy: Arc<AtomicU64>,
    commands: mpsc::Sender<oneshot::Sender<Option<SegmentEnd>>>,
    wake: Arc<Notify>,
    task: parking_lot::Mutex<Option<JoinHandle<()>>>,
}

impl Recorder {
    /// Opens the access journal in `folder` through `layer`, removes expired segments, and starts
    /// to write. On a full disk it begins to write once there is room. `now` returns the time, and
    /// `new_id` the id of a new access journal.
    pub async fn start(
        folder: &Path,
        settings: &Settings,
        layer: Layer,
        now: fn() -> Timestamp,
        new_id: fn() -> uuid::Uuid,
    ) -> Result<Self, Error> {
        let id = identity(folder, new_id)?;
        for gone in segment::purge(folder, settings, now())? {
            tracing::info!(
                segment = gone,
                "removed a file of the access journal that is older than access.retention_days"
            );
        }
        let place = (folder.to_owned(), id, layer);
        let writer = match open(&place, now()).await {
            // If the disk is full, calendars are served without the access journal.
            Err(error) if error.is_without_room() => {
                tracing::error!(%error, "nothing is recorded in the access journal until there is room on the disk");
                None
            }
            opened => Some(opened?),
        };
        let (notes, waiting) = mpsc::channel(MAX_WAITING);
        let (commands, asked) = mpsc::channel(1);
        let (busy, wake) = (Arc::<AtomicU64>::default(), Arc::<Notify>::default());
        let task =
            Task { place, writer, waiting, asked, busy: Arc::clone(&busy), now, allowance: Allowance::default() };
        let task = tokio::spawn(task.run(Arc::clone(&wake)));
        let task = parking_lot::Mutex::new(Some(task));
        Ok(Self { id, notes, served: Memory::default(), records_reads: settings.reads, busy, commands, wake, task })
    }

    /// Returns the id of the access journal, which identifies its stream and the stream of its
    /// anchors.
    pub fn id(&self) -> AccessId {
        self.id
    }

    /// Records a refused request.
    pub fn refused(&self, metadata: Metadata, refused: &Refused<'_>) {
        let sent = refused.body.filter(|body| !body.is_empty()).map(|body| RefusedBody {
            sha256: format!("{:x}", Sha256::digest(body)),
            bytes: body.len() as u64,
            text: str::from_utf8(body).ok().filter(|text| text.len() <= MAX_REFUSED_BODY_BYTES).map(str::to_owned),
        });
        let event = RequestRefused {
            status: refused.status,
            path: shortened(refused.path).to_owned(),
            condition: refused.condition.map(str::to_owned),
            why: refused.why.to_owned(),
            sent,
        };
        self.event(metadata, "request-refused", AccessEvent::RequestRefused(event));
    }

    /// Records an event; `of` is its type without the version. For refused requests and served
    /// versions there are separate functions.
    pub fn event(&self, metadata: Metadata, of: &'static str, event: AccessEvent) {
        self.note(Note::Event(Box::new(metadata), of, event));
    }

    /// Returns true if reads are recorded: served versions, and free-busy requests.
    pub fn records_reads(&self) -> bool {
        self.records_reads
    }

    /// Records that a version was served, if reads are recorded and, as far as the cache knows,
    /// this program (`agent`) of the person has not received the version before. `metadata` is
    /// called only if the version is to be recorded.
    pub fn served(&self, person: PrincipalId, agent: &str, served: Served<'_>, metadata: impl FnOnce() -> Metadata) {
        let Served { home, collection, object, etag, position } = served;
        if self.records_reads && self.served.is_new(person, agent, object, etag) {
            self.note(Note::Served(Box::new(metadata()), home, collection, (object, position)));
        }
    }

    fn note(&self, note: Note) {
        if self.notes.try_send(note).is_err() {
            self.busy.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes all queued events. Returns the end of the newest segment; `None` if no segment is
    /// open for writing, its end cannot be read, or the recorder is closed.
    pub async fn flush(&self) -> Option<SegmentEnd> {
        let (answer, end) = oneshot::channel();
        self.commands.send(answer).await.ok()?;
        self.wake.notify_one();
        end.await.ok().flatten()
    }

    /// Writes all queued events, and stops the task that writes. Returns the end of the newest
    /// segment; `None` if no segment is open for writing, or its end cannot be read.
    pub async fn close(&self) -> Option<SegmentEnd> {
        let end = self.flush().await;
        let task = self.task.lock().take();
        if let Some(task) = task {
            task.abort();
            // The file is closed when the task has ended.
            let _ = task.await;
        }
        end
    }
}

/// Cuts a path to at most [`MAX_PATH_BYTES`], between two characters.
fn shortened(path: &str) -> &str {
    let end = path.char_indices().map(|(start, char)| start + char.len_utf8()).take_while(|end| *end <= MAX_PATH_BYTES);
    &path[..end.last().unwrap_or_default()]
}

/// Folder and id of an access journal, and the layer above its files.
type Place = (PathBuf, AccessId, Layer);

async fn open((folder, id, layer): &Place, now: Timestamp) -> Result<Writer, Error> {
    Writer::open(folder, *id, Layer::clone(layer), now).await
}

/// The task that writes the queued events.
struct Task {
    place: Place,
    /// Writer of the open segment; `None` until there is room on the disk.
    writer: Option<Writer>,
    waiting: mpsc::Receiver<Note>,
    asked: mpsc::Receiver<oneshot::Sender<Option<SegmentEnd>>>,
    busy: Arc<AtomicU64>,
    now: fn() -> Timestamp,
    allowance: Allowance,
}

impl Task {
    async fn run(mut self, wake: Arc<Notify>) {
        let mut pauses = tokio::time::interval(PAUSE);
        pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = pauses.tick() => {}
                () = wake.notified() => {}
            }
            let answer = self.asked.try_recv().ok();
            let events = self.take(answer.is_some());
            let count = events.len() as u64;
            let lost = self.write(events).await.unwrap_or_else(|error| {
                tracing::error!(
                    %error,
                    events = count,
                    "the access journal cannot be written; the events that `events` counts are lost, and only their \
                     number is recorded"
                );
                count
            });
            self.busy.fetch_add(lost, Ordering::Relaxed);
            if let Some(answer) = answer {
                let _ = answer.send(self.end().await);
            }
        }
    }

    /// Drains the queue into events. `at_end`: also adds the numbers of events omitted in the
    /// current hour.
    fn take(&mut self, at_end: bool) -> Vec<(Metadata, AccessEvent)> {
        let now = (self.now)();
        let mut omitted = self.allowance.turn(now);
        let mut events = vec![];
        let mut served: BTreeMap<_, (Metadata, Vec<(ObjectId, Position)>)> = BTreeMap::new();
        while let Ok(note) = self.waiting.try_recv() {
            match note {
                Note::Event(metadata, of, event) => {
                    if self.allowance.admits(&metadata, of) {
                        events.push((*metadata, event));
                    }
                }
                Note::Served(metadata, home, collection, version) => {
                    let key = (metadata.actor, metadata.client.agent.clone(), home, collection);
                    served.entry(key).or_insert_with(|| (*metadata, vec![])).1.push(version);
                }
            }
        }
        for ((_, _, home, collection), (metadata, versions)) in served {
            for part in versions.chunks(MAX_SERVED_OBJECTS) {
                if self.allowance.admits(&metadata, "versions-served") {
                    let versions = VersionsServed::pack(part.iter().copied());
                    let served = VersionsServed { home, collection, versions };
                    events.push((metadata.clone(), AccessEvent::VersionsServed(served)));
                }
            }
        }
        if at_end {
            omitted.extend(self.allowance.omitted());
        }
        events.extend(omitted.into_iter().map(|(metadata, omitted)| (metadata, AccessEvent::Omitted(omitted))));
        let busy = self.busy.swap(0, Ordering::Relaxed);
        if busy > 0 {
            let omitted = RecordsOmitted { of: "any".to_owned(), count: busy, why: "busy".to_owned() };
            events.push((Metadata { at: now, ..Metadata::default() }, AccessEvent::Omitted(omitted)));
        }
        events
    }

    /// Writes events. Returns the number of those that could not be written.
    async fn write(&mut self, events: Vec<(Metadata, AccessEvent)>) -> Result<u64, Error> {
        if events.is_empty() {
            return Ok(0);
        }
        let now = (self.now)();
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(open(&self.place, now).await?),
        };
        writer.turn(now).await?;
        Ok(writer.append(events).await?)
    }

    /// Returns the end of the open segment; `None` if no segment is open, or its end cannot be
    /// read.
    async fn end(&self) -> Option<SegmentEnd> {
        self.writer.as_ref()?.end().await.ok()
    }
}
