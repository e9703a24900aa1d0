//! Answers written on a blocking thread, from one snapshot, in bounded memory.
//!
//! **Invariant:** whatever can refuse does so before the first chunk; a failure after it breaks the connection off, so
//! that no client takes half an answer for a whole one.

use std::{io, time::Duration};

use actix_web::{HttpResponse, HttpResponseBuilder, web::Bytes};
use futures::stream;
use tokio::{runtime::Handle, sync::mpsc};

use crate::no::No;

/// What is written before it is sent on. Smaller answers are sent whole, with their length.
pub(crate) const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks that may wait for the client.
const CHUNKS_AHEAD: usize = 2;
/// How long a client may take no chunk before its answer is given up, and with it the snapshot.
const STALLED: Duration = Duration::from_secs(60);

#[derive(Debug)]
enum Piece {
    More(Bytes),
    Last(Bytes),
}

/// The blocking thread's end of an answer.
#[derive(Debug)]
pub(crate) struct Outlet {
    sender: mpsc::Sender<Result<Piece, No>>,
    runtime: Handle,
}

impl Outlet {
    /// Sends one chunk; waits while the client is slow.
    pub(crate) fn send(&self, chunk: String) -> Result<(), No> {
        self.put(Ok(Piece::More(chunk.into())))
    }

    fn put(&self, piece: Result<Piece, No>) -> Result<(), No> {
        self.runtime.block_on(self.sender.send_timeout(piece, STALLED)).map_err(|_| No::Gone)
    }
}

/// Runs `write` on a blocking thread. It sends full chunks through the outlet and answers what is left.
pub(crate) async fn answer<W>(mut response: HttpResponseBuilder, write: W) -> Result<HttpResponse, No>
where
    W: FnOnce(&Outlet) -> Result<String, No> + Send + 'static,
{
    let (sender, mut receiver) = mpsc::channel(CHUNKS_AHEAD);
    let outlet = Outlet { sender, runtime: Handle::current() };
    tokio::task::spawn_blocking(move || {
        let end = write(&outlet).map(|rest| Piece::Last(rest.into()));
        // Nobody may be there any more; then nobody misses it.
        drop(outlet.put(end));
    });
    let first = match receiver.recv().await {
        Some(Ok(Piece::Last(whole))) => return Ok(response.body(whole)),
        Some(Ok(Piece::More(first))) => first,
        Some(Err(no)) => return Err(no),
        None => return Err(No::panicked()),
    };
    Ok(response.streaming(stream::unfold(State::Begun(first, receiver), next)))
}

#[derive(Debug)]
enum State {
    Begun(Bytes, mpsc::Receiver<Result<Piece, No>>),
    Running(mpsc::Receiver<Result<Piece, No>>),
    Ended,
}

async fn next(state: State) -> Option<(Result<Bytes, io::Error>, State)> {
    let mut receiver = match state {
        State::Begun(first, receiver) => return Some((Ok(first), State::Running(receiver))),
        State::Running(receiver) => receiver,
        State::Ended => return None,
    };
    match receiver.recv().await {
        Some(Ok(Piece::More(chunk))) => Some((Ok(chunk), State::Running(receiver))),
        Some(Ok(Piece::Last(chunk))) => Some((Ok(chunk), State::Ended)),
        Some(Err(no)) => {
            tracing::error!(error = ?no, "an answer was broken off");
            Some((Err(io::Error::other("broken off")), State::Ended))
        }
        None => Some((Err(io::Error::other("broken off")), State::Ended)),
    }
}
