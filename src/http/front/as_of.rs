//! `/asof/WHEN/…`: the past states of homes, as a read-only CalDAV tree.
//!
//! WHEN is a journal position, or a time in the form of RFC 3339. Below it, the tree has the same
//! paths as the server. The hrefs that the server gives to its resources in responses begin with
//! `/asof/WHEN`, after the base path, so that any client can use the tree like a server of its own.
//!
//! **Invariant:** a request changes nothing, apart from its record in the access journal. The
//! caller needs a present right to the home: as its owner, an administrator or an auditor.

mod rewriting;

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::Payload,
};
use chrono::DateTime;
use percent_encoding::percent_decode_str;
use schemas::{AccessEvent, Position, PrincipalId, Timestamp, access_journal::HistoryLookedAt};
use service::{Service, clock};

use crate::{
    audience,
    call::Call,
    method::{self, Method},
    person::Person,
    refusal::Refusal,
    resource::Path,
};

/// First path segment of the tree of past states.
const TREE: &str = "/asof/";
/// The methods that are allowed below `/asof/`. They change nothing.
const ALLOW: &str = "OPTIONS, GET, HEAD, PROPFIND, REPORT";

/// A request for a past state.
pub(super) struct PastRequest<'a> {
    /// `/asof/WHEN`, as the client wrote it in the path.
    prefix: &'a str,
    when: String,
    /// The rest of the path, after `/asof/WHEN`.
    rest: &'a str,
}

impl<'a> PastRequest<'a> {
    /// Parses the path of a request; `None` if it does not begin with `/asof/`.
    pub(super) fn of(target: &'a str) -> Option<Self> {
        let below = target.strip_prefix(TREE)?;
        let when = below.split('/').next().unwrap_or_default();
        let (prefix, rest) = target.split_at(TREE.len() + when.len());
        let when = percent_decode_str(when).decode_utf8_lossy().into_owned();
        Some(Self { prefix, when, rest: if rest.is_empty() { "/" } else { rest } })
    }

    /// Answers the request from the past state of the home. In `call`, this method replaces the
    /// path, the time, the state and the person.
    pub(super) async fn answer(self, mut call: Call, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
        call.path = Path::parse(self.rest)?;
        call.when = Some(self.when.clone());
        let home = home(&call)?;
        let method = Method::of(&call)?;
        if !method.is_safe() {
            return Err(Refusal::MethodNotAllowed(ALLOW.to_owned()));
        }
        if method == Method::Options {
            return Ok(HttpResponse::Ok().insert_header((header::ALLOW, ALLOW)).finish());
        }
        let position = position(call.service(), &self.when).await?;
        record(&call);
        let place = Arc::new(call.state.histories.take(call.person.id).await?);
        let building =
            call.work_apart(Arc::clone(&place), move |service| async move { service.as_of(home, position).await });
        let view = building.await?;
        call.state = Arc::new(call.state.with_service(Arc::clone(&view.service)));
        call.person = call.person.in_the_past();
        if call.person.id != home {
            call.person = call.person.auditing();
        }
        let response = method::dispatch(&call, payload).await?;
        // A stored text is returned as it is, also if it has hrefs.
        let is_stored = matches!(method, Method::Get | Method::Head) && response.status().is_success();
        let prefix = (!is_stored).then_some(self.prefix);
        // The permit and the view of the past state are kept until a streamed response has been
        // sent, because it still reads from the view. The folder of the view's read models is
        // removed when nothing refers to the view any more.
        Ok(rewriting::rewritten(response, prefix, (place, view)))
    }
}

/// Records in the access journal that the caller requested a past state, or a part of the
/// transparency log.
pub(super) fn record(call: &Call) {
    let Some(recorder) = &call.state.access else { return };
    let metadata = audience::of_request(&call.http, Some(&call.person), call.address, call.id);
    let looked = HistoryLookedAt { question: format!("{} {}", call.http.method(), call.http.uri().path()) };
    recorder.event(metadata, "history-looked-at", AccessEvent::HistoryLookedAt(looked));
}

/// Returns the principal whose home or principal resource the path lies in; for every other path,
/// the caller. `Err`, as for a missing resource, if there is no such principal, or if the caller
/// may not read the past of their home.
fn home(call: &Call) -> Result<PrincipalId, Refusal> {
    let person = &call.person;
    let named = match &call.path {
        Path::Principal { name } | Path::Delegates { name, .. } => Some(name.as_str()),
        path => path.owner(),
    };
    let Some(named) = named else { return Ok(person.id) };
    let owner = person.directory.by_name(named).map(|entry| entry.id);
    owner.filter(|owner| may_look(person, *owner, &call.state.settings.auditors)).ok_or(Refusal::NotFound)
}

fn may_look(person: &Person, owner: PrincipalId, auditors: &[String]) -> bool {
    person.id == owner || is_auditing(person, auditors)
}

/// Returns true if the person may read the past of all homes: an administrator or an auditor.
pub(super) fn is_auditing(person: &Person, auditors: &[String]) -> bool {
    let is_auditor = person.entry().is_some_and(|entry| entry.auditor || auditors.contains(&entry.short_name));
    person.is_administrator() || is_auditor
}

async fn position(service: &Service, when: &str) -> Result<Position, Refusal> {
    if let Ok(position) = when.parse() {
        let position = Position(position);
        if position > service.head().await? {
            let why = format!("the event at position {position} does not exist yet; choose an earlier position");
            return Err(Refusal::status(StatusCode::NOT_FOUND, why));
        }
        return Ok(position);
    }
    let moment = DateTime::parse_from_rfc3339(when).map_err(|_| {
        Refusal::bad_request(
            "the path after /asof/ must begin with the position of an event, such as \
             136, or a time, such as 2026-12-01T10:00:00Z",
        )
    })?;
    let moment = Timestamp(moment.timestamp_micros());
    if !clock::has_come(moment) {
        return Err(Refusal::status(
            StatusCode::NOT_FOUND,
            format!("the time {when} lies in the future; choose an earlier one"),
        ));
    }
    Ok(service.position_at(moment).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_and_the_path_below_it_are_told_apart() {
        let rows = [
            ("/asof/12/calendars/anna/", Some(("/asof/12", "12", "/calendars/anna/"))),
            ("/asof/2026-12-01T10%3A00%3A00Z", Some(("/asof/2026-12-01T10%3A00%3A00Z", "2026-12-01T10:00:00Z", "/"))),
            ("/asof/12/", Some(("/asof/12", "12", "/"))),
            ("/calendars/asof/", None),
        ];
        for (target, expected) in rows {
            let past = PastRequest::of(target);
            let past = past.as_ref().map(|past| (past.prefix, past.when.as_str(), past.rest));
            assert_eq!(past, expected, "{target}");
        }
    }
}
