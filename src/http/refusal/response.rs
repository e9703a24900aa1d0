//! Writes the response for a refused request.

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

/// The header that explains a refusal in words.
const DAYBOOK_REFUSED: HeaderName = HeaderName::from_static("daybook-refused");
/// Longest explanation in the header, in characters.
const MAX_HEADER_CHARACTERS: usize = 500;
/// The value of `Retry-After`, in seconds, if the server is not ready.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("2");

/// Writes responses to refused requests. Holds the data that a response needs besides the refusal.
pub(crate) struct Responder<'a> {
    /// The authentication realm in `WWW-Authenticate` (RFC 7617 §2).
    pub realm: &'a str,
    /// True if the server accepts bearer tokens besides passwords.
    pub takes_tokens: bool,
    /// Longest time that a client has to wait after too many failed logins.
    pub login_wait: Duration,
    /// The request's id, which the log shows.
    pub request: Uuid,
    /// Returns the href of a location; `None` if the caller may not know the resource there.
    pub href: &'a dyn Fn(&Location) -> Option<String>,
}

impl Responder<'_> {
    pub(crate) fn respond(&self, refusal: Refusal) -> HttpResponse {
        match refusal {
            Refusal::Unauthenticated => self.unauthenticated(None),
            Refusal::BadToken(why) => self.unauthenticated(Some(&why)),
            Refusal::TooManyLogins => {
                let mut response =
                    explained(StatusCode::TOO_MANY_REQUESTS, "too many failed logins; wait before the next one");
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(self.login_wait.as_secs()));
                response
            }
            Refusal::TooFast { retry_seconds, why } => {
                let mut response = explained(StatusCode::TOO_MANY_REQUESTS, &why);
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_seconds));
                response
            }
            Refusal::NotFound => {
                response::text(StatusCode::NOT_FOUND, "There is no resource at this path, or you may not see it.\n")
            }
            Refusal::MethodNotAllowed(allow) => HttpResponse::MethodNotAllowed().insert_header((ALLOW, allow)).finish(),
            Refusal::TooLarge(limit) => closing(explained(StatusCode::PAYLOAD_TOO_LARGE, &limit.exceeded())),
            Refusal::Encoded => {
                let why =
                    "the body has a Content-Encoding, which this server does not accept; send the body without it";
                let mut response = explained(StatusCode::UNSUPPORTED_MEDIA_TYPE, why);
                // RFC 9110 §15.5.16: `Accept-Encoding` names the content codings that the server
                // accepts.
                response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
                response
            }
            Refusal::TooSlow => closing(explained(
                StatusCode::REQUEST_TIMEOUT,
                "the body did not arrive completely in time; send the request again",
            )),
            Refusal::Status { status, why } => explained(status, &why),
            Refusal::Condition(failed) => self.failed_condition(&failed),
            Refusal::Failure(Error::Behind(what)) => {
                tracing::warn!(request = %self.request, %what, "answered 503 to a request");
                let mut response = explained(StatusCode::SERVICE_UNAVAILABLE, &what);
                response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS);
                response
            }
            Refusal::Failure(error) => {
                tracing::error!(request = %self.request, error = %with_causes(&error), "answered 500 to a request");
                response::empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Refusal::ClientGone => response::empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Returns the 401 response that asks for credentials. `bad_token` is the reason why the
    /// request's bearer token was refused.
    fn unauthenticated(&self, bad_token: Option<&str>) -> HttpResponse {
        let realm = quotable(self.realm);
        let mut response = HttpResponse::Unauthorized();
        // `Basic` comes first, because some clients look only at the first challenge.
        response.append_header((WWW_AUTHENTICATE, format!("Basic realm=\"{realm}\", charset=\"UTF-8\"")));
        if self.takes_tokens {
            // RFC 6750 §3: a request without a token gets no error code.
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
            Some(privilege) => &format!("you lack the privilege {} on {at}", privilege.local()),
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

/// Makes the server close the connection after the response, so that it need not read the rest of
/// the request's body.
fn closing(mut response: HttpResponse) -> HttpResponse {
    response.head_mut().set_connection_type(ConnectionType::Close);
    response
}

/// Removes quotes and backslashes, and changes the text like [`visible`], so that it fits into a
/// quoted string (RFC 9110 §5.6.4).
fn quotable(text: &str) -> String {
    let text: String = text.chars().filter(|character| !matches!(character, '"' | '\\')).collect();
    visible(&text)
}

/// Returns a response that has the explanation both as its body and in the header.
fn explained(status: StatusCode, why: &str) -> HttpResponse {
    let mut response = response::text(status, format!("{why}\n"));
    if let Ok(why) = HeaderValue::from_str(&visible(why)) {
        response.headers_mut().insert(DAYBOOK_REFUSED, why);
    }
    response
}

/// Returns the error's text, followed by the texts of its causes.
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

/// Replaces every character other than visible ASCII and space by `?`, because a header may hold no
/// other, and cuts the text at [`MAX_HEADER_CHARACTERS`].
fn visible(text: &str) -> String {
    let shown = |character: char| if character.is_ascii_graphic() || character == ' ' { character } else { '?' };
    text.chars().map(shown).take(MAX_HEADER_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::body::{BodySize, MessageBody as _};

    use super::*;

    #[test]
    fn a_stored_text_that_cannot_be_parsed_is_a_failure_that_clients_are_not_told() {
        let refusal = Refusal::from(service::Refusal::Unreadable { why: "line 7 is secret".to_owned() });
        assert!(refusal.reason().1.contains("line 7"), "the log and the access journal have the reason");
        let responder = Responder {
            realm: "",
            takes_tokens: false,
            login_wait: Duration::ZERO,
            request: Uuid::nil(),
            href: &|_| None,
        };
        let response = responder.respond(refusal);
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!response.headers().contains_key(DAYBOOK_REFUSED));
        assert!(matches!(response.body().size(), BodySize::None | BodySize::Sized(0)));
    }
}
