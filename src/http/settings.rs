//! How the server listens and presents itself, and what its door lets in.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use crate::peers::Peers;

/// What the door lets in, each with its name.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most an XML body may hold.
    pub max_request_body_bytes: usize,
    /// How long a client may take to open a connection and to send a request's head.
    pub request_head: Duration,
    /// How long a client may take to send a request's body.
    pub request_body: Duration,
    /// How long a client may send nothing in the middle of a body.
    pub request_pause: Duration,
    /// How long a client may take nothing of its answer.
    pub answer_pause: Duration,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    pub max_connections_per_worker: usize,
    /// Different wrong passwords from one address for one name; the next is not looked at.
    pub max_failed_logins: usize,
    /// How long wrong passwords are counted, from the first.
    pub failed_logins_kept: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_request_body_bytes: 4 * 1024 * 1024,
            request_head: Duration::from_secs(10),
            request_body: Duration::from_secs(120),
            request_pause: Duration::from_secs(30),
            answer_pause: Duration::from_secs(60),
            keep_alive: Duration::from_secs(75),
            max_connections_per_worker: 10_000,
            max_failed_logins: 10,
            failed_logins_kept: Duration::from_secs(15 * 60),
        }
    }
}

/// Where certificate and key are, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The server's certificate first, then those that vouch for it.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Debug, Clone)]
pub struct Settings {
    /// Port 0 takes a free one; [`crate::Running::address`] tells which.
    pub listen: SocketAddr,
    /// Shown by clients when they ask for a password.
    pub realm: String,
    /// Threads that answer; `None`: one per processor.
    pub workers: Option<usize>,
    /// How long requests under way may take once the server is told to stop.
    pub shutdown: Duration,
    /// `None`: plain HTTP, for a proxy that speaks TLS, or for this machine only.
    pub tls: Option<Tls>,
    /// Who may say for whom it asks.
    pub proxies: Peers,
    /// Whether connections of `proxies` begin with a PROXY header.
    pub proxy_protocol: bool,
    /// Whether long answers are compressed for clients that ask for it.
    pub compression: bool,
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            realm: "Daybook".to_owned(),
            workers: None,
            shutdown: Duration::from_secs(30),
            tls: None,
            proxies: Peers::default(),
            proxy_protocol: false,
            compression: true,
            limits: Limits::default(),
        }
    }
}
