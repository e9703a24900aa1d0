//! A live subscription with its own thread, runtime and client object of the library.
//!
//! **Invariant:** no other thread waits for this client object. When KurrentDB closes a
//! subscription normally, the library loops without yielding. [`interrupt`] then unwinds this
//! thread, and no other thread is held up.

use std::{io, time::Duration};

use eventstore::{
    Client, ClientSettings, Error, StreamPosition, SubscribeToAllOptions, SubscriptionEvent, SubscriptionFilter,
};
use schemas::{Position, StreamKind};
use tokio::sync::mpsc;

use super::{connection::client, interrupt, record};
use journal::chain::Entry;

/// Maximum number of queued news items. While the queue is full, the subscription waits.
const QUEUE_NEWS: usize = 1_024;
/// Time between two signs of life. The thread of the subscription sends them, so that the feed
/// notices if that thread hangs.
const HEARTBEAT: Duration = Duration::from_secs(1);

pub(super) enum News {
    Event(Box<Entry>),
    SignOfLife,
}

/// The live subscription. Dropping it ends the thread of the subscription.
pub(super) struct Listener(mpsc::Receiver<News>);

impl Listener {
    /// Starts the thread, which subscribes to the events after a position. Returns an error if the
    /// operating system refuses the thread, or a file descriptor for its runtime.
    pub(super) fn start(settings: ClientSettings, after: Position) -> io::Result<Self> {
        let (tell, news) = mpsc::channel(QUEUE_NEWS);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("journal-feed".to_owned()).spawn(move || {
            let ended = interrupt::when_the_server_closes(|| runtime.block_on(listen(&settings, after, tell)));
            match ended {
                Some(Ok(())) => {}
                Some(Err(error)) => tracing::warn!(%error, "the live subscription to KurrentDB failed and restarts"),
                None => tracing::warn!("KurrentDB closed the live subscription, which restarts"),
            }
            // The runtime does not wait for tasks of the client library, because they may never
            // end.
            runtime.shutdown_timeout(Duration::ZERO);
        })?;
        Ok(Self(news))
    }

    /// Returns the next news; `None` after the subscription has ended.
    pub(super) async fn next(&mut self) -> Option<News> {
        self.0.recv().await
    }
}

async fn listen(settings: &ClientSettings, after: Position, tell: mpsc::Sender<News>) -> Result<(), Error> {
    let client = client(settings, &tokio::runtime::Handle::current())
        .map_err(|cause| Error::InitializationError(cause.to_string()))?;
    let mut subscription = subscribe(&client, after).await;
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    // Signs of life are sent only after KurrentDB has confirmed the subscription.
    let mut is_confirmed = false;
    loop {
        let news = {
            // The future that waits for the next event is kept across heartbeats, because the
            // library loses its place in the subscription when this future is dropped.
            let mut next = std::pin::pin!(subscription.next_subscription_event());
            loop {
                tokio::select! {
                    event = &mut next => break event?,
                    () = tell.closed() => return Ok(()),
                    _ = heartbeat.tick(), if is_confirmed => if tell.send(News::SignOfLife).await.is_err() {
                        return Ok(());
                    }
                }
            }
        };
        is_confirmed = true;
        let SubscriptionEvent::EventAppeared(resolved) = news else { continue };
        let entry = resolved.event.as_ref().map(record::entry).transpose();
        let Some(entry) = entry.map_err(|cause| Error::InternalParsingError(cause.to_string()))?.flatten() else {
            continue;
        };
        if tell.send(News::Event(Box::new(entry))).await.is_err() {
            return Ok(());
        }
    }
}

async fn subscribe(client: &Client, after: Position) -> eventstore::Subscription {
    let position = if after == Position::START {
        StreamPosition::Start
    } else {
        StreamPosition::Position(eventstore::Position { commit: after.0, prepare: after.0 })
    };
    // With this filter KurrentDB sends only events of Daybook's streams.
    let prefixes = StreamKind::ALL.iter().map(|kind| kind.prefix());
    let filter = prefixes.fold(SubscriptionFilter::on_stream_name(), SubscriptionFilter::add_prefix);
    client.subscribe_to_all(&SubscribeToAllOptions::default().position(position).filter(filter)).await
}
