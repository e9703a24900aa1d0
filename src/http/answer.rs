//! The shapes answers have.

use std::borrow::Cow;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header::CONTENT_TYPE},
};
use schemas::collection::CollectionKind;

use crate::node::Node;

pub(crate) const XML: &str = "application/xml; charset=utf-8";
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

pub(crate) fn empty(status: StatusCode) -> HttpResponse {
    HttpResponse::new(status)
}

pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> HttpResponse {
    HttpResponse::build(status).insert_header((CONTENT_TYPE, TEXT)).body(text.into())
}

pub(crate) fn xml(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status).insert_header((CONTENT_TYPE, XML)).body(body)
}

/// The head of a 207 whose body follows.
pub(crate) fn multistatus() -> HttpResponseBuilder {
    let mut response = HttpResponse::build(StatusCode::MULTI_STATUS);
    response.insert_header((CONTENT_TYPE, XML));
    response
}

/// The entity tag of what `GET` answers.
pub(crate) fn etag(node: &Node<'_>) -> Cow<'static, str> {
    match node {
        Node::Member { member, .. } => Cow::Owned(member.etag.clone()),
        // A calendar is its objects: their last change names all of them.
        Node::Collection { collection, .. } if collection.kind == CollectionKind::Calendar => {
            Cow::Owned(collection.changed.to_string())
        }
        // A sentence that never changes.
        Node::Root
        | Node::Principals
        | Node::Homes
        | Node::Principal(_)
        | Node::Home { .. }
        | Node::Collection { .. } => Cow::Borrowed("about"),
    }
}

/// An entity tag as it stands in a header.
pub(crate) fn quoted(tag: &str) -> String {
    format!("\"{tag}\"")
}
