//! The request body of `REPORT` (RFC 3253 §3.6).
//!
//! **Invariant:** an unknown report is not an error in the body; its name is returned.

use super::{
    PrincipalMatch, PrincipalSearch, Props, RequestError, SyncCollection, Wanted, few_properties, filter::filter, only,
    required, short_names, span::open_range, word,
};
use ical::{TimeRange, query::Filter};

use crate::{
    name::{CALDAV, DAV, QName},
    xml::{Element, Limits, parse},
};

/// The body of `REPORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRequest {
    /// The name of the root element, which is the name of the report.
    pub name: QName,
    /// The content of the root element.
    pub report: Report,
}

/// The content of a report's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// `CALDAV:calendar-query` (RFC 4791 §7.8).
    CalendarQuery(CalendarQuery),
    /// `CALDAV:calendar-multiget` (RFC 4791 §7.9).
    CalendarMultiget(CalendarMultiget),
    /// `CALDAV:free-busy-query` (RFC 4791 §7.10) with its range, which may be open at one end
    /// (§9.9).
    FreeBusyQuery(TimeRange),
    /// `DAV:sync-collection` (RFC 6578 §3.2).
    SyncCollection(SyncCollection),
    /// `DAV:expand-property` (RFC 3253 §3.8).
    ExpandProperty(Vec<Expanded>),
    /// `DAV:principal-match` (RFC 3744 §9.3).
    PrincipalMatch(PrincipalMatch),
    /// `DAV:principal-property-search` (RFC 3744 §9.4).
    PrincipalPropertySearch(PrincipalSearch),
    /// `DAV:principal-search-property-set` (RFC 3744 §9.5).
    PrincipalSearchPropertySet,
    /// `DAV:acl-principal-prop-set` (RFC 3744 §9.2).
    AclPrincipalPropSet(Props),
    /// A report that the server does not know. The precondition `DAV:supported-report` fails (RFC
    /// 3253 §3.6).
    Unknown,
}

/// The body of `CALDAV:calendar-query` (RFC 4791 §9.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarQuery {
    /// The properties to return.
    pub wanted: Wanted,
    /// The filter that objects must match.
    pub filter: Filter,
    /// The time zone for dates and floating times; `None` for the time zone of the calendar.
    pub zone: Option<QueryZone>,
}

/// The time zone of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryZone {
    /// An iCalendar object with one `VTIMEZONE` (RFC 4791 §9.8).
    Object(String),
    /// A time zone identifier, such as `Europe/Berlin` (RFC 7809 §3.1.6, §6.2).
    Id(String),
}

/// The body of `CALDAV:calendar-multiget` (RFC 4791 §9.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarMultiget {
    /// The properties to return.
    pub wanted: Wanted,
    /// The hrefs as the client wrote them; at least one. [`crate::href::Href::parse`] parses them.
    pub hrefs: Vec<String>,
}

/// A property to expand (RFC 3253 §3.8): its value consists of hrefs, and for each resource that
/// they refer to, the properties in `inside` are returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    /// The name of the property.
    pub name: QName,
    /// The properties of the resources to which the hrefs refer. If the list is empty, the hrefs
    /// themselves are returned.
    pub inside: Vec<Self>,
}

/// Reads the body of `REPORT`. Returns an error if the body is not XML within the limits, or if a
/// known report is malformed.
pub fn report(body: &[u8], limits: &Limits) -> Result<ReportRequest, RequestError> {
    let root = parse(body, limits)?;
    let report = match root.name.pair() {
        (CALDAV, "calendar-query") => Report::CalendarQuery(CalendarQuery::of(&root)?),
        (CALDAV, "calendar-multiget") => Report::CalendarMultiget(CalendarMultiget::of(&root)?),
        (CALDAV, "free-busy-query") => Report::FreeBusyQuery(open_range(required(&root, CALDAV, "time-range")?)?),
        (DAV, "sync-collection") => Report::SyncCollection(SyncCollection::of(&root)?),
        (DAV, "expand-property") => Report::ExpandProperty(expanded(&root)?),
        (DAV, "principal-match") => Report::PrincipalMatch(PrincipalMatch::of(&root)?),
        (DAV, "principal-property-search") => Report::PrincipalPropertySearch(PrincipalSearch::of(&root)?),
        (DAV, "principal-search-property-set") => Report::PrincipalSearchPropertySet,
        (DAV, "acl-principal-prop-set") => {
            Report::AclPrincipalPropSet(only(&root, DAV, "prop")?.map(Props::of).transpose()?.unwrap_or_default())
        }
        _ => Report::Unknown,
    };
    Ok(ReportRequest { name: root.name, report })
}

impl CalendarQuery {
    fn of(element: &Element) -> Result<Self, RequestError> {
        let wanted = Wanted::of_report(element)?;
        let filter = filter(required(element, CALDAV, "filter")?)?;
        let zone = match (only(element, CALDAV, "timezone")?, only(element, CALDAV, "timezone-id")?) {
            (None, None) => None,
            (Some(zone), None) => Some(QueryZone::Object(zone.text().into_owned())),
            (None, Some(id)) => Some(QueryZone::Id(word(id))),
            (Some(_), Some(id)) => {
                return Err(RequestError::invalid(id, "the element cannot be combined with `C:timezone`"));
            }
        };
        Ok(Self { wanted, filter, zone })
    }
}

impl CalendarMultiget {
    fn of(element: &Element) -> Result<Self, RequestError> {
        let wanted = Wanted::of_report(element)?;
        let hrefs: Vec<_> = element.named(DAV, "href").map(word).collect();
        if hrefs.is_empty() {
            return Err(RequestError::invalid(element, "the element must contain a `D:href`"));
        }
        Ok(Self { wanted, hrefs })
    }
}

/// Maximum depth of nested properties. Each level costs a query for every resource found; clients
/// use one or two.
const EXPANSIONS: usize = 4;

/// Reads the nested properties: at most [`EXPANSIONS`] levels, [`super::MAX_PROPERTIES`] in all,
/// and [`super::MAX_NAMES_BYTES`] of names.
fn expanded(element: &Element) -> Result<Vec<Expanded>, RequestError> {
    expanded_within(element, EXPANSIONS, &mut (0, 0))
}

fn expanded_within(
    element: &Element,
    levels: usize,
    taken: &mut (usize, usize),
) -> Result<Vec<Expanded>, RequestError> {
    let mut properties = Vec::new();
    for property in element.named(DAV, "property") {
        if levels == 0 {
            return Err(RequestError::invalid(
                property,
                format!("properties are expanded more than {EXPANSIONS} levels deep"),
            ));
        }
        let name = expanded_name(property)?;
        let (count, bytes) = taken;
        (*count, *bytes) = (*count + 1, *bytes + name.octets());
        few_properties(property, *count)?;
        short_names(property, *bytes)?;
        properties.push(Expanded { name, inside: expanded_within(property, levels - 1, taken)? });
    }
    Ok(properties)
}

fn expanded_name(property: &Element) -> Result<QName, RequestError> {
    let local = property.attribute("name").filter(|name| !name.is_empty());
    let local = local.ok_or_else(|| RequestError::invalid(property, "the element needs the attribute `name`"))?;
    let name = QName::new(property.attribute("namespace").unwrap_or(DAV), local);
    // The name of a property must be the name of an element (RFC 4918 §8.2).
    name.ok_or_else(|| {
        RequestError::invalid(property, "`name` and `namespace` together are not the name of an XML element")
    })
}
