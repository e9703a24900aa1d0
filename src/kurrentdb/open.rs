//! Opens the journal, with the checks before the first event is read.

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

/// Reasons why a journal in KurrentDB cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The connection string cannot be parsed.
    #[error("`{0}` is not a connection string; it should be like `kurrentdb://user:password@host:2113`")]
    NotAnAddress(String),
    /// A file that the connection string names cannot be read.
    #[error("cannot read the file that the connection string names, {}: {cause}", path.display())]
    File {
        /// The file that cannot be read.
        path: PathBuf,
        /// The error of the operating system.
        cause: io::Error,
    },
    /// A file that the connection string names contains no certificate.
    #[error("the file {}, which the connection string names, contains no certificate in PEM", path.display())]
    NotACertificate {
        /// The file without a certificate.
        path: PathBuf,
    },
    /// A file that the connection string names contains no private key.
    #[error(
        "the file {}, which the connection string names, contains no private key in PEM; a key with a passphrase cannot \
         be read",
        path.display()
    )]
    NotAKey {
        /// The file without a private key.
        path: PathBuf,
    },
    /// A file that the connection string names is malformed.
    #[error("the file {}, which the connection string names, is malformed: {cause}", path.display())]
    Malformed {
        /// The malformed file.
        path: PathBuf,
        /// The message of the parser.
        cause: String,
    },
    /// The certificate and the private key that the connection string names do not belong together,
    /// or one of them cannot be used.
    #[error(
        "the certificate in {} and the private key in {}, which the connection string names, cannot be used together: \
         {cause}",
        certificate.display(),
        key.display()
    )]
    NotAPair {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the private key.
        key: PathBuf,
        /// The message of the cryptography provider.
        cause: String,
    },
    /// A TLS provider was installed before. The client library installs its own, and would panic.
    #[error("a TLS provider was installed before the journal was opened; this is a bug of Daybook, please report it")]
    TlsProvider,
    /// KurrentDB cannot be reached or read.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// True after this process has created a client object of the library, which installs its TLS
/// provider.
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
