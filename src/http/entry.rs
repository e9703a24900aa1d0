//! Every request comes in here: who asks, for what, by which method. And every answer leaves here.

use std::{panic::AssertUnwindSafe, time::Instant};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue, LOCATION},
    },
    web::{Data, Payload},
};
use futures::FutureExt;
use service::clock;
use uuid::Uuid;

use crate::{
    answer,
    auth::{self, Person},
    body,
    call::{self, Call},
    coding, method, metrics,
    no::No,
    path::Path,
    server::State,
};

/// What is true of every resource here (RFC 4918 §18, RFC 3744 §7.2, RFC 4791 §5.1, RFC 6638 §2, RFC 5689 §3.1, RFC 7953
/// §7.2.1; `inbox-availability` is what clients of its drafts look for).
/// Clients look for it on any resource, so it is sent with every answer.
const DAV: HeaderValue = HeaderValue::from_static(
    "1, 3, access-control, calendar-access, calendar-auto-schedule, extended-mkcol, \
     calendar-no-timezone, calendar-availability, inbox-availability, calendarserver-home-sync",
);
const DAV_HEADER: HeaderName = HeaderName::from_static("dav");
/// Stands in the access log and with the events of the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(crate) async fn entry(http: HttpRequest, mut payload: Payload, state: Data<State>) -> HttpResponse {
    #[expect(clippy::disallowed_methods, reason = "the rim measures how long an answer took")]
    let begun = Instant::now();
    let id = clock::new_id();
    let mut who = None;
    let answered = AssertUnwindSafe(answer(&http, &mut payload, &state, id, &mut who)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| {
        tracing::error!(request = %id, "a bug: this request panicked");
        answer::empty(StatusCode::INTERNAL_SERVER_ERROR)
    });
    if state.settings.compression {
        response = coding::coded(&http, response);
    }
    // A refused request's body would otherwise cost the client its connection.
    body::drain(&http, &mut payload).await;
    let headers = response.headers_mut();
    headers.insert(DAV_HEADER, DAV);
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    state.metrics.count(http.method().as_str(), status, took);
    tracing::info!(
        target: "daybook::access",
        request = %id,
        method = %http.method(),
        path = http.uri().path(),
        status,
        from = call::address(&http, &state).map(tracing::field::display),
        micros = took.as_micros(),
        who = who.as_ref().and_then(Person::entry).map(|entry| entry.short_name.as_str()),
        agent = call::agent(http.headers()),
        "answered"
    );
    response
}

async fn answer(
    http: &HttpRequest,
    payload: &mut Payload,
    state: &Data<State>,
    id: Uuid,
    who: &mut Option<Person>,
) -> HttpResponse {
    match respond(http, payload, state, id, who).await {
        Ok(response) => response,
        Err(no) => no.answer(state, who.as_ref(), id),
    }
}

async fn respond(
    http: &HttpRequest,
    payload: &mut Payload,
    state: &Data<State>,
    id: Uuid,
    who: &mut Option<Person>,
) -> Result<HttpResponse, No> {
    let target = http.uri().path();
    if let Some(response) = open(target, state).await {
        return Ok(response);
    }
    let person = auth::authenticate(state, http.headers(), call::address(http, state)).await?;
    *who = Some(person.clone());
    let path = Path::parse(target)?;
    let call = Call { http: http.clone(), state: state.clone(), id, person, path };
    method::dispatch(&call, payload).await
}

/// What is answered to everybody.
async fn open(target: &str, state: &State) -> Option<HttpResponse> {
    Some(match target {
        // RFC 6764 §5: the context path.
        "/.well-known/caldav" | "/.well-known/caldav/" => {
            HttpResponse::MovedPermanently().insert_header((LOCATION, "/")).finish()
        }
        "/healthz" => answer::text(StatusCode::OK, "alive\n"),
        "/readyz" => match state.service.ready().await {
            Ok(()) => answer::text(StatusCode::OK, "ready\n"),
            Err(service::Error::Behind(why)) => answer::text(StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
            Err(_) => answer::text(StatusCode::SERVICE_UNAVAILABLE, "the journal cannot be read\n"),
        },
        "/metrics" => {
            let journal = metrics::journal(&state.service.journal_figures());
            answer::text(StatusCode::OK, state.metrics.text() + &journal)
        }
        _ => return None,
    })
}
