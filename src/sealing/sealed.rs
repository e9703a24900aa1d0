//! A journal whose events are encrypted.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use journal::{
    Append, AppendError, Appended, Failure, Figure, Journal, Subscription,
    chain::{Entry, Head},
};
use schemas::{Encoding, NewEvent, Part, Position, Revision, Stored, Stream};
use uuid::Uuid;

use crate::{
    cipher::{self, ENCODING, Secret},
    keys::{Found, Keys, NoRandomness, SERVER},
    owner::Owners,
    personal,
};

/// Types of events that name nobody. They stay clear, so that the access journal can be verified without the vault.
const CLEAR: [&str; 2] = ["access-segment-begun.", "access-anchored."];

/// A layer over a journal, which seals what is appended and opens what is read.
#[derive(Debug, Clone)]
pub struct Sealed {
    journal: Arc<dyn Journal>,
    keys: Arc<Keys>,
    owners: Owners,
}

impl Sealed {
    /// The journal under these keys.
    pub fn new(journal: Arc<dyn Journal>, keys: Arc<Keys>) -> Self {
        Self { journal, keys, owners: Owners::new() }
    }

    async fn seal(&self, mut append: Append) -> Result<Append, Failure> {
        if !self.keys.seals() {
            return Ok(append);
        }
        let (stream, actor) = (append.stream, append.metadata.actor.unwrap_or(SERVER));
        let request = append.metadata.request;
        if append.events.iter().any(is_to_be_sealed) {
            let secret = self.keys.of(self.owners.of(&*self.journal, &self.keys, &append).await?).await?;
            append.events =
                append.events.into_iter().map(|event| seal_data(&secret, stream, event)).collect::<Result<_, _>>()?;
        }
        if let Some(hidden) = personal::take(&mut append.metadata) {
            let bound = cipher::bound_to_append(stream, request, actor.0);
            append.metadata.sealed = Some(part(&*self.keys.of(actor).await?, &bound, &hidden)?);
        }
        Ok(append)
    }

    fn open(&self, stored: Stored) -> Result<Stored, Failure> {
        open(&self.keys, stored)
    }

    fn open_all(&self, stored: Vec<Stored>) -> Result<Vec<Stored>, Failure> {
        stored.into_iter().map(|stored| self.open(stored)).collect()
    }
}

fn is_to_be_sealed(event: &NewEvent) -> bool {
    event.encoding == Encoding::JSON && !CLEAR.iter().any(|clear| event.kind.starts_with(clear))
}

fn seal_data(secret: &Secret, stream: Stream, event: NewEvent) -> Result<NewEvent, Failure> {
    if !is_to_be_sealed(&event) {
        return Ok(event);
    }
    let bound = cipher::bound_to_event(event.id, stream, &event.kind);
    let Part { encoding, bytes } = part(secret, &bound, &event.data)?;
    Ok(NewEvent { data: bytes, encoding, ..event })
}

fn part(secret: &Secret, bound: &[u8], plain: &[u8]) -> Result<Part, Failure> {
    let bytes = cipher::seal(secret, bound, plain).ok_or(NoRandomness).map_err(Failure::storage)?;
    Ok(Part { encoding: Encoding::named(ENCODING), bytes: bytes.into() })
}

/// Opens both parts of an event. What cannot be opened any more is marked as erased.
fn open(keys: &Keys, mut stored: Stored) -> Result<Stored, Failure> {
    let position = stored.position;
    if cipher::is_sealed(&stored.encoding) {
        let bound = cipher::bound_to_stored(&stored);
        (stored.encoding, stored.data) = match unseal(keys, position, &bound, &stored.data)? {
            Some(plain) => (Encoding::JSON, plain),
            None => (Encoding::ERASED, Bytes::new()),
        };
    }
    let metadata = &mut stored.metadata;
    if let Some(sealed) = metadata.sealed.take_if(|part| cipher::is_sealed(&part.encoding)) {
        let actor = metadata.actor.unwrap_or(SERVER).0;
        let bound = cipher::bound_to_append(stored.stream, metadata.request, actor);
        match unseal(keys, position, &bound, &sealed.bytes)? {
            Some(hidden) => {
                let damaged = |cause: serde_json::Error| damaged(position, &format!("its personal part: {cause}"));
                personal::put(metadata, &hidden).map_err(damaged)?;
            }
            None => metadata.sealed = Some(personal::erased()),
        }
    }
    Ok(stored)
}

/// Opens a sealed part; `None` if its key was destroyed.
fn unseal(keys: &Keys, position: Position, bound: &[u8], part: &[u8]) -> Result<Option<Bytes>, Failure> {
    let id = cipher::key_id(part).ok_or_else(|| damaged(position, "its sealed part is cut off"))?;
    match keys.find(id)? {
        Found::Missing => Err(damaged(position, &missing(id))),
        Found::Destroyed => Ok(None),
        Found::Key(secret) => match cipher::open(&secret, bound, part) {
            Some(plain) => Ok(Some(plain.into())),
            None => Err(damaged(position, "its sealed part was altered, or belongs to another event")),
        },
    }
}

fn missing(id: Uuid) -> String {
    format!("the vault has no key {id}; restore the latest copy of the vault")
}

fn damaged(position: Position, why: &str) -> Failure {
    Failure::Damaged { position, why: why.to_owned() }
}

#[async_trait]
impl Journal for Sealed {
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let mut answers = Vec::with_capacity(appends.len());
        let mut sealed = vec![];
        for append in appends {
            match self.seal(append).await {
                Ok(append) => {
                    sealed.push(append);
                    answers.push(None);
                }
                Err(failure) => answers.push(Some(Err(AppendError::Unavailable(failure)))),
            }
        }
        let mut stored = self.journal.append_many(sealed).await.into_iter();
        let mut next = || stored.next().expect("every append is answered");
        answers.into_iter().map(|answer| answer.unwrap_or_else(&mut next)).collect()
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.open_all(self.journal.read_stream(stream, from, limit).await?)
    }

    async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure> {
        self.journal.read_last(stream).await?.map(|stored| self.open(stored)).transpose()
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.open_all(self.journal.read_all(after, limit).await?)
    }

    async fn head(&self) -> Result<Position, Failure> {
        self.journal.head().await
    }

    fn subscribe(&self, after: Position) -> Subscription {
        let keys = Arc::clone(&self.keys);
        self.journal.subscribe(after).through(Arc::new(move |stored| open(&keys, stored)))
    }

    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.journal.entries(after, limit).await
    }

    async fn entries_at(&self, positions: &[Position]) -> Result<Vec<Entry>, Failure> {
        self.journal.entries_at(positions).await
    }

    fn opened(&self, stored: Stored) -> Result<Stored, Failure> {
        self.open(stored)
    }

    async fn chain_head(&self) -> Result<Option<Head>, Failure> {
        self.journal.chain_head().await
    }

    async fn witness(&self) -> Result<Option<Head>, Failure> {
        self.journal.witness().await
    }

    async fn storage_faults(&self) -> Result<Vec<String>, Failure> {
        self.journal.storage_faults().await
    }

    async fn is_writable(&self) -> Result<(), Failure> {
        self.journal.is_writable().await
    }

    fn is_shared(&self) -> bool {
        self.journal.is_shared()
    }

    fn figures(&self) -> Vec<Figure> {
        self.journal.figures()
    }
}
