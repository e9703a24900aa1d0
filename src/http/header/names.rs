//! The names of headers for which actix-web has no constants.

use actix_web::http::header::HeaderName;

/// RFC 4918 §10.2.
pub(super) const DEPTH: HeaderName = HeaderName::from_static("depth");
/// RFC 4918 §10.3.
pub(super) const DESTINATION: HeaderName = HeaderName::from_static("destination");
/// RFC 4918 §10.4.
pub(crate) const IF: HeaderName = HeaderName::from_static("if");
/// RFC 4918 §10.6.
pub(super) const OVERWRITE: HeaderName = HeaderName::from_static("overwrite");
/// RFC 6638 §8.1.
pub(super) const SCHEDULE_REPLY: HeaderName = HeaderName::from_static("schedule-reply");
/// RFC 6638 §8.3.
pub(super) const IF_SCHEDULE_TAG_MATCH: HeaderName = HeaderName::from_static("if-schedule-tag-match");
/// RFC 7240 §2.
pub(crate) const PREFER: HeaderName = HeaderName::from_static("prefer");
/// RFC 7240 §3.
pub(crate) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// The predecessor of `Prefer: return=minimal` in clients of Microsoft.
pub(super) const BRIEF: HeaderName = HeaderName::from_static("brief");
