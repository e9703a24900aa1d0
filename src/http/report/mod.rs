//! The reports. The table in `resource::report` says which kinds of resources support which report.

mod acl_principals;
mod calendar_multiget;
mod calendar_query;
mod expand_property;
mod free_busy_query;
mod principal_match;
mod principal_search;
mod property_value;
mod sync_collection;
mod sync_tree;

use actix_web::HttpResponse;
use dav::request;

use crate::{call::Call, refusal::Refusal, resource::Resource};

pub(crate) async fn answer(call: &Call, found: Resource, asked: request::Report) -> Result<HttpResponse, Refusal> {
    match asked {
        request::Report::CalendarQuery(query) => calendar_query::answer(call, found, query).await,
        request::Report::CalendarMultiget(multiget) => calendar_multiget::answer(call, multiget).await,
        request::Report::FreeBusyQuery(range) => free_busy_query::answer(call, found, range).await,
        request::Report::SyncCollection(sync) => sync_collection::answer(call, found, sync).await,
        request::Report::ExpandProperty(properties) => expand_property::answer(call, found, properties).await,
        request::Report::PrincipalMatch(asked) => principal_match::answer(call, found, asked).await,
        request::Report::PrincipalPropertySearch(search) => principal_search::answer(call, found, search).await,
        request::Report::PrincipalSearchPropertySet => Ok(principal_search::searchable()),
        request::Report::AclPrincipalPropSet(props) => acl_principals::answer(call, found, props).await,
        request::Report::Unknown => Err(Refusal::NotFound),
    }
}
