//! A file per report. Which resource answers which report stands in the table `resource::Report`.

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

use crate::{
    call::Call,
    refusal::Refusal,
    resource::{Report, Resource},
};

/// Returns the row of a requested report; `None` if this server does not know it.
pub(crate) fn row(asked: &request::Report) -> Option<Report> {
    Some(match asked {
        request::Report::CalendarQuery(_) => Report::CALENDAR_QUERY,
        request::Report::CalendarMultiget(_) => Report::CALENDAR_MULTIGET,
        request::Report::FreeBusyQuery(_) => Report::FREE_BUSY_QUERY,
        request::Report::SyncCollection(_) => Report::SYNC_COLLECTION,
        request::Report::ExpandProperty(_) => Report::EXPAND_PROPERTY,
        request::Report::PrincipalMatch(_) => Report::PRINCIPAL_MATCH,
        request::Report::PrincipalPropertySearch(_) => Report::PRINCIPAL_PROPERTY_SEARCH,
        request::Report::PrincipalSearchPropertySet => Report::PRINCIPAL_SEARCH_PROPERTY_SET,
        request::Report::AclPrincipalPropSet(_) => Report::ACL_PRINCIPAL_PROP_SET,
        request::Report::Unknown(_) => return None,
    })
}

pub(crate) async fn answer(call: &Call, found: Resource, asked: request::Report) -> Result<HttpResponse, Refusal> {
    match asked {
        request::Report::CalendarQuery(query) => calendar_query::answer(call, found, query).await,
        request::Report::CalendarMultiget(multiget) => calendar_multiget::answer(call, multiget).await,
        request::Report::FreeBusyQuery(range) => free_busy_query::answer(call, found, range),
        request::Report::SyncCollection(sync) => sync_collection::answer(call, found, sync).await,
        request::Report::ExpandProperty(properties) => expand_property::answer(call, &found, &properties),
        request::Report::PrincipalMatch(asked) => principal_match::answer(call, &found, &asked),
        request::Report::PrincipalPropertySearch(search) => Ok(principal_search::answer(call, &found, &search)),
        request::Report::PrincipalSearchPropertySet => Ok(principal_search::searchable()),
        request::Report::AclPrincipalPropSet(props) => acl_principals::answer(call, &found, &props),
        request::Report::Unknown(_) => Err(Refusal::NotFound),
    }
}
