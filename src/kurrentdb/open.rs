//! Opening: what must be right before the first event is read.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rustls::crypto::CryptoProvider;
use schemas::Position;
use tokio::{runtime::Handle, sync::watch};

use super::{Engine, Kurrent, Patience, connection::Connection, ends::Ends, feed::Feed, settings};
use journal::{Failure, engine::Tail};

/// Why a journal in KurrentDB cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("`{0}` is not a connection string; it should be like `kurrentdb://user:password@host:2113`")]
    NotAnAddress(String),
    #[error("{}: {cause}", path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error("{} holds no certificate", path.display())]
    NotACertificate { path: PathBuf },
    /// The client installs its own, and dies of it if there is another.
    #[error("a TLS provider was installed before the journal was opened")]
    TlsProvider,
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// Whether a client of ours was made: then the TLS provider is the one that it installed.
static CLIENT_WAS_MADE: AtomicBool = AtomicBool::new(false);

pub(super) async fn open(url: &str, patience: Patience) -> Result<Kurrent, OpenError> {
    let settings = settings::parse(url)?;
    let was_made = CLIENT_WAS_MADE.swap(true, Ordering::SeqCst);
    if !was_made && CryptoProvider::get_default().is_some() {
        CLIENT_WAS_MADE.store(false, Ordering::SeqCst);
        return Err(OpenError::TlsProvider);
    }
    let connection = Connection::new(settings.clone(), patience, Handle::current())?;
    let ends = Arc::new(Ends::default());
    let tail = Arc::new(Tail::new(Position::START));
    let engine = Arc::new(Engine { connection, ends: Arc::clone(&ends), tail: Arc::clone(&tail) });
    let at = engine.head(Position::START).await?;
    tail.restart(at);
    let head = watch::Sender::new(at);
    let feed = Feed::start(settings, patience, Arc::clone(&engine), head.clone(), at);
    Ok(Kurrent { engine, head, _feed: feed })
}
