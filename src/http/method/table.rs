//! The HTTP methods of this server: one list for the dispatch, the `Allow` header and metrics.

use actix_web::http::StatusCode;

use super::post;
use crate::{
    call::Call,
    header::is_cross_site,
    refusal::Refusal,
    resource::{Path, representation},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Options,
    Get,
    Head,
    Post,
    Put,
    Delete,
    Copy,
    Move,
    Mkcol,
    Mkcalendar,
    Propfind,
    Proppatch,
    Report,
    Acl,
    /// LOCK gets 405, because this server has no locks (RFC 4918 §18.2). It is in the list because
    /// clients try it, and metrics count it under its name.
    Lock,
}

impl Method {
    /// All methods, in the order of the `Allow` header.
    pub(crate) const ALL: [Self; 15] = [
        Self::Options,
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Put,
        Self::Delete,
        Self::Copy,
        Self::Move,
        Self::Mkcol,
        Self::Mkcalendar,
        Self::Propfind,
        Self::Proppatch,
        Self::Report,
        Self::Acl,
        Self::Lock,
    ];

    /// Returns the method with this name, which is case-sensitive (RFC 9110 §9.1). `None` if this
    /// server does not know the method.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Returns the method of a request. `Err` with 501 if this server does not know the method (RFC
    /// 9110 §9.1).
    pub(crate) fn of(call: &Call) -> Result<Self, Refusal> {
        let unknown =
            || Refusal::status(StatusCode::NOT_IMPLEMENTED, "this server does not support the method of the request");
        Self::named(call.http.method().as_str()).ok_or_else(unknown)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Options => "OPTIONS",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Copy => "COPY",
            Self::Move => "MOVE",
            Self::Mkcol => "MKCOL",
            Self::Mkcalendar => "MKCALENDAR",
            Self::Propfind => "PROPFIND",
            Self::Proppatch => "PROPPATCH",
            Self::Report => "REPORT",
            Self::Acl => "ACL",
            Self::Lock => "LOCK",
        }
    }

    /// Returns true if the method is safe: it changes nothing (RFC 9110 §9.2.1).
    pub(crate) const fn is_safe(self) -> bool {
        match self {
            Self::Options | Self::Get | Self::Head | Self::Propfind | Self::Report => true,
            Self::Post
            | Self::Put
            | Self::Delete
            | Self::Copy
            | Self::Move
            | Self::Mkcol
            | Self::Mkcalendar
            | Self::Proppatch
            | Self::Acl
            | Self::Lock => false,
        }
    }

    /// Returns true if a resource at `path` could support the method. It does not matter whether a
    /// resource exists.
    fn may_apply(self, path: &Path) -> bool {
        let is_inside = matches!(path, Path::Inside { .. });
        match self {
            Self::Options | Self::Get | Self::Head | Self::Propfind | Self::Proppatch | Self::Report => true,
            Self::Acl => is_inside || matches!(path, Path::Home { .. }),
            // A home, a calendar or outbox directly in a home, and the URL by which members are
            // added to a calendar (RFC 5995 §3.1) support POST. A calendar deeper in a home
            // supports it, too, but its path does not show that it is a calendar.
            Self::Post => match path {
                Path::Home { .. } => true,
                Path::Inside { within, name, .. } => within.is_empty() || name == representation::ADD_MEMBER,
                _ => false,
            },
            Self::Put | Self::Delete | Self::Copy | Self::Move | Self::Mkcol | Self::Mkcalendar => is_inside,
            Self::Lock => false,
        }
    }
}

/// Refuses a change if a page of another site made the caller's browser send the request.
pub(crate) fn check_origin(call: &Call) -> Result<(), Refusal> {
    let is_safe = Method::named(call.http.method().as_str()).is_some_and(Method::is_safe);
    if is_safe || !is_cross_site(call.headers()) {
        return Ok(());
    }
    Err(Refusal::forbidden(
        "a page of another site sent this request, or one that names no site; only programs and the pages of this \
         server may change something (a proxy must pass on `Host`)",
    ))
}

/// Returns the value of `Allow`: every method that a resource at the path of the request could
/// support. The value does not reveal a resource that the caller may neither read nor add to.
pub(super) fn allow(call: &Call) -> String {
    allow_except(&call.path, || post::has_calendar(call, &call.path), None)
}

/// Returns the refusal of the request's method (405). `Allow` contains all other methods that a
/// resource at `path` could support (RFC 9110 §15.5.6).
pub(crate) fn not_allowed(call: &Call, path: &Path) -> Refusal {
    let refused = Method::named(call.http.method().as_str());
    Refusal::MethodNotAllowed(allow_except(path, || post::has_calendar(call, path), refused))
}

/// Returns the value of `Allow` without the method `refused`.
///
/// `has_calendar` returns true if the caller may know that there is a calendar at the path. It is
/// called only if the form of the path does not show that POST could apply.
fn allow_except(path: &Path, has_calendar: impl Fn() -> bool, refused: Option<Method>) -> String {
    let applies = |method: Method| method.may_apply(path) || (method == Method::Post && has_calendar());
    let allowed = Method::ALL.into_iter().filter(|method| Some(*method) != refused && applies(*method));
    allowed.map(Method::name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_found_by_its_name() {
        for method in Method::ALL {
            assert_eq!(Method::named(method.name()), Some(method));
        }
        assert_eq!(Method::named("get"), None);
    }

    #[test]
    fn allow_depends_on_the_shape_of_the_path() {
        let rows = [
            ("/", "OPTIONS, GET, HEAD, PROPFIND, PROPPATCH, REPORT"),
            ("/calendars/anna/", "OPTIONS, GET, HEAD, POST, PROPFIND, PROPPATCH, REPORT, ACL"),
            (
                "/calendars/anna/calendar/",
                "OPTIONS, GET, HEAD, POST, PUT, DELETE, COPY, MOVE, MKCOL, MKCALENDAR, PROPFIND, PROPPATCH, REPORT, ACL",
            ),
            (
                "/calendars/anna/calendar/1.ics",
                "OPTIONS, GET, HEAD, PUT, DELETE, COPY, MOVE, MKCOL, MKCALENDAR, PROPFIND, PROPPATCH, REPORT, ACL",
            ),
            (
                "/calendars/anna/calendar/;add-member",
                "OPTIONS, GET, HEAD, POST, PUT, DELETE, COPY, MOVE, MKCOL, MKCALENDAR, PROPFIND, PROPPATCH, REPORT, ACL",
            ),
        ];
        for (path, expected) in rows {
            let path = Path::parse(path).expect("a path");
            let has_calendar = || {
                assert!(!expected.contains("POST"), "{path:?} decides without a look at the calendar");
                false
            };
            assert_eq!(allow_except(&path, has_calendar, None), expected);
        }
    }
}
