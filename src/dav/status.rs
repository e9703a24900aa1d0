//! HTTP status codes, and their status lines in a multistatus.
//!
//! **Invariant:** the status line of a code with a constant has its reason phrase; that of any
//! other code has none.

use std::fmt;

/// An HTTP status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Status(pub u16);

macro_rules! statuses {
    ($($constant:ident = $code:literal $reason:literal,)*) => {
        impl Status {
            $(#[doc = concat!($code, " ", $reason, ".")] pub const $constant: Self = Self($code);)*

            /// Returns the status line, such as `HTTP/1.1 404 Not Found`. Returns `None` for a code
            /// without a constant.
            pub fn line(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some(concat!("HTTP/1.1 ", $code, " ", $reason)),)*
                    _ => None,
                }
            }
        }
    };
}

statuses! {
    OK = 200 "OK",
    CREATED = 201 "Created",
    NO_CONTENT = 204 "No Content",
    BAD_REQUEST = 400 "Bad Request",
    UNAUTHORIZED = 401 "Unauthorized",
    FORBIDDEN = 403 "Forbidden",
    NOT_FOUND = 404 "Not Found",
    METHOD_NOT_ALLOWED = 405 "Method Not Allowed",
    CONFLICT = 409 "Conflict",
    PRECONDITION_FAILED = 412 "Precondition Failed",
    CONTENT_TOO_LARGE = 413 "Content Too Large",
    UNSUPPORTED_MEDIA_TYPE = 415 "Unsupported Media Type",
    LOCKED = 423 "Locked",
    FAILED_DEPENDENCY = 424 "Failed Dependency",
    TOO_MANY_REQUESTS = 429 "Too Many Requests",
    INTERNAL_SERVER_ERROR = 500 "Internal Server Error",
    SERVICE_UNAVAILABLE = 503 "Service Unavailable",
    INSUFFICIENT_STORAGE = 507 "Insufficient Storage",
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line() {
            Some(line) => f.write_str(line),
            // The reason phrase may be empty, but the space before it is required (RFC 9112 §4).
            None => write!(f, "HTTP/1.1 {} ", self.0),
        }
    }
}
