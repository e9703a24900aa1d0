//! Writers of live properties whose value has a structure.
//!
//! **Invariant:** each public writer of a property writes its complete element. The caller
//! percent-encodes hrefs; texts are escaped here.

mod acl;

pub use acl::{ShownAce, acl, acl_restrictions};

use crate::{name::QName, time, xml::Writer};

/// Writes `DAV:creationdate` (RFC 4918 §15.1); `instant` is in seconds since the epoch.
pub fn creation_date(writer: &mut Writer, instant: i64) {
    writer.element("D:creationdate", &time::rfc3339(instant));
}

/// Writes `DAV:getlastmodified` (RFC 4918 §15.7); `instant` is in seconds since the epoch.
pub fn last_modified(writer: &mut Writer, instant: i64) {
    writer.element("D:getlastmodified", &time::http_date(instant));
}

/// Writes `DAV:resourcetype` (RFC 4918 §15.9) with these elements as its value, such as
/// `D:collection` and `C:calendar`.
pub fn resource_type(writer: &mut Writer, types: &[&'static str]) {
    writer.start("D:resourcetype");
    for resource_type in types {
        writer.empty(resource_type);
    }
    writer.end("D:resourcetype");
}

/// Writes a property whose value is one href, such as `D:owner` or `C:schedule-inbox-URL`.
pub fn href(writer: &mut Writer, property: &'static str, href: &str) {
    hrefs(writer, property, [href]);
}

/// Writes a property whose value is hrefs, such as `C:calendar-home-set` or `D:group-member-set`.
pub fn hrefs<S: AsRef<str>>(writer: &mut Writer, property: &'static str, hrefs: impl IntoIterator<Item = S>) {
    writer.start(property);
    for href in hrefs {
        writer.element("D:href", href.as_ref());
    }
    writer.end(property);
}

/// Writes `C:calendar-user-address-set` (RFC 6638 §2.4.1). The first address gets the attribute
/// `preferred`, because clients look for it.
pub fn calendar_user_address_set<S: AsRef<str>>(writer: &mut Writer, addresses: impl IntoIterator<Item = S>) {
    writer.start("C:calendar-user-address-set");
    for (place, address) in addresses.into_iter().enumerate() {
        if place == 0 {
            writer.start_with("D:href", &[("preferred", "1")]);
        } else {
            writer.start("D:href");
        }
        writer.text(address.as_ref());
        writer.end("D:href");
    }
    writer.end("C:calendar-user-address-set");
}

/// Writes `DAV:current-user-principal` (RFC 5397 §3). `None` is written as `DAV:unauthenticated`.
pub fn current_user_principal(writer: &mut Writer, principal: Option<&str>) {
    writer.start("D:current-user-principal");
    match principal {
        Some(principal) => writer.element("D:href", principal),
        None => writer.empty("D:unauthenticated"),
    }
    writer.end("D:current-user-principal");
}

/// Writes `DAV:supported-report-set` (RFC 3253 §3.1.5).
pub fn supported_report_set<'a>(writer: &mut Writer, reports: impl IntoIterator<Item = &'a QName>) {
    writer.start("D:supported-report-set");
    for report in reports {
        writer.raw("<D:supported-report><D:report>");
        writer.empty_name(report);
        writer.raw("</D:report></D:supported-report>");
    }
    writer.end("D:supported-report-set");
}

/// Writes `DAV:supported-live-property-set` (RFC 3253 §3.1.4).
pub fn supported_live_property_set<'a>(writer: &mut Writer, properties: impl IntoIterator<Item = &'a QName>) {
    writer.start("D:supported-live-property-set");
    for property in properties {
        writer.raw("<D:supported-live-property><D:prop>");
        writer.empty_name(property);
        writer.raw("</D:prop></D:supported-live-property>");
    }
    writer.end("D:supported-live-property-set");
}

/// Writes `C:supported-calendar-component-set` (RFC 4791 §5.2.3).
pub fn supported_calendar_component_set<S: AsRef<str>>(writer: &mut Writer, components: &[S]) {
    writer.start("C:supported-calendar-component-set");
    write_components(writer, components);
    writer.end("C:supported-calendar-component-set");
}

/// Writes `C:supported-calendar-component-sets` of a home: the component sets from which a new
/// calendar may have one. Clients use this property, although no RFC defines it.
pub fn supported_calendar_component_sets(writer: &mut Writer, sets: &[&[&str]]) {
    writer.start("C:supported-calendar-component-sets");
    for set in sets {
        supported_calendar_component_set(writer, set);
    }
    writer.end("C:supported-calendar-component-sets");
}

fn write_components<S: AsRef<str>>(writer: &mut Writer, components: &[S]) {
    for component in components {
        writer.empty_with("C:comp", &[("name", component.as_ref())]);
    }
}

/// Writes `C:supported-calendar-data` (RFC 4791 §5.2.4): iCalendar 2.0.
pub fn supported_calendar_data(writer: &mut Writer) {
    writer.start("C:supported-calendar-data");
    writer.empty_with("C:calendar-data", &[("content-type", "text/calendar"), ("version", "2.0")]);
    writer.end("C:supported-calendar-data");
}

/// Writes `C:supported-collation-set` (RFC 4791 §7.5.1).
pub fn supported_collation_set(writer: &mut Writer, collations: &[&str]) {
    writer.start("C:supported-collation-set");
    for collation in collations {
        writer.element("C:supported-collation", collation);
    }
    writer.end("C:supported-collation-set");
}

/// Writes `C:schedule-calendar-transp` (RFC 6638 §9.1).
pub fn schedule_calendar_transp(writer: &mut Writer, transparency: crate::setting::Transparency) {
    writer.start("C:schedule-calendar-transp");
    writer.empty(transparency.element());
    writer.end("C:schedule-calendar-transp");
}

/// Returns the response to `DAV:principal-search-property-set` (RFC 3744 §9.5): the properties that
/// can be searched, each with a description for people.
pub fn principal_search_property_set(properties: &[(&QName, &str)]) -> String {
    let mut writer = Writer::document("D:principal-search-property-set");
    for (name, description) in properties {
        writer.raw("<D:principal-search-property><D:prop>");
        writer.empty_name(name);
        writer.end("D:prop");
        writer.start_with("D:description", &[("xml:lang", "en")]);
        writer.text(description);
        writer.end("D:description");
        writer.end("D:principal-search-property");
    }
    writer.end("D:principal-search-property-set");
    writer.finish()
}

#[cfg(test)]
mod tests;
