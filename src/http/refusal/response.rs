//! Writes the response to a refused request.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::{
        ConnectionType, StatusCode,
        header::{ACCEPT_ENCODING, ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use dav::error::Inside;
use service::Error;
use uuid::Uuid;

use super::{FailedCondition, Location, Refusal};
use crate::response;

/// Explains the refusal where the body may hold nothing but the condition (RFC 4791 §1.3).
const DAYBOOK_REFUSED: HeaderName = HeaderName::from_static("daybook-refused");
/// Longest explanation in a header, in characters.
const MAX_HEADER_CHARACTERS: usize = 500;
/// `Retry-After` in seconds for a server that is not ready.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("2");

/// Writes refusals, with all that a response needs besides the refusal itself.
pub(crate) struct Responder<'a> {
    /// The realm of the challenges (RFC 7617 §2).
    pub realm: &'a str,
    /// Bearer tokens are taken too.
    pub takes_tokens: bool,
    /// How long a client with too many failed logins has to wait.
    pub login_wait: Duration,
    /// The request's id, for the log.
    pub request: Uuid,
    /// Returns the href of a location; `None` if the caller may not know it.
    pub href: &'a dyn Fn(&Location) -> Option<String>,
}

impl Responder<'_> {
    pub(crate) fn respond(&self, refusal: Refusal) -> HttpResponse {
        match refusal {
            Refusal::Unauthenticated => self.unauthenticated(None),
            Refusal::BadToken(why) => self.unauthenticated(Some(&why)),
            Refusal::TooManyLogins => {
                let mut response = explained(StatusCode::TOO_MANY_REQUESTS, "too many wrong passwords");
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(self.login_wait.as_secs()));
                response
            }
            Refusal::TooFast { retry_seconds, why } => {
                let mut response = explained(StatusCode::TOO_MANY_REQUESTS, &why);
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_seconds));
                response
            }
            Refusal::NotFound => response::text(StatusCode::NOT_FOUND, "There is nothing here.\n"),
            Refusal::MethodNotAllowed(allow) => HttpResponse::MethodNotAllowed().insert_header((ALLOW, allow)).finish(),
            Refusal::TooLarge(limit) => {
                let why = format!("larger than {}, {} bytes", limit.name, limit.bytes);
                closing(explained(StatusCode::PAYLOAD_TOO_LARGE, &why))
            }
            Refusal::Encoded => {
                let why = "request bodies must not have a Content-Encoding";
                let mut response = explained(StatusCode::UNSUPPORTED_MEDIA_TYPE, why);
                // RFC 9110 §15.5.16
                response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
                response
            }
            Refusal::TooSlow => closing(explained(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
            Refusal::Status { status, why } => explained(status, &why),
            Refusal::Condition(failed) => self.failed_condition(&failed),
            Refusal::Failure(Error::Behind(what)) => {
                tracing::warn!(request = %self.request, %what, "answered 503: the server is not ready");
                let mut response = explained(StatusCode::SERVICE_UNAVAILABLE, &what);
                response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS);
                response
            }
            Refusal::Failure(error) => {
                tracing::error!(request = %self.request, error = %with_causes(&error), "answered 500: the server failed");
                response::empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Refusal::ClientGone => response::empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Asks for credentials. `bad_token`: why the token that was sent is refused.
    fn unauthenticated(&self, bad_token: Option<&str>) -> HttpResponse {
        let realm = quotable(self.realm);
        let mut response = HttpResponse::Unauthorized();
        // Programs that know one scheme look for it at the first.
        response.append_header((WWW_AUTHENTICATE, format!("Basic realm=\"{realm}\", charset=\"UTF-8\"")));
        if self.takes_tokens {
            // RFC 6750 §3: without a token no error is named.
            let error =
                bad_token.map(|why| format!(", error=\"invalid_token\", error_description=\"{}\"", quotable(why)));
            let error = error.unwrap_or_default();
            response.append_header((WWW_AUTHENTICATE, format!("Bearer realm=\"{realm}\"{error}")));
        }
        response.finish()
    }

    fn failed_condition(&self, failed: &FailedCondition) -> HttpResponse {
        let href = failed.at.as_ref().and_then(self.href);
        let at = href.as_deref().unwrap_or_default();
        let why = match failed.privilege {
            Some(privilege) => &format!("the privilege {} is missing on {at}", privilege.local()),
            None => &failed.why,
        };
        let body = match (failed.privilege, &href) {
            (Some(privilege), _) => {
                dav::error::body(failed.condition, Inside::Privileges(&[(at, privilege)]), Some(why))
            }
            (None, Some(_)) => dav::error::body(failed.condition, Inside::Hrefs(&[at]), Some(why)),
            (None, None) => dav::error::body(failed.condition, Inside::Nothing, Some(why)),
        };
        let mut response = HttpResponse::build(failed.status);
        response.insert_header((CONTENT_TYPE, response::XML)).insert_header((DAYBOOK_REFUSED, visible(why)));
        response.body(body)
    }
}

/// Closes the connection after the response, so that the rest of the request's body need not be
/// read.
fn closing(mut response: HttpResponse) -> HttpResponse {
    response.head_mut().set_connection_type(ConnectionType::Close);
    response
}

/// Returns a text that can stand in quotes (RFC 9110 §5.6.4).
fn quotable(text: &str) -> String {
    let text: String = text.chars().filter(|character| !matches!(character, '"' | '\\')).collect();
    visible(&text)
}

/// Returns a response with the explanation as its body and in the header.
fn explained(status: StatusCode, why: &str) -> HttpResponse {
    let mut response = response::text(status, format!("{why}\n"));
    if let Ok(why) = HeaderValue::from_str(&visible(why)) {
        response.headers_mut().insert(DAYBOOK_REFUSED, why);
    }
    response
}

/// Returns the error's text followed by those of its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// Replaces all but visible ASCII, which a header may hold, and cuts the text at
/// [`MAX_HEADER_CHARACTERS`].
fn visible(text: &str) -> String {
    let shown = |character: char| if character.is_ascii_graphic() || character == ' ' { character } else { '?' };
    text.chars().map(shown).take(MAX_HEADER_CHARACTERS).collect()
}
