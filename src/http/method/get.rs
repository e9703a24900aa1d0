//! `GET` and `HEAD` (RFC 9110 §9.3): an object's bytes; a calendar as one `text/calendar`.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LAST_MODIFIED},
    },
};
use dav::Privilege;
use projections::{Collection, Member};
use schemas::collection::CollectionKind;
use service::Tags;

use super::{calendar, put::SCHEDULE_TAG};
use crate::{
    access,
    answer::{self, quoted},
    call::Call,
    header::{self, Comparison},
    no::No,
    node::{self, Found, Node},
    path::Path,
};

/// What people see who look at a collection with a browser.
pub(crate) const ABOUT: &str = "Daybook: this is a place for calendar clients (CalDAV).\n";

pub(crate) async fn get(call: &Call) -> Result<HttpResponse, No> {
    if let Path::Object { .. } = &call.path {
        return member(call);
    }
    match access::found(call, Privilege::Read)? {
        Found::Collection { collection, .. } if collection.kind == CollectionKind::Calendar => {
            calendar::whole(call, *collection).await
        }
        Found::Root
        | Found::Principals
        | Found::Homes
        | Found::Principal(_)
        | Found::Home { .. }
        | Found::Collection { .. }
        | Found::Member { .. } => Ok(answer::text(StatusCode::OK, ABOUT)),
    }
}

fn member(call: &Call) -> Result<HttpResponse, No> {
    // Tag and bytes come from one row.
    let Some((found, body)) = node::look_into(call, &call.path)? else { return file(call) };
    let node = access::lent(call, &found)?;
    access::require(call, &node, Privilege::Read)?;
    let Node::Member { member, .. } = node else { return Err(No::NotFound) };
    Ok(match unmet(call, member)? {
        Some(status) => head(status, member).finish(),
        None => head(StatusCode::OK, member).insert_header((CONTENT_TYPE, CALENDAR)).body(body),
    })
}

fn file(call: &Call) -> Result<HttpResponse, No> {
    let Found::Member { collection, member, .. } = access::found(call, Privilege::Read)? else {
        return Err(No::NotFound);
    };
    match unmet(call, &member)? {
        Some(status) => Ok(head(status, &member).finish()),
        None => super::file::representation(call, &collection, &member.name, StatusCode::OK),
    }
}

/// The object as it is stored now.
pub(crate) fn representation(
    call: &Call,
    collection: &Collection,
    name: &str,
    status: StatusCode,
) -> Result<HttpResponse, No> {
    let (member, body) = call.models().member_with_body(collection.id, name)?.ok_or(No::NotFound)?;
    Ok(head(status, &member).insert_header((CONTENT_TYPE, CALENDAR)).body(body))
}

/// RFC 9110 §13.2.2: the conditions of a request that only reads, in their order.
fn unmet(call: &Call, member: &Member) -> Result<Option<StatusCode>, No> {
    let headers = call.headers();
    let matches = |tags: &Tags| match tags {
        Tags::Any => true,
        Tags::Listed(tags) => tags.contains(&member.etag),
    };
    if header::tags(headers, IF_MATCH.as_str(), Comparison::Strong)?.is_some_and(|tags| !matches(&tags)) {
        return Ok(Some(StatusCode::PRECONDITION_FAILED));
    }
    if let Some(tags) = header::tags(headers, IF_NONE_MATCH.as_str(), Comparison::Weak)? {
        return Ok(matches(&tags).then_some(StatusCode::NOT_MODIFIED));
    }
    let since = header::if_modified_since(headers);
    Ok(since.is_some_and(|since| member.modified.seconds() <= since).then_some(StatusCode::NOT_MODIFIED))
}

pub(super) fn head(status: StatusCode, member: &Member) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((ETAG, quoted(&member.etag)));
    response.insert_header((LAST_MODIFIED, dav::time::http_date(member.modified.seconds())));
    if let Some(tag) = &member.schedule_tag {
        response.insert_header((SCHEDULE_TAG, quoted(tag)));
    }
    response
}

/// RFC 5545 §8.1.
pub(crate) const CALENDAR: &str = "text/calendar;charset=utf-8";
