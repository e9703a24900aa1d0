//! The table of reports (RFC 3253 §3.6): the kinds of resources that support each report, and the
//! privilege that it needs.

use dav::{
    Privilege, QName,
    name::{CALDAV, DAV},
};

use super::Kind;

/// A row of the table of reports.
#[derive(Debug)]
pub(crate) struct Report {
    pub name: QName,
    /// Returns true for each kind of resource that supports the report.
    pub is_supported_by: fn(Kind) -> bool,
    /// The privilege that the caller needs on the requested resource.
    pub needs: Privilege,
    /// True if the report is defined for `Depth: 0` only (RFC 3744 §9.2–9.5).
    pub is_for_depth_zero: bool,
}

const fn row(namespace: &'static str, local: &'static str, is_supported_by: fn(Kind) -> bool) -> Report {
    Report { name: QName::of(namespace, local), is_supported_by, needs: Privilege::Read, is_for_depth_zero: false }
}

const fn about_principals(local: &'static str, is_supported_by: fn(Kind) -> bool) -> Report {
    Report { name: QName::of(DAV, local), is_supported_by, needs: Privilege::Read, is_for_depth_zero: true }
}

const fn everywhere(_: Kind) -> bool {
    true
}

/// Returns true for each kind of resource that supports calendar-query.
pub(crate) const fn with_objects(kind: Kind) -> bool {
    matches!(kind, Kind::Home | Kind::Plain | Kind::Calendar | Kind::Inbox | Kind::Object | Kind::SchedulingMessage)
}

const fn with_calendars(kind: Kind) -> bool {
    matches!(kind, Kind::Home | Kind::Plain | Kind::Calendar)
}

/// Returns true for each kind of collection in a home. The outbox is one of them although it stores
/// nothing, because clients synchronize it like the others.
const fn collections_of_homes(kind: Kind) -> bool {
    matches!(kind, Kind::Home | Kind::Plain | Kind::Calendar | Kind::Inbox | Kind::Outbox)
}

const fn collections(kind: Kind) -> bool {
    !matches!(kind, Kind::Object | Kind::SchedulingMessage | Kind::File)
}

/// All reports of this server.
static REPORTS: [Report; 9] = [
    row(CALDAV, "calendar-query", with_objects),
    row(CALDAV, "calendar-multiget", with_objects),
    // RFC 4791 §7.10: `CALDAV:read-free-busy` is enough for a free-busy-query.
    Report {
        name: QName::of(CALDAV, "free-busy-query"),
        is_supported_by: with_calendars,
        needs: Privilege::ReadFreeBusy,
        is_for_depth_zero: false,
    },
    row(DAV, "sync-collection", collections_of_homes),
    row(DAV, "expand-property", everywhere),
    about_principals("principal-match", collections),
    about_principals("principal-property-search", everywhere),
    about_principals("principal-search-property-set", everywhere),
    about_principals("acl-principal-prop-set", everywhere),
];

impl Report {
    /// Returns the row of a report; `None` if this server does not have the report.
    pub(crate) fn named(name: &QName) -> Option<&'static Self> {
        REPORTS.iter().find(|report| report.name == *name)
    }
}

/// Returns the names of the reports that this kind of resource supports
/// (`DAV:supported-report-set`).
pub(crate) fn supported_reports(kind: Kind) -> Vec<QName> {
    REPORTS.iter().filter(|report| (report.is_supported_by)(kind)).map(|report| report.name.clone()).collect()
}
