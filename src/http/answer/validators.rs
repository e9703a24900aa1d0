//! Validators of a representation, and the conditional headers that are compared with them (RFC
//! 9110 §8.8, §13).

use std::borrow::Cow;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{
            ETAG, HeaderMap, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, LAST_MODIFIED, VARY,
        },
    },
};
use projections::Member;
use service::{Service, Tags};

use crate::{
    header::{self, Comparison},
    refusal::Refusal,
    resource::{ResourceView, representation},
};

/// The name of the `Schedule-Tag` header (RFC 6638 §8.2).
pub(crate) const SCHEDULE_TAG: &str = "Schedule-Tag";

/// The validators of a representation (RFC 9110 §8.8).
#[derive(Debug)]
pub(crate) struct Validators {
    etag: Cow<'static, str>,
    /// Time of the last change, in seconds since the epoch.
    modified: i64,
    schedule_tag: Option<String>,
    /// True if the resource has several representations, of which `CalDAV-Timezones` selects one.
    has_variants: bool,
}

impl Validators {
    pub(crate) fn of(resource: &ResourceView<'_>, service: &Service) -> Self {
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
        let modified = representation::modified(resource, service.started()).seconds();
        Self { etag: representation::etag(resource, service.restores()), modified, schedule_tag, has_variants: false }
    }

    pub(crate) fn of_member(member: &Member) -> Self {
        Self {
            etag: Cow::Owned(member.etag.clone()),
            modified: member.modified.seconds(),
            schedule_tag: member.schedule_tag.clone(),
            has_variants: false,
        }
    }

    /// Returns the validators of the representation that `CalDAV-Timezones` selects. `variant`
    /// distinguishes it from the stored text, and becomes a part of the entity tag; `None`: the
    /// representation is the stored text.
    pub(crate) fn of_variant(self, variant: Option<&str>) -> Self {
        // RFC 9110 §8.8.1: two different representations need different strong entity tags.
        let etag = variant.map(|variant| header::variant_tag(&self.etag, variant));
        Self { etag: etag.map_or(self.etag, Cow::Owned), has_variants: true, ..self }
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

    /// Returns true if the condition of `If-Match` (its `tags`) holds. Without that header,
    /// evaluates `If-Unmodified-Since` instead; without both headers, the result is true.
    fn is_as_expected(&self, tags: Option<Tags>, headers: &HeaderMap) -> bool {
        match tags {
            Some(tags) => self.match_any(&tags),
            None => header::date(headers, &IF_UNMODIFIED_SINCE).is_none_or(|since| self.modified <= since),
        }
    }

    /// Checks `If-Match`, `If-None-Match` and `If-Unmodified-Since` for a request that changes
    /// something (RFC 9110 §13.2.2).
    ///
    /// `Err` with 412 if a condition is false, and with 400 if an entity tag is malformed.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let required = header::require(headers)?;
        let is_excluded = required.if_none_match.is_some_and(|tags| self.match_any(&tags));
        if self.is_as_expected(required.if_match, headers) && !is_excluded {
            return Ok(());
        }
        Err(Refusal::status(
            StatusCode::PRECONDITION_FAILED,
            "a condition of the request is false: the resource has changed, or exists already; read it again",
        ))
    }

    /// Evaluates the conditional headers of a request that only reads (RFC 9110 §13.2.2). Returns
    /// the status of the response, 304 or 412, if a condition is false; otherwise `None`. `Err`
    /// (400) if an entity tag is malformed.
    pub(crate) fn unmet(&self, headers: &HeaderMap) -> Result<Option<StatusCode>, Refusal> {
        let expected = header::tags(headers, &IF_MATCH, Comparison::Strong)?;
        if !self.is_as_expected(expected, headers) {
            return Ok(Some(StatusCode::PRECONDITION_FAILED));
        }
        if let Some(tags) = header::tags(headers, &IF_NONE_MATCH, Comparison::Weak)? {
            return Ok(self.match_any(&tags).then_some(StatusCode::NOT_MODIFIED));
        }
        let since = header::date(headers, &IF_MODIFIED_SINCE);
        Ok(since.is_some_and(|since| self.modified <= since).then_some(StatusCode::NOT_MODIFIED))
    }

    /// Returns the builder of a response that has these validators as headers.
    pub(crate) fn head(&self, status: StatusCode) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        response.insert_header((ETAG, representation::quoted(&self.etag)));
        response.insert_header((LAST_MODIFIED, dav::time::http_date(self.modified)));
        if self.has_variants {
            // RFC 9110 §12.5.5: the response depends on `CalDAV-Timezones`, which caches must know.
            response.insert_header((VARY, header::Timezones::NAME));
        }
        if let Some(tag) = &self.schedule_tag {
            response.insert_header((SCHEDULE_TAG, representation::quoted(tag)));
        }
        response
    }
}
