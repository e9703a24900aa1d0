//! `OPTIONS` (RFC 9110 §9.3.7), and which methods each kind of resource knows.

use actix_web::{HttpResponse, http::header::ALLOW};

use crate::{call::Call, path::Path};

pub(crate) fn options(call: &Call) -> HttpResponse {
    HttpResponse::Ok().insert_header((ALLOW, allowed(&call.path))).finish()
}

/// The methods a resource at this path may be asked for.
pub(crate) fn allowed(path: &Path) -> &'static str {
    match path {
        Path::Root | Path::Principals | Path::Homes | Path::Principal { .. } => {
            "OPTIONS, GET, HEAD, PROPFIND, PROPPATCH, REPORT"
        }
        Path::Home { .. } => "OPTIONS, GET, HEAD, PROPFIND, PROPPATCH, REPORT, ACL",
        // What is there, or could be: nothing is told of what is.
        Path::Inside { within, .. } if within.is_empty() => {
            "OPTIONS, GET, HEAD, POST, PUT, DELETE, COPY, MOVE, MKCOL, MKCALENDAR, PROPFIND, PROPPATCH, REPORT, ACL"
        }
        Path::Inside { .. } => {
            "OPTIONS, GET, HEAD, PUT, DELETE, COPY, MOVE, MKCOL, MKCALENDAR, PROPFIND, PROPPATCH, REPORT, ACL"
        }
    }
}
