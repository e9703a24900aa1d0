//! The representation of a resource: entity tag, media type, length and date, for `GET` and for the
//! live properties.

use std::borrow::Cow;

use schemas::Timestamp;
use service::Restored;

use super::{ResourceView, marked};
use crate::response::TEXT;

/// Text that `GET` returns for resources other than calendars and members, for people who open them
/// in a browser.
pub(crate) const ABOUT: &str = "Daybook: this is a place for calendar clients (CalDAV).\n";
/// Media type of calendars and calendar objects (RFC 5545 §8.1).
pub(crate) const CALENDAR: &str = "text/calendar;charset=utf-8";
/// Media type of a file that was stored without a media type (RFC 9110 §8.3).
pub(crate) const UNKNOWN: &str = "application/octet-stream";
/// Last path segment of the resource to which clients `POST` a new object of a calendar, so that
/// the server chooses the object's name (RFC 5995 §3.2.1).
pub(crate) const ADD_MEMBER: &str = ";add-member";

/// Returns the entity tag of a resource, without quotes.
pub(crate) fn etag(resource: &ResourceView<'_>, restores: &[Restored]) -> Cow<'static, str> {
    match (resource, resource.calendar()) {
        (ResourceView::Member { member, .. }, _) => Cow::Owned(member.etag.clone()),
        // The body of a calendar holds all its objects, so its entity tag is the position of the
        // last change in it.
        (_, Some(calendar)) => Cow::Owned(marked::position(calendar.changed, restores)),
        // The representation is the constant text `ABOUT`, so its entity tag is constant.
        (_, None) => Cow::Borrowed("about"),
    }
}

/// Returns the entity tag in double quotes, as headers need it.
pub(crate) fn quoted(tag: &str) -> String {
    format!("\"{tag}\"")
}

/// Returns `DAV:getcontentlength` (RFC 4918 §15.4) in bytes. For a calendar this is an estimate,
/// the sum of its objects' sizes.
pub(crate) fn length(resource: &ResourceView<'_>) -> u64 {
    match (resource, resource.calendar()) {
        (ResourceView::Member { member, .. }, _) => member.size as u64,
        (_, Some(calendar)) => calendar.bytes,
        (_, None) => ABOUT.len() as u64,
    }
}

pub(crate) fn media_type<'a>(resource: &ResourceView<'a>) -> Cow<'a, str> {
    match (resource, resource.calendar()) {
        (ResourceView::Member { member, .. }, _) => {
            member.media_type.as_deref().map_or(Cow::Borrowed(CALENDAR), |file| Cow::Owned(normalized(file)))
        }
        (_, Some(_)) => Cow::Borrowed(CALENDAR),
        (_, None) => Cow::Borrowed(TEXT),
    }
}

/// Returns the time of the last change of a collection or a member. For all other resources, this
/// is the start of the server.
pub(crate) fn modified(resource: &ResourceView<'_>, started: Timestamp) -> Timestamp {
    match resource {
        ResourceView::Root
        | ResourceView::Principals
        | ResourceView::Homes
        | ResourceView::Principal(_)
        | ResourceView::Delegates { .. } => started,
        ResourceView::Home { home: collection, .. } | ResourceView::Collection { collection, .. } => {
            collection.modified
        }
        ResourceView::Member { member, .. } => member.modified,
    }
}

/// Removes white space around the parameters of a media type, as RFC 9110 §8.3.1 recommends.
pub(crate) fn normalized(media_type: &str) -> String {
    let mut normalized = String::with_capacity(media_type.len());
    let mut is_quoted = false;
    for character in media_type.trim().chars() {
        match character {
            ' ' | '\t' if !is_quoted && normalized.ends_with(';') => continue,
            ';' if !is_quoted => normalized.truncate(normalized.trim_end().len()),
            '"' if !normalized.ends_with('\\') => is_quoted = !is_quoted,
            _ => {}
        }
        normalized.push(character);
    }
    normalized
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_follow_each_other_without_white_space() {
        let rows = [
            ("text/plain", "text/plain"),
            (" text/calendar ; charset=utf-8;\tx=y ", "text/calendar;charset=utf-8;x=y"),
            ("a/b; title=\"one ; two\"; c=d", "a/b;title=\"one ; two\";c=d"),
            ("a/b;t=\"\\\" ; \"; u=v", "a/b;t=\"\\\" ; \";u=v"),
            ("", ""),
        ];
        for (said, expected) in rows {
            assert_eq!(normalized(said), expected);
        }
    }
}
