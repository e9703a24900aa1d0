//! The reports (RFC 3253 §3.6): which resources answer which, and the privilege each needs.

use dav::{
    Privilege, QName,
    name::{CALDAV, DAV},
};

use super::Kind;

/// A row of the table of reports.
#[derive(Debug)]
pub(crate) struct Report {
    pub name: QName,
    /// Returns true for the kinds of resources that answer it.
    pub is_supported_by: fn(Kind) -> bool,
    /// The privilege that the caller needs on the resource.
    pub needs: Privilege,
    /// True for reports that are defined for `Depth: 0` only (RFC 3744 §9.2–9.5).
    pub is_for_depth_zero: bool,
}

const fn row(name: QName, is_supported_by: fn(Kind) -> bool) -> Report {
    Report { name, is_supported_by, needs: Privilege::Read, is_for_depth_zero: false }
}

const fn about_principals(name: QName, is_supported_by: fn(Kind) -> bool) -> Report {
    Report { name, is_supported_by, needs: Privilege::Read, is_for_depth_zero: true }
}

const fn everywhere(_: Kind) -> bool {
    true
}

const fn with_objects(kind: Kind) -> bool {
    matches!(kind, Kind::Home | Kind::Plain | Kind::Calendar | Kind::Inbox | Kind::Object | Kind::SchedulingMessage)
}

const fn with_calendars(kind: Kind) -> bool {
    matches!(kind, Kind::Home | Kind::Plain | Kind::Calendar)
}

/// An outbox stores nothing, but clients synchronize it like any collection of a home.
const fn collections_of_homes(kind: Kind) -> bool {
    matches!(kind, Kind::Home | Kind::Plain | Kind::Calendar | Kind::Inbox | Kind::Outbox)
}

const fn collections(kind: Kind) -> bool {
    !matches!(kind, Kind::Object | Kind::SchedulingMessage | Kind::File)
}

impl Report {
    pub(crate) const CALENDAR_QUERY: Self = row(QName::of(CALDAV, "calendar-query"), with_objects);
    pub(crate) const CALENDAR_MULTIGET: Self = row(QName::of(CALDAV, "calendar-multiget"), with_objects);
    /// RFC 4791 §7.10: callers who may only read free-busy times may ask for them.
    pub(crate) const FREE_BUSY_QUERY: Self = Self {
        name: QName::of(CALDAV, "free-busy-query"),
        is_supported_by: with_calendars,
        needs: Privilege::ReadFreeBusy,
        is_for_depth_zero: false,
    };
    pub(crate) const SYNC_COLLECTION: Self = row(QName::of(DAV, "sync-collection"), collections_of_homes);
    pub(crate) const EXPAND_PROPERTY: Self = row(QName::of(DAV, "expand-property"), everywhere);
    pub(crate) const PRINCIPAL_MATCH: Self = about_principals(QName::of(DAV, "principal-match"), collections);
    pub(crate) const PRINCIPAL_PROPERTY_SEARCH: Self =
        about_principals(QName::of(DAV, "principal-property-search"), everywhere);
    pub(crate) const PRINCIPAL_SEARCH_PROPERTY_SET: Self =
        about_principals(QName::of(DAV, "principal-search-property-set"), everywhere);
    pub(crate) const ACL_PRINCIPAL_PROP_SET: Self =
        about_principals(QName::of(DAV, "acl-principal-prop-set"), everywhere);

    /// Every report of this server.
    const ALL: [Self; 9] = [
        Self::CALENDAR_QUERY,
        Self::CALENDAR_MULTIGET,
        Self::FREE_BUSY_QUERY,
        Self::SYNC_COLLECTION,
        Self::EXPAND_PROPERTY,
        Self::PRINCIPAL_MATCH,
        Self::PRINCIPAL_PROPERTY_SEARCH,
        Self::PRINCIPAL_SEARCH_PROPERTY_SET,
        Self::ACL_PRINCIPAL_PROP_SET,
    ];
}

/// Returns the names of the reports that a kind of resource answers: `DAV:supported-report-set`.
pub(crate) fn supported_reports(kind: Kind) -> Vec<QName> {
    Report::ALL.into_iter().filter(|report| (report.is_supported_by)(kind)).map(|report| report.name).collect()
}
