//! Settings of the HTTP server.

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
    /// Largest XML body of a request, in bytes.
    pub max_request_body_bytes: usize,
    /// Time limit for opening a connection (PROXY header and TLS). The head of each request has a
    /// limit of the same length.
    pub request_head: Duration,
    /// Time limit for sending the body of a request.
    pub request_body: Duration,
    /// Time limit for a pause of the client before or within a request body.
    pub request_pause: Duration,
    /// Time limit for a pause of the client while it reads a response; only on Linux.
    pub answer_pause: Duration,
    /// Time after which an idle connection is closed.
    pub keep_alive: Duration,
    /// Maximum number of connections that one worker serves at the same time.
    pub max_connections_per_worker: usize,
    /// Number of different wrong passwords for one name from one address after which the server
    /// checks no more credentials for that name from that address.
    pub max_failed_logins: usize,
    /// Number of different wrong credentials from one address, for all names together, after which
    /// the server checks no more credentials from that address.
    pub max_failed_logins_per_address: usize,
    /// Number of different wrong passwords for one name, from all addresses together, after which
    /// the server checks no more credentials for that name.
    pub max_failed_logins_per_name: usize,
    /// Time after which a count of failed logins starts again from 0. It begins with the first
    /// login that was checked for the name or the address.
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

/// Paths of the certificate and the private key, both PEM files.
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
    /// The separate address where operators read metrics; `None`: metrics are served at `listen`.
    pub operators: Option<SocketAddr>,
    /// The authentication realm, which clients show when they ask for a password (RFC 7617 §2).
    pub realm: String,
    /// The URL by which people and programs reach the server, with a slash at its end. `None`: web
    /// pages use the host that the request names.
    pub public_url: Option<String>,
    /// Number of worker threads; `None`: one per processor.
    pub workers: Option<usize>,
    /// Time that requests in progress may take after the server was asked to stop.
    pub shutdown: Duration,
    /// The TLS certificate. `None`: plain HTTP, behind a reverse proxy that handles TLS or for
    /// clients on the same machine.
    pub tls: Option<Tls>,
    /// Addresses of the trusted reverse proxies. Only from them `X-Forwarded-For` and PROXY headers
    /// are believed.
    pub proxies: Peers,
    /// The header by which trusted proxies name the person who has logged in at the proxy.
    pub login_header: LoginHeader,
    /// The OpenID Connect provider at which people log in; `None`: the server uses no provider.
    pub openid: Option<OpenId>,
    /// True if connections from trusted proxies begin with a PROXY protocol header.
    pub proxy_protocol: bool,
    /// True if long responses are compressed for clients that accept it.
    pub compression: bool,
    /// Login names of auditors, besides the accounts that are registered as auditors. Like
    /// administrators, they may read the past state of all homes.
    pub auditors: Vec<String>,
    /// Folder with the signed tree heads of the journal and the cached hash tree; `None`: the
    /// server does not serve them.
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
