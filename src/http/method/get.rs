//! `GET` and `HEAD` (RFC 9110 §9.3): an object's bytes; a calendar as one `text/calendar`.

use std::borrow::Cow;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, LAST_MODIFIED},
    },
};
use dav::Privilege;
use projections::Member;
use schemas::collection::CollectionKind;
use service::Tags;

use super::{calendar, part, put::SCHEDULE_TAG};
use crate::{
    access,
    answer::{self, quoted},
    call::Call,
    header::{self, Comparison},
    listing::Shelf,
    no::No,
    node::{self, Found, Node},
    path::Path,
};

/// What people see who look at a collection with a browser.
pub(crate) const ABOUT: &str = "Daybook: this is a place for calendar clients (CalDAV).\n";

pub(crate) async fn get(call: &Call) -> Result<HttpResponse, No> {
    // Tag and bytes come from one row.
    if let Some((found, body)) = node::look_into(call, &call.path)? {
        return object(call, &found, body);
    }
    let found = access::found(call, Privilege::Read)?;
    if let Found::Member { .. } = &found {
        return file(call, &found);
    }
    let node = access::lent(call, &found)?;
    let validators = Validators::of(call, &node);
    if let Some(status) = validators.unmet(call)? {
        return Ok(validators.head(status).finish());
    }
    let mut head = validators.head(StatusCode::OK);
    match found {
        Found::Collection { owner, collection } if collection.kind == CollectionKind::Calendar => {
            calendar::whole(call, Shelf::of(&call.person, owner, *collection)?, head).await
        }
        Found::Root
        | Found::Principals
        | Found::Homes
        | Found::Principal(_)
        | Found::Home { .. }
        | Found::Collection { .. }
        | Found::Member { .. } => Ok(head.insert_header((CONTENT_TYPE, answer::TEXT)).body(ABOUT)),
    }
}

fn object(call: &Call, found: &Found, body: String) -> Result<HttpResponse, No> {
    access::require_at(call, &call.path, found, Privilege::Read)?;
    let validators = Validators::of(call, &access::lent(call, found)?);
    if let Some(status) = validators.unmet(call)? {
        return Ok(validators.head(status).finish());
    }
    let body = header::Timezones::of(call.headers())?.apply(Cow::Owned(body)).into_owned();
    let whole = validators.head(StatusCode::OK).insert_header((CONTENT_TYPE, CALENDAR)).body(body);
    Ok(part::asked(call, &validators.etag, whole))
}

fn file(call: &Call, found: &Found) -> Result<HttpResponse, No> {
    let Node::Member { collection, member, .. } = access::lent(call, found)? else { return Err(No::NotFound) };
    let validators = Validators::of_member(member);
    if let Some(status) = validators.unmet(call)? {
        return Ok(validators.head(status).finish());
    }
    let whole = super::file::representation(call, collection, &member.name, StatusCode::OK)?;
    Ok(part::asked(call, &validators.etag, whole))
}

/// The object as it is stored now.
pub(crate) fn representation(call: &Call, path: &Path, status: StatusCode) -> Result<HttpResponse, No> {
    let (found, body) = node::look_into(call, path)?.ok_or(No::NotFound)?;
    let validators = Validators::of(call, &access::lent(call, &found)?);
    Ok(validators.head(status).insert_header((CONTENT_TYPE, CALENDAR)).body(body))
}

/// What tells one representation of a resource from another (RFC 9110 §8.8).
#[derive(Debug)]
pub(super) struct Validators {
    etag: Cow<'static, str>,
    modified: i64,
    schedule_tag: Option<String>,
}

impl Validators {
    pub(super) fn of(call: &Call, node: &Node<'_>) -> Self {
        let modified = match node {
            Node::Root | Node::Principals | Node::Homes | Node::Principal(_) => call.service().started(),
            Node::Home { home: collection, .. } | Node::Collection { collection, .. } => collection.modified,
            Node::Member { member, .. } => return Self::of_member(member),
        };
        Self { etag: answer::etag(node), modified: modified.seconds(), schedule_tag: None }
    }

    pub(super) fn of_member(member: &Member) -> Self {
        Self {
            etag: Cow::Owned(member.etag.clone()),
            modified: member.modified.seconds(),
            schedule_tag: member.schedule_tag.clone(),
        }
    }

    fn match_any(&self, tags: &Tags) -> bool {
        match tags {
            Tags::Any => true,
            Tags::Listed(tags) => tags.iter().any(|tag| *tag == self.etag),
        }
    }

    /// Whether the client has seen what is there now, if it says so by a tag or a date.
    fn were_seen(&self, call: &Call) -> Result<bool, No> {
        let headers = call.headers();
        if let Some(tags) = header::tags(headers, IF_MATCH.as_str(), Comparison::Strong)? {
            return Ok(self.match_any(&tags));
        }
        Ok(header::date(headers, &IF_UNMODIFIED_SINCE).is_none_or(|since| self.modified <= since))
    }

    /// RFC 9110 §13.2.2: the conditions of a request that changes something.
    pub(super) fn hold(&self, call: &Call) -> Result<(), No> {
        let none = header::tags(call.headers(), IF_NONE_MATCH.as_str(), Comparison::Weak)?;
        if self.were_seen(call)? && !none.is_some_and(|tags| self.match_any(&tags)) {
            return Ok(());
        }
        Err(No::plain(StatusCode::PRECONDITION_FAILED, "a condition of the request does not hold"))
    }

    /// The same of a request that only reads.
    fn unmet(&self, call: &Call) -> Result<Option<StatusCode>, No> {
        let headers = call.headers();
        if !self.were_seen(call)? {
            return Ok(Some(StatusCode::PRECONDITION_FAILED));
        }
        if let Some(tags) = header::tags(headers, IF_NONE_MATCH.as_str(), Comparison::Weak)? {
            return Ok(self.match_any(&tags).then_some(StatusCode::NOT_MODIFIED));
        }
        let since = header::date(headers, &IF_MODIFIED_SINCE);
        Ok(since.is_some_and(|since| self.modified <= since).then_some(StatusCode::NOT_MODIFIED))
    }

    pub(super) fn head(&self, status: StatusCode) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        response.insert_header((ETAG, quoted(&self.etag)));
        response.insert_header((LAST_MODIFIED, dav::time::http_date(self.modified)));
        if let Some(tag) = &self.schedule_tag {
            response.insert_header((SCHEDULE_TAG, quoted(tag)));
        }
        response
    }
}

/// RFC 5545 §8.1.
pub(crate) const CALENDAR: &str = "text/calendar;charset=utf-8";
