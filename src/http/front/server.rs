//! Starts the HTTP server, and stops it after requests in progress are finished or out of time.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use access_journal::Recorder;
use actix_http::{HttpService, Request, Response, body::BoxBody};
use actix_service::{ServiceFactory as _, ServiceFactoryExt as _, fn_factory, map_config};
use actix_web::{
    App,
    dev::{AppConfig, Server, ServerHandle, fn_service},
    web::{self, Data, ServiceConfig},
};
use service::Service;
use tokio::net::TcpStream;

use super::{
    Front,
    certificate::Certificate,
    connection::{Acceptor, Stream},
    entry, expectation,
    operators::Operators,
};
use crate::{base_path, settings::Settings};

/// Time for which a connection that the server closes stays open, so that the client can read the
/// last response.
const FAREWELL: Duration = Duration::from_secs(1);

/// A running server.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    certificate: Option<Arc<Certificate>>,
    handle: ServerHandle,
    operators: Option<Operators>,
    task: tokio::task::JoinHandle<io::Result<()>>,
}

impl Running {
    /// Returns the address at which the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the separate address for operators; `None` if there is none.
    pub fn operators_address(&self) -> Option<SocketAddr> {
        self.operators.as_ref().map(|operators| operators.address)
    }

    /// Returns `https` if the server uses TLS, otherwise `http`.
    pub fn scheme(&self) -> &'static str {
        if self.certificate.is_some() { "https" } else { "http" }
    }

    /// Reloads the certificate, and returns true; returns false if the server does not use TLS. On
    /// an error, the certificate in use stays in use.
    pub fn reload_certificate(&self) -> io::Result<bool> {
        self.certificate.as_ref().map_or(Ok(false), |certificate| certificate.reload().map(|()| true))
    }

    /// Accepts no more requests, waits for the requests in progress, at most for
    /// [`Settings::shutdown`], and stops.
    pub async fn stop(mut self) -> io::Result<()> {
        self.handle.stop(true).await;
        if let Some(operators) = self.operators.take() {
            operators.stop().await;
        }
        self.finished().await
    }

    /// Waits until the server has stopped. Without a call of [`Self::stop`], it stops only because
    /// of an error.
    pub async fn finished(&mut self) -> io::Result<()> {
        (&mut self.task).await.map_err(io::Error::other)?
    }
}

/// Binds the address and starts to answer. The caller provides a tokio runtime and handles signals.
/// `access` writes the access journal; `None`: the server keeps none.
///
/// `Err` if an address cannot be bound, or if the certificate or its key cannot be used.
pub fn serve(service: Arc<Service>, settings: Settings, access: Option<Arc<Recorder>>) -> io::Result<Running> {
    base_path::set(settings.public_url.as_deref());
    let certificate = settings.tls.clone().map(Certificate::read).transpose()?;
    let acceptor = Arc::new(Acceptor::of(&settings, certificate.as_ref())?);
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
    let operators_address = settings.operators;
    let front = Data::new(Front::new(service, settings, access));
    let operators = operators_address.map(|address| Operators::serve(address, front.clone())).transpose()?;
    // This closure runs once for each worker. Each worker has its own application; all share one
    // `Front`.
    let connections = move || {
        let (acceptor, ending, limits) = (Arc::clone(&acceptor), Rc::new(ending.clone()), &front.state.settings.limits);
        let (app, asked) = (App::new().configure(routes(front.clone())), front.clone());
        let http = HttpService::build()
            .expect(fn_factory(move || expecting(asked.clone())))
            .graceful_shutdown_signal(move || {
                let ending = Rc::clone(&ending);
                async move { ending.notified().await }
            })
            .keep_alive(limits.keep_alive)
            .client_request_timeout(limits.request_head)
            .client_disconnect_timeout(FAREWELL)
            .local_addr(address)
            .on_connect_ext({
                let front = front.clone();
                move |stream: &Stream, extensions| {
                    extensions.insert(front.metrics.connection());
                    extensions.insert(stream.head());
                }
            })
            .finish(map_config(app, |()| AppConfig::default()));
        fn_service(move |tcp: TcpStream| {
            let acceptor = Arc::clone(&acceptor);
            async move { acceptor.accept(tcp).await }
        })
        .and_then(http)
    };
    let server = server.listen("daybook", listener, connections)?.run();
    let handle = server.handle();
    Ok(Running { address, certificate, handle, operators, task: tokio::spawn(server) })
}

/// Returns the service that answers requests whose client waits for 100 (Continue).
async fn expecting(
    front: Data<Front>,
) -> Result<impl actix_service::Service<Request, Response = Request, Error = Response<BoxBody>>, ()> {
    let app = map_config(App::new().configure(routes(front)), |()| AppConfig::default());
    let app = Rc::new(app.new_service(()).await?);
    Ok(fn_service(move |request| {
        let app = Rc::clone(&app);
        async move { expectation::check(&*app, request).await }
    }))
}

/// Routes every request to `entry`, which parses the path itself and accepts WebDAV methods.
pub(crate) fn routes(front: Data<Front>) -> impl FnOnce(&mut ServiceConfig) {
    move |app| {
        app.app_data(front).default_service(web::to(entry::entry));
    }
}
