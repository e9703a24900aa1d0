//! Reports: one file each; here is which resource answers which.

mod acl_principals;
mod calendar_multiget;
mod calendar_query;
mod expand_property;
mod free_busy_query;
mod principal_match;
mod principal_search;
mod sync_collection;
mod sync_home;

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
pub(crate) const fn supported(kind: node::Kind) -> &'static [Kind] {
    use Kind::{
        AclPrincipalPropSet, CalendarMultiget, CalendarQuery, ExpandProperty, FreeBusyQuery, PrincipalMatch,
        PrincipalPropertySearch, PrincipalSearchPropertySet, SyncCollection,
    };
    const EVERYWHERE: &[Kind] =
        &[ExpandProperty, PrincipalMatch, PrincipalPropertySearch, PrincipalSearchPropertySet, AclPrincipalPropSet];
    const CALENDARS: &[Kind] = &[
        CalendarQuery,
        CalendarMultiget,
        FreeBusyQuery,
        SyncCollection,
        ExpandProperty,
        PrincipalMatch,
        PrincipalPropertySearch,
        PrincipalSearchPropertySet,
        AclPrincipalPropSet,
    ];
    const INBOX: &[Kind] = &[
        CalendarQuery,
        CalendarMultiget,
        SyncCollection,
        ExpandProperty,
        PrincipalMatch,
        PrincipalPropertySearch,
        PrincipalSearchPropertySet,
        AclPrincipalPropSet,
    ];
    const OBJECT: &[Kind] = &[
        CalendarQuery,
        CalendarMultiget,
        ExpandProperty,
        PrincipalPropertySearch,
        PrincipalSearchPropertySet,
        AclPrincipalPropSet,
    ];
    // An outbox keeps nothing: it is quickly synchronised.
    const PLAIN: &[Kind] = &[
        SyncCollection,
        ExpandProperty,
        PrincipalMatch,
        PrincipalPropertySearch,
        PrincipalSearchPropertySet,
        AclPrincipalPropSet,
    ];
    const FILE: &[Kind] = &[ExpandProperty, PrincipalPropertySearch, PrincipalSearchPropertySet, AclPrincipalPropSet];
    match kind {
        node::Kind::Root | node::Kind::Principals | node::Kind::Homes | node::Kind::Principal => EVERYWHERE,
        node::Kind::Plain | node::Kind::Outbox => PLAIN,
        node::Kind::File => FILE,
        node::Kind::Home | node::Kind::Calendar => CALENDARS,
        node::Kind::Inbox => INBOX,
        node::Kind::Object | node::Kind::Item => OBJECT,
    }
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
