//! Validators of a representation and the conditions they are compared with (RFC 9110 §8.8, §13).

use std::borrow::Cow;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{ETAG, HeaderMap, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, LAST_MODIFIED},
    },
};
use projections::Member;
use schemas::Timestamp;
use service::Tags;

use crate::{
    header::{self, Comparison},
    refusal::Refusal,
    resource::{ResourceView, representation},
};

/// RFC 6638 §8.2
pub(crate) const SCHEDULE_TAG: &str = "Schedule-Tag";

/// The validators of a representation (RFC 9110 §8.8).
#[derive(Debug)]
pub(crate) struct Validators {
    etag: Cow<'static, str>,
    /// Seconds since the epoch.
    modified: i64,
    schedule_tag: Option<String>,
}

impl Validators {
    pub(crate) fn of(resource: &ResourceView<'_>, started: Timestamp) -> Self {
        let schedule_tag = match resource {
            ResourceView::Member { member, .. } => member.schedule_tag.clone(),
            ResourceView::Root
            | ResourceView::Principals
            | ResourceView::Homes
            | ResourceView::Principal(_)
            | ResourceView::Delegates { .. }
            | ResourceView::Home { .. }
            | ResourceView::Collection { .. } => None,
        };
        let modified = representation::modified(resource, started).seconds();
        Self { etag: representation::etag(resource), modified, schedule_tag }
    }

    pub(crate) fn of_member(member: &Member) -> Self {
        Self {
            etag: Cow::Owned(member.etag.clone()),
            modified: member.modified.seconds(),
            schedule_tag: member.schedule_tag.clone(),
        }
    }

    pub(crate) fn etag(&self) -> &str {
        &self.etag
    }

    fn match_any(&self, tags: &Tags) -> bool {
        match tags {
            Tags::Any => true,
            Tags::Listed(tags) => tags.iter().any(|tag| *tag == self.etag),
        }
    }

    /// Returns true if `If-Match`, or else `If-Unmodified-Since`, is absent or true.
    fn is_as_expected(&self, headers: &HeaderMap) -> Result<bool, Refusal> {
        if let Some(tags) = header::tags(headers, IF_MATCH.as_str(), Comparison::Strong)? {
            return Ok(self.match_any(&tags));
        }
        Ok(header::date(headers, &IF_UNMODIFIED_SINCE).is_none_or(|since| self.modified <= since))
    }

    /// Checks the conditions of a request that changes something (RFC 9110 §13.2.2).
    ///
    /// `Err` with 412 if one is false.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let none = header::tags(headers, IF_NONE_MATCH.as_str(), Comparison::Weak)?;
        if self.is_as_expected(headers)? && !none.is_some_and(|tags| self.match_any(&tags)) {
            return Ok(());
        }
        Err(Refusal::status(
            StatusCode::PRECONDITION_FAILED,
            "a condition of the request is false: the resource has changed, or exists already",
        ))
    }

    /// Evaluates the conditions of a request that only reads (RFC 9110 §13.2.2). Returns 304 or 412
    /// if one is false.
    pub(crate) fn unmet(&self, headers: &HeaderMap) -> Result<Option<StatusCode>, Refusal> {
        if !self.is_as_expected(headers)? {
            return Ok(Some(StatusCode::PRECONDITION_FAILED));
        }
        if let Some(tags) = header::tags(headers, IF_NONE_MATCH.as_str(), Comparison::Weak)? {
            return Ok(self.match_any(&tags).then_some(StatusCode::NOT_MODIFIED));
        }
        let since = header::date(headers, &IF_MODIFIED_SINCE);
        Ok(since.is_some_and(|since| self.modified <= since).then_some(StatusCode::NOT_MODIFIED))
    }

    /// Returns the head of a response with these validators.
    pub(crate) fn head(&self, status: StatusCode) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        response.insert_header((ETAG, representation::quoted(&self.etag)));
        response.insert_header((LAST_MODIFIED, dav::time::http_date(self.modified)));
        if let Some(tag) = &self.schedule_tag {
            response.insert_header((SCHEDULE_TAG, representation::quoted(tag)));
        }
        response
    }
}
