//! `REPORT`: which report, and what it asks (RFC 3253 §3.6).
//!
//! **Invariant:** a report nobody here knows is no error of the body; its name is handed back.

use super::{
    PrincipalMatch, PrincipalSearch, Props, RequestError, SyncCollection, Wanted, filter::filter, only, required,
    span::range, word,
};
use ical::{query::Filter, time::Window};

use crate::{
    name::{CALDAV, DAV, QName},
    xml::{Element, Limits, parse},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// RFC 4791 §7.8.
    CalendarQuery(CalendarQuery),
    /// RFC 4791 §7.9.
    CalendarMultiget(CalendarMultiget),
    /// RFC 4791 §7.10.
    FreeBusyQuery(Window),
    /// RFC 6578 §3.2.
    SyncCollection(SyncCollection),
    /// RFC 3253 §3.8.
    ExpandProperty(Vec<Expanded>),
    PrincipalMatch(PrincipalMatch),
    PrincipalPropertySearch(PrincipalSearch),
    /// RFC 3744 §9.5.
    PrincipalSearchPropertySet,
    /// RFC 3744 §9.2.
    AclPrincipalPropSet(Props),
    /// Answered with `DAV:supported-report`.
    Unknown(QName),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarQuery {
    pub wanted: Wanted,
    pub filter: Filter,
    /// For dates and floating times; `None`: the calendar's own.
    pub zone: Option<QueryZone>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryZone {
    /// An iCalendar object with one `VTIMEZONE` (RFC 4791 §9.8).
    Object(String),
    /// RFC 7809 §4.2.
    Id(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarMultiget {
    pub wanted: Wanted,
    /// As written; see [`crate::href::Href::parse`].
    pub hrefs: Vec<String>,
}

/// A property, and what to show of the resources whose hrefs it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    pub name: QName,
    pub inside: Vec<Self>,
}

pub fn report(body: &[u8], limits: &Limits) -> Result<Report, RequestError> {
    let root = parse(body, limits)?;
    Ok(match root.name.pair() {
        (CALDAV, "calendar-query") => Report::CalendarQuery(CalendarQuery::of(&root)?),
        (CALDAV, "calendar-multiget") => Report::CalendarMultiget(CalendarMultiget::of(&root)?),
        (CALDAV, "free-busy-query") => Report::FreeBusyQuery(range(required(&root, CALDAV, "time-range")?)?),
        (DAV, "sync-collection") => Report::SyncCollection(SyncCollection::of(&root)?),
        (DAV, "expand-property") => Report::ExpandProperty(expanded(&root)?),
        (DAV, "principal-match") => Report::PrincipalMatch(PrincipalMatch::of(&root)?),
        (DAV, "principal-property-search") => Report::PrincipalPropertySearch(PrincipalSearch::of(&root)?),
        (DAV, "principal-search-property-set") => Report::PrincipalSearchPropertySet,
        (DAV, "acl-principal-prop-set") => {
            Report::AclPrincipalPropSet(only(&root, DAV, "prop")?.map(Props::of).transpose()?.unwrap_or_default())
        }
        _ => Report::Unknown(root.name),
    })
}

impl CalendarQuery {
    fn of(element: &Element) -> Result<Self, RequestError> {
        let wanted = Wanted::of_report(element)?;
        let filter = filter(required(element, CALDAV, "filter")?)?;
        let zone = match (only(element, CALDAV, "timezone")?, only(element, CALDAV, "timezone-id")?) {
            (None, None) => None,
            (Some(zone), None) => Some(QueryZone::Object(zone.text().into_owned())),
            (None, Some(id)) => Some(QueryZone::Id(word(id))),
            (Some(_), Some(id)) => return Err(RequestError::invalid(id, "it cannot stand beside `C:timezone`")),
        };
        Ok(Self { wanted, filter, zone })
    }
}

impl CalendarMultiget {
    fn of(element: &Element) -> Result<Self, RequestError> {
        let wanted = Wanted::of_report(element)?;
        let hrefs: Vec<_> = element.named(DAV, "href").map(word).collect();
        if hrefs.is_empty() {
            return Err(RequestError::invalid(element, "it needs a `D:href`"));
        }
        Ok(Self { wanted, hrefs })
    }
}

/// Each level is a request per resource found: deeper than this nobody asks.
const EXPANSIONS: usize = 4;

/// Level by level, as deep as [`EXPANSIONS`] allows.
fn expanded(element: &Element) -> Result<Vec<Expanded>, RequestError> {
    expanded_within(element, EXPANSIONS)
}

fn expanded_within(element: &Element, levels: usize) -> Result<Vec<Expanded>, RequestError> {
    let mut properties = Vec::new();
    for property in element.named(DAV, "property") {
        if levels == 0 {
            return Err(RequestError::invalid(property, format!("expanded deeper than {EXPANSIONS} levels")));
        }
        let local = property.attribute("name").filter(|name| !name.is_empty());
        let local = local.ok_or_else(|| RequestError::invalid(property, "it needs a `name`"))?;
        let name = QName::new(property.attribute("namespace").unwrap_or(DAV), local);
        properties.push(Expanded { name, inside: expanded_within(property, levels - 1)? });
    }
    Ok(properties)
}
