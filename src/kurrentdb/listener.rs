//! A live subscription on a thread and a runtime of its own, with a client of its own.
//!
//! **Invariant:** whatever the client does in there, nothing else waits for it. When the server ends a subscription in
//! order, the client goes round in circles without ever yielding; then this thread ends.

use std::{io, time::Duration};

use eventstore::{
    Client, ClientSettings, Error, StreamPosition, SubscribeToAllOptions, SubscriptionEvent, SubscriptionFilter,
};
use schemas::{Position, StreamKind};
use tokio::sync::mpsc;

use super::{connection::client, interrupt, record};
use journal::chain::Entry;

/// News that wait to be taken, before the subscription waits itself.
const QUEUE_NEWS: usize = 1_024;
/// How soon a sign of life follows the last one.
const HEARTBEAT: Duration = Duration::from_secs(1);

pub(super) enum News {
    Event(Entry),
    SignOfLife,
}

/// The ear. Dropping it ends the thread.
pub(super) struct Listener(mpsc::Receiver<News>);

impl Listener {
    /// Listens for what comes after a position.
    pub(super) fn start(settings: ClientSettings, after: Position) -> io::Result<Self> {
        let (tell, news) = mpsc::channel(QUEUE_NEWS);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("journal-feed".to_owned()).spawn(move || {
            let ended = interrupt::when_the_server_closes(|| runtime.block_on(listen(&settings, after, tell)));
            match ended {
                Some(Ok(())) => {}
                Some(Err(error)) => tracing::warn!(%error, "the journal's live subscription ended"),
                None => tracing::warn!("the server closed the journal's live subscription"),
            }
            // Not waiting for what the client may still have under way.
            runtime.shutdown_timeout(Duration::ZERO);
        })?;
        Ok(Self(news))
    }

    /// The next news; `None` once the subscription ended.
    pub(super) async fn next(&mut self) -> Option<News> {
        self.0.recv().await
    }
}

async fn listen(settings: &ClientSettings, after: Position, tell: mpsc::Sender<News>) -> Result<(), Error> {
    let client = client(settings, &tokio::runtime::Handle::current())
        .map_err(|cause| Error::InitializationError(cause.to_string()))?;
    let mut subscription = subscribe(&client, after).await;
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    // Who was not heard by the server yet gives no sign of life.
    let mut is_confirmed = false;
    loop {
        let news = {
            // Kept over heartbeats: the client loses its place when this is dropped.
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
        if tell.send(News::Event(entry)).await.is_err() {
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
    // The server sends events of Daybook's streams only.
    let prefixes = StreamKind::ALL.iter().map(|kind| kind.prefix());
    let filter = prefixes.fold(SubscriptionFilter::on_stream_name(), SubscriptionFilter::add_prefix);
    client.subscribe_to_all(&SubscribeToAllOptions::default().position(position).filter(filter)).await
}
