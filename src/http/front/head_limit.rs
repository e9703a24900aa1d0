//! Limits the time for the head of each request after the first on a connection.
//!
//! `actix-http` limits only the head of the first request. Without this limit, a client could send
//! one complete request, begin a second one, and keep the connection open for ever. If bytes of a
//! head arrive only while the request before it is answered, the limit for idle connections applies
//! after that answer.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// A stream that fails if the head of a request takes longer than the limit. The time begins with
/// the first bytes that arrive while no request is answered.
pub(crate) struct HeadLimit<S> {
    stream: S,
    limit: Duration,
    head: Rc<Head>,
    /// Wakes the reader at the limit. It is used for one head after another.
    alarm: Option<Pin<Box<Sleep>>>,
}

/// The part of a connection's state that the answer to a request changes.
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// The time of its first bytes; `None` if none has arrived, or the request is being answered.
    begun: Cell<Option<Instant>>,
    is_answered: Cell<bool>,
}

/// Marks a request as being answered while it lives. The bytes that arrive then are its body, or
/// the next request, which waits.
pub(crate) struct Answering(Rc<Head>);

/// The body of a response, which is an answer until it is sent.
pub(crate) struct Answered {
    body: BoxBody,
    _answering: Answering,
}

impl Answered {
    pub(crate) fn new(body: BoxBody, answering: Answering) -> Self {
        Self { body, _answering: answering }
    }
}

impl MessageBody for Answered {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(task)
    }
}

impl Head {
    /// Returns the mark of a request whose head is complete.
    pub(crate) fn answering(self: &Rc<Self>) -> Answering {
        self.begun.set(None);
        self.is_answered.set(true);
        Answering(Rc::clone(self))
    }

    fn note_bytes(&self) {
        if !self.is_answered.get() && self.begun.get().is_none() {
            self.begun.set(Some(Instant::now()));
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.is_answered.set(false);
    }
}

impl<S> HeadLimit<S> {
    pub(crate) fn new(stream: S, limit: Duration) -> Self {
        Self { stream, limit, head: Rc::default(), alarm: None }
    }

    /// Returns the state that the answers on this connection change.
    pub(crate) fn head(&self) -> Rc<Head> {
        Rc::clone(&self.head)
    }

    /// Returns whether the limit is over. Otherwise the task is woken when it is.
    fn is_over(&mut self, task: &mut Context<'_>) -> bool {
        let Some(begun) = self.head.begun.get() else { return false };
        let end = begun + self.limit;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(end)));
        while alarm.as_mut().poll(task).is_ready() {
            if alarm.deadline() >= end {
                return true;
            }
            alarm.as_mut().reset(end);
        }
        false
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HeadLimit<S> {
    fn poll_read(mut self: Pin<&mut Self>, task: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(task, buffer);
        if buffer.filled().len() > before {
            self.head.note_bytes();
        }
        if read.is_pending() && self.is_over(task) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HeadLimit<S> {
    fn poll_write(mut self: Pin<&mut Self>, task: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.head.begun.set(None);
        Pin::new(&mut self.stream).poll_write(task, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(task)
    }
}
