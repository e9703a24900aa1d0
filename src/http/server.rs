//! The listening server: from settings to a running handle, and gracefully down again.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use actix_http::HttpService;
use actix_service::{ServiceFactoryExt, map_config};
use actix_web::{
    App,
    dev::{AppConfig, Server, ServerHandle, fn_service},
    web::{self, Data, ServiceConfig},
};
use service::Service;
use tokio::net::TcpStream;

use crate::{
    certificate::Certificate, door::Door, entry, failed_logins::FailedLogins, metrics::Metrics, settings::Settings,
};

/// How long a connection that is closed from here stays for the client to take the last answer.
const FAREWELL: Duration = Duration::from_secs(1);

/// What every request sees of the server.
#[derive(Debug)]
pub(crate) struct State {
    pub service: Arc<Service>,
    pub settings: Settings,
    pub metrics: Metrics,
    pub failed_logins: FailedLogins,
}

impl State {
    pub(crate) fn new(service: Arc<Service>, settings: Settings) -> Self {
        let failed_logins = FailedLogins::new(&settings.limits);
        Self { service, settings, metrics: Metrics::default(), failed_logins }
    }
}

/// A server that answers.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    certificate: Option<Arc<Certificate>>,
    handle: ServerHandle,
    task: tokio::task::JoinHandle<io::Result<()>>,
}

impl Running {
    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `https` or `http`.
    pub fn scheme(&self) -> &'static str {
        if self.certificate.is_some() { "https" } else { "http" }
    }

    /// Reads the certificate anew, if there is one. If it cannot be read, the one in use stays.
    pub fn reload_certificate(&self) -> io::Result<()> {
        self.certificate.as_ref().map_or(Ok(()), |certificate| certificate.reload())
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
    let certificate = settings.tls.clone().map(Certificate::read).transpose()?;
    let door = Arc::new(Door::of(&settings, certificate.as_ref())?);
    let listener = TcpListener::bind(settings.listen)?;
    let address = listener.local_addr()?;
    let mut server = Server::build()
        .disable_signals()
        .max_concurrent_connections(settings.limits.max_connections_per_worker)
        .shutdown_timeout(settings.shutdown.as_secs());
    if let Some(workers) = settings.workers {
        server = server.workers(workers.max(1));
    }
    let ending = server.graceful_shutdown_signal();
    let state = Data::new(State::new(service, settings));
    // Once per worker: each has its own application, and all see one state.
    let connections = move || {
        let (door, ending, limits) = (Arc::clone(&door), Rc::new(ending.clone()), &state.settings.limits);
        let app = App::new().configure(routes(state.clone()));
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let ending = Rc::clone(&ending);
                async move { ending.notified().await }
            })
            .keep_alive(limits.keep_alive)
            .client_request_timeout(limits.request_head)
            .client_disconnect_timeout(FAREWELL)
            .local_addr(address)
            .finish(map_config(app, |()| AppConfig::default()));
        fn_service(move |tcp: TcpStream| {
            let door = Arc::clone(&door);
            async move { door.admit(tcp).await }
        })
        .and_then(http)
    };
    let server = server.listen("daybook", listener, connections)?.run();
    let handle = server.handle();
    Ok(Running { address, certificate, handle, task: tokio::spawn(server) })
}

/// Everything goes through one door; paths are read there, methods beyond HTTP's own come in too.
pub(crate) fn routes(state: Data<State>) -> impl FnOnce(&mut ServiceConfig) {
    move |app| {
        app.app_data(state).default_service(web::to(entry::entry));
    }
}
