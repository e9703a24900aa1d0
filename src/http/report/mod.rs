//! Reports: one file each; here is which resource answers which.

mod acl_principals;
mod calendar_multiget;
mod calendar_query;
mod expand_property;
mod free_busy_query;
mod principal_match;
mod principal_search;
mod sync_collection;
mod sync_tree;

use actix_web::HttpResponse;
use dav::{
    QName,
    name::{CALDAV, DAV},
    request,
};

pub(crate) use sync_collection::token as sync_token;

use crate::{
    call::Call,
    no::No,
    node::{self, Found},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    CalendarQuery,
    CalendarMultiget,
    FreeBusyQuery,
    SyncCollection,
    ExpandProperty,
    PrincipalMatch,
    PrincipalPropertySearch,
    PrincipalSearchPropertySet,
    AclPrincipalPropSet,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::CalendarQuery,
        Self::CalendarMultiget,
        Self::FreeBusyQuery,
        Self::SyncCollection,
        Self::ExpandProperty,
        Self::PrincipalMatch,
        Self::PrincipalPropertySearch,
        Self::PrincipalSearchPropertySet,
        Self::AclPrincipalPropSet,
    ];

    /// Whether a kind of resource answers it.
    pub(crate) fn is_answered(self, at: node::Kind) -> bool {
        use node::Kind::{Calendar, File, Home, Inbox, Item, Object, Outbox, Plain};
        match self {
            Self::CalendarQuery | Self::CalendarMultiget => {
                matches!(at, Home | Plain | Calendar | Inbox | Object | Item)
            }
            Self::FreeBusyQuery => matches!(at, Home | Plain | Calendar),
            // An outbox keeps nothing: it is quickly synchronised.
            Self::SyncCollection => matches!(at, Home | Plain | Calendar | Inbox | Outbox),
            Self::PrincipalMatch => !matches!(at, Object | Item | File),
            Self::ExpandProperty
            | Self::PrincipalPropertySearch
            | Self::PrincipalSearchPropertySet
            | Self::AclPrincipalPropSet => true,
        }
    }

    pub(crate) const fn name(self) -> QName {
        match self {
            Self::CalendarQuery => QName::of(CALDAV, "calendar-query"),
            Self::CalendarMultiget => QName::of(CALDAV, "calendar-multiget"),
            Self::FreeBusyQuery => QName::of(CALDAV, "free-busy-query"),
            Self::SyncCollection => QName::of(DAV, "sync-collection"),
            Self::ExpandProperty => QName::of(DAV, "expand-property"),
            Self::PrincipalMatch => QName::of(DAV, "principal-match"),
            Self::PrincipalPropertySearch => QName::of(DAV, "principal-property-search"),
            Self::PrincipalSearchPropertySet => QName::of(DAV, "principal-search-property-set"),
            Self::AclPrincipalPropSet => QName::of(DAV, "acl-principal-prop-set"),
        }
    }

    /// `None`: a report this server does not know.
    pub(crate) fn of(report: &request::Report) -> Option<Self> {
        Some(match report {
            request::Report::CalendarQuery(_) => Self::CalendarQuery,
            request::Report::CalendarMultiget(_) => Self::CalendarMultiget,
            request::Report::FreeBusyQuery(_) => Self::FreeBusyQuery,
            request::Report::SyncCollection(_) => Self::SyncCollection,
            request::Report::ExpandProperty(_) => Self::ExpandProperty,
            request::Report::PrincipalMatch(_) => Self::PrincipalMatch,
            request::Report::PrincipalPropertySearch(_) => Self::PrincipalPropertySearch,
            request::Report::PrincipalSearchPropertySet => Self::PrincipalSearchPropertySet,
            request::Report::AclPrincipalPropSet(_) => Self::AclPrincipalPropSet,
            request::Report::Unknown(_) => return None,
        })
    }
}

/// The reports a kind of resource answers: `DAV:supported-report-set`.
pub(crate) fn supported(at: node::Kind) -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(move |report| report.is_answered(at))
}

pub(crate) async fn answer(call: &Call, found: Found, asked: request::Report) -> Result<HttpResponse, No> {
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
        request::Report::Unknown(_) => Err(No::NotFound),
    }
}
