//! The listening server: from settings to a running handle, and gracefully down again.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    web::{self, Data, ServiceConfig},
};
use service::Service;

use crate::{entry, metrics::Metrics};

/// What the door lets in, each with its name.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most an XML body may hold.
    pub max_request_body_bytes: usize,
    /// How long a client may take to send a request's head.
    pub request_head: Duration,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    pub max_connections_per_worker: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_request_body_bytes: 4 * 1024 * 1024,
            request_head: Duration::from_secs(10),
            keep_alive: Duration::from_secs(75),
            max_connections_per_worker: 10_000,
        }
    }
}

/// How the server listens and presents itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Port 0 takes a free one; [`Running::address`] tells which.
    pub listen: SocketAddr,
    /// Shown by clients when they ask for a password.
    pub realm: String,
    /// Threads that answer; `None`: one per processor.
    pub workers: Option<usize>,
    /// How long requests under way may take once the server is told to stop.
    pub shutdown: Duration,
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            realm: "Daybook".to_owned(),
            workers: None,
            shutdown: Duration::from_secs(30),
            limits: Limits::default(),
        }
    }
}

/// What every request sees of the server.
#[derive(Debug)]
pub(crate) struct State {
    pub service: Arc<Service>,
    pub settings: Settings,
    pub metrics: Metrics,
}

/// A server that answers.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    task: tokio::task::JoinHandle<io::Result<()>>,
}

impl Running {
    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more requests, lets those under way finish, then ends.
    pub async fn stop(mut self) -> io::Result<()> {
        self.handle.stop(true).await;
        self.finished().await
    }

    /// Until the server ends by itself, which is an error.
    pub async fn finished(&mut self) -> io::Result<()> {
        (&mut self.task).await.map_err(io::Error::other)?
    }
}

/// Binds and answers. Needs a running tokio runtime; signals are the caller's business.
pub fn serve(service: Arc<Service>, settings: Settings) -> io::Result<Running> {
    let listener = TcpListener::bind(settings.listen)?;
    let address = listener.local_addr()?;
    let Settings { workers, shutdown, limits, .. } = settings.clone();
    let state = Data::new(State { service, settings, metrics: Metrics::default() });
    let app = move || App::new().configure(routes(state.clone()));
    let mut server = HttpServer::new(app)
        .disable_signals()
        .keep_alive(limits.keep_alive)
        .client_request_timeout(limits.request_head)
        .max_connections(limits.max_connections_per_worker)
        .shutdown_timeout(shutdown.as_secs());
    if let Some(workers) = workers {
        server = server.workers(workers.max(1));
    }
    let server = server.listen(listener)?.run();
    let handle = server.handle();
    Ok(Running { address, handle, task: tokio::spawn(server) })
}

/// Everything goes through one door; paths are read there, methods beyond HTTP's own come in too.
pub(crate) fn routes(state: Data<State>) -> impl FnOnce(&mut ServiceConfig) {
    move |app| {
        app.app_data(state).default_service(web::to(entry::entry));
    }
}
