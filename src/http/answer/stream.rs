//! Writes a response on a blocking thread, in bounded memory. Slow work is done there, because the
//! thread of a connection serves other connections, too.
//!
//! **Invariant:** the server can refuse a request only before the first chunk. A later failure
//! closes the connection, so that the client cannot take a truncated response for a complete one.

use std::{io, time::Duration};

use actix_web::{HttpResponse, HttpResponseBuilder, web::Bytes};
use futures::stream;
use tokio::{runtime::Handle, sync::mpsc};

use crate::{call::Call, refusal::Refusal};

/// Minimum size in bytes of a chunk other than the last. A shorter response is sent as a whole.
pub(crate) const CHUNK_BYTES: usize = 64 * 1024;
/// Maximum number of chunks that wait for the client to read them.
const CHUNKS_AHEAD: usize = 2;
/// Time for which a client may read nothing. After it the server ends the response and releases the
/// snapshot from which it was read.
const STALLED: Duration = Duration::from_secs(60);

#[derive(Debug)]
enum Piece {
    More(Bytes),
    Last(Bytes),
}

/// The blocking thread's end of the channel to the client.
#[derive(Debug)]
pub(crate) struct ChunkSender {
    sender: mpsc::Sender<Result<Piece, Refusal>>,
    runtime: Handle,
    /// Time for which the client may read nothing, [`STALLED`].
    stalled: Duration,
}

impl ChunkSender {
    /// Sends one chunk, and blocks while the client reads slowly. `Err` if the client has
    /// disconnected or stopped reading.
    pub(crate) fn send(&self, chunk: String) -> Result<(), Refusal> {
        self.put(Ok(Piece::More(chunk.into())))
    }

    /// Sends the text written so far, which `take` returns, if its length `pending` (in bytes) is
    /// enough for a chunk. `Err` if the client has disconnected or stopped reading.
    pub(crate) fn flush(&self, pending: usize, take: impl FnOnce() -> String) -> Result<(), Refusal> {
        if pending < CHUNK_BYTES { self.is_awaited() } else { self.send(take()) }
    }

    /// Returns `Err` if the client has disconnected, so that the caller can stop its work.
    pub(crate) fn is_awaited(&self) -> Result<(), Refusal> {
        if self.sender.is_closed() { Err(Refusal::ClientGone) } else { Ok(()) }
    }

    fn put(&self, piece: Result<Piece, Refusal>) -> Result<(), Refusal> {
        self.runtime.block_on(self.sender.send_timeout(piece, self.stalled)).map_err(|_| Refusal::ClientGone)
    }
}

/// Runs `write`, and sends the rest of the text or the failure. A client that has disconnected or
/// stopped reading is not waited for again.
fn write_to(chunks: &ChunkSender, write: impl FnOnce(&ChunkSender) -> Result<String, Refusal>) {
    match write(chunks) {
        Err(Refusal::ClientGone) => {}
        // An error means that the client does not need the rest.
        end => drop(chunks.put(end.map(|rest| Piece::Last(rest.into())))),
    }
}

/// Runs `write` on a blocking thread. `write` sends full chunks through the sender, and returns the
/// rest of the text.
///
/// `Err` (503) if too many long responses are being written already. `Err` also if `write` fails or
/// panics before the first chunk.
pub(crate) async fn answer<W>(call: &Call, mut response: HttpResponseBuilder, write: W) -> Result<HttpResponse, Refusal>
where
    W: FnOnce(&ChunkSender) -> Result<String, Refusal> + Send + 'static,
{
    let place = call.state.answers.take(call.person.id).await?;
    let (sender, mut receiver) = mpsc::channel(CHUNKS_AHEAD);
    let chunks = ChunkSender { sender, runtime: call.state.apart.clone(), stalled: STALLED };
    call.state.apart.spawn_blocking(move || {
        write_to(&chunks, write);
        drop(place);
    });
    let first = match receiver.recv().await {
        Some(Ok(Piece::Last(whole))) => return Ok(response.body(whole)),
        Some(Ok(Piece::More(first))) => first,
        Some(Err(refusal)) => return Err(refusal),
        None => return Err(Refusal::panicked()),
    };
    Ok(response.streaming(stream::unfold(State::Begun(first, receiver), next)))
}

#[derive(Debug)]
enum State {
    Begun(Bytes, mpsc::Receiver<Result<Piece, Refusal>>),
    Running(mpsc::Receiver<Result<Piece, Refusal>>),
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
        Some(Err(refusal)) => {
            tracing::error!(error = ?refusal, "closed the connection in the middle of a response, because \
                the rest of it could not be made");
            Some((Err(io::Error::other("the response was interrupted")), State::Ended))
        }
        None => Some((Err(io::Error::other("the response was interrupted")), State::Ended)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_that_read_nothing_for_too_long_is_not_waited_for_again() {
        let (sender, mut receiver) = mpsc::channel(CHUNKS_AHEAD);
        let chunks = ChunkSender { sender, runtime: Handle::current(), stalled: Duration::from_millis(500) };
        let (given_up, seen) = tokio::sync::oneshot::channel();
        let writing = tokio::task::spawn_blocking(move || {
            write_to(&chunks, |chunks| {
                let sent = (0..=CHUNKS_AHEAD).try_for_each(|_| chunks.send("a chunk".to_owned()));
                given_up.send(sent.is_err()).expect("the test waits");
                sent.map(|()| String::new())
            });
        });
        assert!(seen.await.expect("the chunks are written"));
        // The client reads again, too late.
        let mut read = vec![];
        while let Some(piece) = receiver.recv().await {
            read.push(piece);
        }
        assert!(read.len() == CHUNKS_AHEAD && read.iter().all(Result::is_ok), "{read:?}");
        writing.await.expect("it ends");
    }
}
