//! The entry of requests and the exit of responses: authentication, dispatch, the headers that all
//! these responses have, and the log.

use std::{net::IpAddr, panic::AssertUnwindSafe, rc::Rc, sync::Arc, time::Instant};

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderName, HeaderValue, LOCATION},
    },
    web::{Data, Payload},
};
use futures::FutureExt;
use schemas::Metadata;
use service::clock;
use uuid::Uuid;

use super::{
    Front,
    as_of::PastRequest,
    compression,
    head_limit::{Answered, Head},
    log,
    login::{self, Authenticated},
    operators, page,
    recording::{self, RefusalRecord},
};
use crate::{
    audience, base_path, body,
    call::Call,
    header::{check_well_formed, user_agent},
    method,
    person::Person,
    refusal::{Location, Refusal},
    resource::{Access, Lookup, Path, href},
    response,
};

/// The compliance classes of this server (RFC 4918 §18, RFC 3744 §7.2, RFC 4791 §5.1, RFC 6638 §2,
/// RFC 5689 §3.1, RFC 7809 §3.1.1, RFC 7953 §7.2.1, caldav-proxy §5.1, caldav-sharing §5.1).
/// Clients of the drafts of RFC 7953 look for `inbox-availability`. [`entry`] adds the header to
/// its responses, because clients look for it on any resource.
const DAV: HeaderValue = HeaderValue::from_static(
    "1, 3, access-control, calendar-access, calendar-auto-schedule, extended-mkcol, \
     calendar-no-timezone, calendar-availability, inbox-availability, calendarserver-home-sync, \
     calendar-proxy, calendarserver-sharing",
);
const DAV_HEADER: HeaderName = HeaderName::from_static("dav");
/// Time that clients may cache the redirection of the well-known path (RFC 6764 §5): one day.
const CONTEXT_PATH_KEPT: HeaderValue = HeaderValue::from_static("max-age=86400");
/// The header with the request's id, which is also in the log and in the events of the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(crate) async fn entry(http: HttpRequest, mut payload: Payload, front: Data<Front>) -> HttpResponse {
    #[expect(clippy::disallowed_methods, reason = "the outer edge measures how long an answer took")]
    let begun = Instant::now();
    let answering = http.conn_data::<Rc<Head>>().map(Head::answering);
    let settings = &front.state.settings;
    let address = http.peer_addr().map(|peer| settings.proxies.client(peer, http.headers()));
    let mut request = Request { http: &http, front: &front, id: clock::new_id(), address, person: None };
    let answered = AssertUnwindSafe(request.answer(&mut payload)).catch_unwind().await;
    let Request { id, person, .. } = request;
    if body::is_wanted(&http) {
        return response::empty(StatusCode::CONTINUE);
    }
    let mut response = answered.unwrap_or_else(|_| {
        tracing::error!(request = %id, "answered 500 to a request because of a bug; report it with the panic above");
        response::empty(StatusCode::INTERNAL_SERVER_ERROR)
    });
    if settings.compression {
        response = compression::compress(&http, response);
    }
    // The unread rest of a short body is read and discarded: left unread, it would force the server
    // to close the connection.
    body::drain(&http, &mut payload, front.state.body_timing()).await;
    let headers = response.headers_mut();
    headers.insert(DAV_HEADER, DAV);
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    front.metrics.count(http.method().as_str(), status, took);
    tracing::info!(
        target: "daybook::access",
        request = %id,
        method = %http.method(),
        path = http.uri().path(),
        status,
        from = address.map(tracing::field::display),
        micros = took.as_micros(),
        who = person.as_ref().and_then(Person::entry).map(|entry| entry.short_name.as_str()),
        agent = user_agent(http.headers()),
        "answered"
    );
    match answering {
        Some(answering) => response.map_body(|_, body| BoxBody::new(Answered::new(body, answering))),
        None => response,
    }
}

/// A request that is being answered.
struct Request<'a> {
    http: &'a HttpRequest,
    front: &'a Front,
    id: Uuid,
    address: Option<IpAddr>,
    /// The caller; `None` unless the caller is authenticated.
    person: Option<Person>,
}

impl Request<'_> {
    async fn answer(&mut self, payload: &mut Payload) -> HttpResponse {
        let mut response = match self.respond(payload).await {
            Ok(response) => response,
            // The client has not sent the body yet, and is asked for it.
            Err(_) if body::is_wanted(self.http) => return response::empty(StatusCode::CONTINUE),
            Err(refusal) => self.refuse(refusal),
        };
        // RFC 4791 §5.3.1 requires `Cache-Control: no-cache` of each response to MKCALENDAR, also
        // of a refusal. For MKCOL, RFC 5689 shows the header in its examples (§3.4, §3.5).
        if matches!(self.http.method().as_str(), "MKCALENDAR" | "MKCOL") {
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
        response
    }

    async fn respond(&mut self, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
        let (http, front, address) = (self.http, self.front, self.address);
        check_well_formed(http.headers())?;
        let target = base_path::below(http.uri().path());
        if let Some(response) = without_credentials(target, front).await {
            return Ok(response);
        }
        let request = page::Request { front, http, address, id: self.id };
        if let Some(page::Answered { response, person }) = request.answer(payload).await {
            self.person = person;
            return Ok(response);
        }
        let Authenticated { person, is_new } = login::authenticate(front, http, address, self.id).await?;
        self.person = Some(person.clone());
        if is_new {
            recording::logged_in(&front.state, http, || self.metadata());
        }
        let (past, log) = (PastRequest::of(target), log::LogRequest::of(target));
        let path = if past.is_some() || log.is_some() { Path::Root } else { Path::parse(target)? };
        if let Some(location) = path.of_today(target, &person.directory) {
            return Ok(response::moved(&location, http.query_string()));
        }
        let (http, state) = (http.clone(), Arc::clone(&front.state));
        let call = Call { http, state, id: self.id, person, path, when: None, address };
        match (past, log) {
            (Some(asked), _) => asked.answer(call, payload).await,
            (None, Some(log)) => log.answer(&call).await,
            (None, None) => method::dispatch(&call, payload).await,
        }
    }

    fn refuse(&self, refusal: Refusal) -> HttpResponse {
        let state = &self.front.state;
        let href = |location: &Location| {
            let person = self.person.as_ref()?;
            let lookup = Lookup { person, directory: &person.directory, models: state.service.models() };
            Access { person, lookup }.href(location)
        };
        let record = RefusalRecord::of(&refusal);
        let response = self.front.respond(refusal, self.id, &href);
        recording::refused(state, self.http, self.metadata(), &record, response.status());
        response
    }

    fn metadata(&self) -> Metadata {
        audience::of_request(self.http, self.person.as_ref(), self.address, self.id)
    }
}

/// Answers the well-known path and the paths for operators, which need no credentials. `None` for
/// all other paths.
async fn without_credentials(target: &str, front: &Front) -> Option<HttpResponse> {
    match target {
        // RFC 6764 §5: the well-known URI redirects to the context path.
        "/.well-known/caldav" | "/.well-known/caldav/" => Some(
            HttpResponse::MovedPermanently()
                .insert_header((LOCATION, href::root()))
                .insert_header((CACHE_CONTROL, CONTEXT_PATH_KEPT))
                .finish(),
        ),
        _ => operators::answer(target, front, false).await,
    }
}
