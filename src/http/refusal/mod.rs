//! The reasons for which a request is refused or fails, with the status and the condition in the
//! response.
//!
//! `domain` has the table of the domain's refusals; `response` writes the response.
//!
//! **Invariant:** the body for a failed condition holds the condition's XML element and at most a
//! comment. Failures of the server itself ([`Refusal::Failure`]) are logged, and clients are told
//! at most why the server is not ready.

mod domain;
mod response;

use std::borrow::Cow;

use actix_web::http::StatusCode;
use dav::{Condition, Privilege, Status, request::RequestError};
use schemas::{PrincipalId, object::Place};
use service::Error;

use crate::{
    body::{self, Limit},
    header::Invalid,
};

pub(crate) use response::Responder;

#[derive(Debug)]
pub(crate) enum Refusal {
    /// The credentials are missing or wrong: 401, never 403.
    Unauthenticated,
    /// The bearer token is wrong: 401 with the reason (RFC 6750 §3.1).
    BadToken(Cow<'static, str>),
    /// Too many logins failed for this name, from this address, or for this name from this address.
    /// Credentials are not checked until the count starts again from 0.
    TooManyLogins,
    /// The caller's writes make the journal grow too fast: 429 (RFC 6585 §4).
    TooFast {
        retry_seconds: u64,
        why: String,
    },
    NotFound,
    /// The method is not allowed here: 405. Holds the value of the `Allow` header.
    MethodNotAllowed(String),
    TooLarge(Limit),
    /// The body has a `Content-Encoding` other than `identity`. This server decodes none.
    Encoded,
    /// The body did not arrive within the time limit.
    TooSlow,
    /// A refusal by status alone, with an explanation in words.
    Status {
        status: StatusCode,
        why: Cow<'static, str>,
    },
    /// A precondition that an RFC defines is false.
    Condition(Box<FailedCondition>),
    /// The server itself failed (500), or is not ready (503).
    Failure(Error),
    /// The client closed the connection, or stopped reading the response.
    ClientGone,
}

#[derive(Debug)]
pub(crate) struct FailedCondition {
    pub status: StatusCode,
    pub condition: Condition,
    /// The resource that the body of the response names; `None` unless the condition's RFC asks for
    /// one.
    pub at: Option<Location>,
    /// The privilege that the caller lacks on the resource `at` (RFC 3744 §7.1.1); `None` for every
    /// other condition.
    pub privilege: Option<Privilege>,
    /// The explanation in words. Not used if `privilege` is given: that explanation is made from
    /// the privilege.
    pub why: String,
}

/// A resource that the body of a refusal names.
#[derive(Debug, Clone)]
pub(crate) enum Location {
    /// A resource given by its href, a percent-encoded absolute path.
    Href(String),
    /// A calendar object or file. Its href is shown only to callers who may read it.
    Place(Place),
    /// The outbox in the home of this principal.
    Outbox(PrincipalId),
}

impl FailedCondition {
    fn reason(&self) -> Cow<'_, str> {
        match &self.privilege {
            Some(privilege) => format!("the caller lacks the privilege {}", privilege.local()).into(),
            None => self.why.as_str().into(),
        }
    }
}

impl Refusal {
    pub(crate) fn status(status: StatusCode, why: impl Into<Cow<'static, str>>) -> Self {
        Self::Status { status, why: why.into() }
    }

    pub(crate) fn bad_request(why: impl Into<Cow<'static, str>>) -> Self {
        Self::status(StatusCode::BAD_REQUEST, why)
    }

    pub(crate) fn media_type(why: &'static str) -> Self {
        Self::status(StatusCode::UNSUPPORTED_MEDIA_TYPE, why)
    }

    pub(crate) fn forbidden(why: &'static str) -> Self {
        Self::status(StatusCode::FORBIDDEN, why)
    }

    pub(crate) fn conflict(why: &'static str) -> Self {
        Self::status(StatusCode::CONFLICT, why)
    }

    /// Returns the refusal for a false precondition, with status 403 (RFC 4791 §1.3).
    pub(crate) fn condition(condition: Condition, why: impl Into<String>) -> Self {
        Self::condition_as(StatusCode::FORBIDDEN, condition, why)
    }

    /// Returns the refusal for a false precondition, with the given status.
    pub(crate) fn condition_as(status: StatusCode, condition: Condition, why: impl Into<String>) -> Self {
        let why = why.into();
        Self::Condition(Box::new(FailedCondition { status, condition, at: None, privilege: None, why }))
    }

    /// Returns the refusal for a caller who lacks `privilege` on the resource at `href` (RFC 3744
    /// §7.1.1).
    pub(crate) fn needs_privilege(href: String, privilege: Privilege) -> Self {
        Self::needs_privilege_at(Location::Href(href), privilege)
    }

    fn needs_privilege_at(at: Location, privilege: Privilege) -> Self {
        Self::Condition(Box::new(FailedCondition {
            status: StatusCode::FORBIDDEN,
            condition: Condition::NeedPrivileges,
            at: Some(at),
            privilege: Some(privilege),
            why: String::new(),
        }))
    }

    /// Returns the refusal for a blocking task that panicked. The panic itself has been logged
    /// already.
    pub(crate) fn panicked() -> Self {
        Self::status(StatusCode::INTERNAL_SERVER_ERROR, "the server failed while it answered; its log has the reason")
    }

    /// Returns the name of the false condition, if there is one, and the reason in words, as the
    /// access journal records them for a refused request.
    pub(crate) fn reason(&self) -> (Option<&'static str>, Cow<'_, str>) {
        match self {
            Self::Unauthenticated => (None, "the credentials are wrong, or the account is not active".into()),
            Self::TooManyLogins => (None, "too many logins failed before".into()),
            Self::NotFound => (None, "there is no resource that the caller may see at this path".into()),
            Self::TooFast { why, .. } => (None, why.into()),
            Self::MethodNotAllowed(_) => (None, "the resource does not support this method".into()),
            Self::TooLarge(limit) => (None, limit.exceeded().into()),
            Self::Encoded => (None, "the body has a Content-Encoding, which this server does not decode".into()),
            Self::TooSlow => (None, "the body did not arrive in time".into()),
            Self::BadToken(why) | Self::Status { why, .. } => (None, why.as_ref().into()),
            Self::Condition(failed) => (Some(failed.condition.local()), failed.reason()),
            Self::Failure(error) => (None, error.to_string().into()),
            Self::ClientGone => (None, "the client closed the connection".into()),
        }
    }

    /// Returns the status and condition of this refusal for one resource within a multistatus.
    ///
    /// `Err` with the refusal itself if it concerns the whole request, such as a failure of the
    /// server.
    pub(crate) fn status_and_condition(self) -> Result<(Status, Option<Condition>), Self> {
        let status = |status: StatusCode| Status(status.as_u16());
        Ok(match self {
            Self::NotFound => (Status::NOT_FOUND, None),
            Self::MethodNotAllowed(_) => (Status::METHOD_NOT_ALLOWED, None),
            Self::TooLarge(_) => (Status::CONTENT_TOO_LARGE, None),
            Self::Encoded => (Status::UNSUPPORTED_MEDIA_TYPE, None),
            Self::TooFast { .. } => (Status::TOO_MANY_REQUESTS, None),
            Self::Status { status: code, .. } => (status(code), None),
            Self::Condition(failed) => (status(failed.status), Some(failed.condition)),
            whole @ (Self::Unauthenticated
            | Self::BadToken(_)
            | Self::TooManyLogins
            | Self::TooSlow
            | Self::Failure(_)
            | Self::ClientGone) => return Err(whole),
        })
    }
}

impl From<Invalid> for Refusal {
    fn from(Invalid(why): Invalid) -> Self {
        Self::bad_request(why)
    }
}

impl From<body::Error> for Refusal {
    fn from(error: body::Error) -> Self {
        match error {
            body::Error::Encoded => Self::Encoded,
            body::Error::Length => Self::bad_request("Content-Length is not a number"),
            body::Error::TooLarge(limit) => Self::TooLarge(limit),
            body::Error::TooSlow => Self::TooSlow,
            body::Error::Crowded(error) => error.into(),
            body::Error::Incomplete => Self::bad_request(
                "the body did not arrive completely, or its chunks are malformed; send the request again",
            ),
        }
    }
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        let status = StatusCode::from_u16(error.status().0).unwrap_or(StatusCode::BAD_REQUEST);
        match error.condition() {
            Some(condition) => Self::condition_as(status, condition, error.to_string()),
            None => Self::status(status, error.to_string()),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            // RFC 4331 §6: 507 with its precondition if the disk is full.
            Error::Full => Self::condition_as(
                StatusCode::INSUFFICIENT_STORAGE,
                Condition::SufficientDiskSpace,
                "the disk of the server is full, so nothing can be stored; the operator must make room",
            ),
            error @ (Error::Behind(_) | Error::Failed(_)) => Self::Failure(error),
        }
    }
}

impl From<projections::Failure> for Refusal {
    fn from(failure: projections::Failure) -> Self {
        Error::from(failure).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_insufficient_storage_with_the_condition_of_rfc_4331() {
        let Refusal::Condition(failed) = Refusal::from(Error::Full) else { panic!("it has a condition") };
        assert_eq!((failed.status.as_u16(), failed.condition), (507, Condition::SufficientDiskSpace));
    }
}
