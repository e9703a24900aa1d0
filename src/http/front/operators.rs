//! The paths for operators: health checks and metrics. They need no credentials.

use std::{io, net::SocketAddr};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::{Server, ServerHandle},
    http::{KeepAlive, StatusCode},
    web::{self, Data},
};

use super::{Front, metrics};
use crate::response;

/// Time in seconds that a request to the separate address may take after the server was asked to
/// stop.
const SHUTDOWN_SECONDS: u64 = 1;

/// Answers the paths for operators; `None` for all other paths.
///
/// If operators have a separate address, metrics are answered only there. `on_own_address` is true
/// for a request to it. Both addresses answer health checks, because load balancers check the
/// address to which they send requests.
pub(super) async fn answer(path: &str, front: &Front, on_own_address: bool) -> Option<HttpResponse> {
    let shows_metrics = on_own_address || front.state.settings.operators.is_none();
    match path {
        "/healthz" => Some(response::text(StatusCode::OK, "alive\n")),
        "/readyz" => Some(readiness(front).await),
        "/metrics" if shows_metrics => {
            let text = front
                .metrics
                .text(&front.state.service, front.state.settings.openid.as_ref())
                .await
                .unwrap_or_default();
            Some(HttpResponse::Ok().content_type(metrics::MEDIA_TYPE).body(text))
        }
        _ => None,
    }
}

async fn readiness(front: &Front) -> HttpResponse {
    match front.state.service.ready_to_write().await {
        Ok(complaints) => {
            let complaints: String = complaints.into_iter().map(|line| line + "\n").collect();
            response::text(StatusCode::OK, format!("ready\n{complaints}"))
        }
        Err(service::Error::Behind(why)) => response::text(StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
        Err(service::Error::Full) => {
            response::text(StatusCode::SERVICE_UNAVAILABLE, "not ready for writes: the disk is full\n")
        }
        Err(error) => {
            tracing::error!(%error, "answered 503 to /readyz: the journal failed");
            response::text(StatusCode::SERVICE_UNAVAILABLE, "not ready: the journal failed, see the log\n")
        }
    }
}

/// A server that answers only the paths for operators. It closes each connection after one
/// response, so that [`Limits::request_head`](crate::Limits::request_head) limits every head.
#[derive(Debug)]
pub(super) struct Operators {
    pub address: SocketAddr,
    handle: ServerHandle,
}

impl Operators {
    /// Binds the separate address and starts to answer. `Err` if the address cannot be bound.
    pub(super) fn serve(address: SocketAddr, front: Data<Front>) -> io::Result<Self> {
        let request_head = front.state.settings.limits.request_head;
        let app = move || App::new().app_data(front.clone()).default_service(web::to(own_address));
        let server = HttpServer::new(app)
            .workers(1)
            .keep_alive(KeepAlive::Disabled)
            .client_request_timeout(request_head)
            .disable_signals()
            .shutdown_timeout(SHUTDOWN_SECONDS)
            .bind(address)?;
        let address = server.addrs().first().copied().unwrap_or(address);
        let server: Server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { address, handle })
    }

    pub(super) async fn stop(&self) {
        self.handle.stop(true).await;
    }
}

async fn own_address(http: HttpRequest, front: Data<Front>) -> HttpResponse {
    let answered = answer(http.path(), &front, true).await;
    answered.unwrap_or_else(|| {
        response::text(StatusCode::NOT_FOUND, "not found: this address serves /healthz, /readyz and /metrics only\n")
    })
}
