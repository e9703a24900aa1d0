//! `Schedule-Reply` (RFC 6638 §8.1).

use actix_web::http::header::HeaderMap;
use service::ScheduleReply;

use super::{Invalid, names::SCHEDULE_REPLY};

/// Parses `Schedule-Reply`, which says whether the organizer gets a reply when an attendee's copy
/// is removed. Without the header, the organizer gets one. `Err` if the value is neither `T` nor
/// `F`. The header applies to `DELETE`, and to `COPY` and `MOVE` when they remove a resource.
pub(crate) fn schedule_reply(headers: &HeaderMap) -> Result<ScheduleReply, Invalid> {
    match headers.get(SCHEDULE_REPLY).map(|value| value.as_bytes().trim_ascii()) {
        None | Some(b"T" | b"t") => Ok(ScheduleReply::Send),
        Some(b"F" | b"f") => Ok(ScheduleReply::Suppress),
        Some(_) => Err(Invalid::from("Schedule-Reply must be T or F")),
    }
}
