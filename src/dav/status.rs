//! HTTP status lines as they stand in a multistatus.
//!
//! **Invariant:** a status this server never sends has no name here.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Status(pub u16);

impl Status {
    pub const OK: Self = Self(200);
    pub const CREATED: Self = Self(201);
    pub const NO_CONTENT: Self = Self(204);
    pub const BAD_REQUEST: Self = Self(400);
    pub const UNAUTHORIZED: Self = Self(401);
    pub const FORBIDDEN: Self = Self(403);
    pub const NOT_FOUND: Self = Self(404);
    pub const METHOD_NOT_ALLOWED: Self = Self(405);
    pub const CONFLICT: Self = Self(409);
    pub const PRECONDITION_FAILED: Self = Self(412);
    pub const CONTENT_TOO_LARGE: Self = Self(413);
    pub const UNSUPPORTED_MEDIA_TYPE: Self = Self(415);
    pub const LOCKED: Self = Self(423);
    pub const FAILED_DEPENDENCY: Self = Self(424);
    pub const INTERNAL_SERVER_ERROR: Self = Self(500);
    pub const SERVICE_UNAVAILABLE: Self = Self(503);
    pub const INSUFFICIENT_STORAGE: Self = Self(507);

    /// The whole line: `HTTP/1.1 404 Not Found`.
    pub fn line(self) -> Option<&'static str> {
        Some(match self.0 {
            200 => "HTTP/1.1 200 OK",
            201 => "HTTP/1.1 201 Created",
            204 => "HTTP/1.1 204 No Content",
            400 => "HTTP/1.1 400 Bad Request",
            401 => "HTTP/1.1 401 Unauthorized",
            403 => "HTTP/1.1 403 Forbidden",
            404 => "HTTP/1.1 404 Not Found",
            405 => "HTTP/1.1 405 Method Not Allowed",
            409 => "HTTP/1.1 409 Conflict",
            412 => "HTTP/1.1 412 Precondition Failed",
            413 => "HTTP/1.1 413 Content Too Large",
            415 => "HTTP/1.1 415 Unsupported Media Type",
            423 => "HTTP/1.1 423 Locked",
            424 => "HTTP/1.1 424 Failed Dependency",
            500 => "HTTP/1.1 500 Internal Server Error",
            503 => "HTTP/1.1 503 Service Unavailable",
            507 => "HTTP/1.1 507 Insufficient Storage",
            _ => return None,
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line() {
            Some(line) => f.write_str(line),
            // RFC 9112 §4: the reason may be empty, the space before it may not.
            None => write!(f, "HTTP/1.1 {} ", self.0),
        }
    }
}
