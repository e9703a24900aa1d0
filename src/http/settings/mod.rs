//! How the server listens, and the limits it sets for clients.

mod login_header;
mod openid;
mod peers;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

pub use login_header::LoginHeader;
pub use openid::{OpenId, Roles};
pub use peers::Peers;

/// Limits for connections and requests.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest XML body.
    pub max_request_body_bytes: usize,
    /// How long a client may take to open a connection, and to send the head of a request.
    pub request_head: Duration,
    /// How long a client may take to send the body of a request.
    pub request_body: Duration,
    /// How long a client may pause within a body.
    pub request_pause: Duration,
    /// How long a client may pause while it reads a response.
    pub answer_pause: Duration,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// Connections that a worker serves at a time.
    pub max_connections_per_worker: usize,
    /// Number of different wrong passwords for one name from one address after which credentials
    /// are no longer checked.
    pub max_failed_logins: usize,
    /// Failed logins from one address, for all names together, after which credentials are no
    /// longer checked.
    pub max_failed_logins_per_address: usize,
    /// Failed logins for one name, from all addresses together, after which credentials are no
    /// longer checked.
    pub max_failed_logins_per_name: usize,
    /// How long wrong passwords count, from the first one.
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
            max_failed_logins_per_address: 100,
            max_failed_logins_per_name: 500,
            failed_logins_kept: Duration::from_secs(15 * 60),
        }
    }
}

/// Files with certificate and key, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The server's certificate, followed by its intermediate certificates.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Debug, Clone)]
pub struct Settings {
    /// The address to listen on. Port 0 chooses a free port, which [`crate::Running::address`]
    /// returns.
    pub listen: SocketAddr,
    /// The address at which operators read metrics; `None`: at `listen`.
    pub operators: Option<SocketAddr>,
    /// The authentication realm, which clients show when they ask for a password (RFC 7617 §2).
    pub realm: String,
    /// The address by which people and programs reach the server, with a slash at its end; `None`:
    /// the one they use.
    pub public_url: Option<String>,
    /// Number of worker threads; `None`: one per processor.
    pub workers: Option<usize>,
    /// How long requests in progress may take after the server was asked to stop.
    pub shutdown: Duration,
    /// `None`: plain HTTP, for a reverse proxy that handles TLS, or for clients on the same
    /// machine.
    pub tls: Option<Tls>,
    /// Reverse proxies, whose `X-Forwarded-For` and PROXY headers are believed.
    pub proxies: Peers,
    /// The header in which `proxies` name the person who logged in there.
    pub login_header: LoginHeader,
    /// The provider at which people log in; `None`: there is none.
    pub openid: Option<OpenId>,
    /// Connections of `proxies` begin with a PROXY header.
    pub proxy_protocol: bool,
    /// Long responses are compressed for clients that accept it.
    pub compression: bool,
    /// Logins of the auditors, who may read the past of all homes, like administrators.
    pub auditors: Vec<String>,
    /// Folder of the signed heads and of the cache of the tree; `None`: they are not served.
    pub heads: Option<PathBuf>,
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            operators: None,
            realm: "Daybook".to_owned(),
            public_url: None,
            workers: None,
            shutdown: Duration::from_secs(30),
            tls: None,
            proxies: Peers::default(),
            login_header: LoginHeader::default(),
            openid: None,
            proxy_protocol: false,
            compression: true,
            auditors: vec![],
            heads: None,
            limits: Limits::default(),
        }
    }
}
