//! The values of the live properties that clients may set.
//!
//! **Invariant:** [`Setting::read`] checks the form of a value. The caller decides whether the
//! property may be set on a resource, and which other properties are dead ([`crate::property`]).

use crate::{
    error::Condition,
    name::{APPLE_ICAL, CALDAV, CALENDARSERVER, DAV},
    request::RequestError,
    xml::Element,
};

const COMPONENTS: usize = 16;

/// The value of `CALDAV:schedule-calendar-transp`, which decides whether the events of a calendar
/// count as busy time (RFC 6638 §9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transparency {
    /// The events count as busy time.
    Opaque,
    /// The events do not count as busy time.
    Transparent,
}

impl Transparency {
    pub(crate) fn element(self) -> &'static str {
        match self {
            Self::Opaque => "C:opaque",
            Self::Transparent => "C:transparent",
        }
    }
}

/// The value of a live property that a client may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// `DAV:displayname` (RFC 4918 §15.2).
    DisplayName(String),
    /// `CALDAV:calendar-description` (RFC 4791 §5.2.1).
    Description(String),
    /// `CALDAV:calendar-timezone` (RFC 4791 §5.2.2): an iCalendar object. The XML parser may have
    /// changed its line ends.
    TimeZone(String),
    /// `CALDAV:calendar-timezone-id` (RFC 7809 §5.2).
    TimeZoneId(String),
    /// `CALDAV:supported-calendar-component-set` (RFC 4791 §5.2.3): component names in upper case.
    Components(Vec<String>),
    /// `CALDAV:schedule-calendar-transp` (RFC 6638 §9.1).
    Transparency(Transparency),
    /// `CALDAV:schedule-default-calendar-URL` (RFC 6638 §9.2): the href as the client wrote it;
    /// `None` if the element has none.
    DefaultCalendar(Option<String>),
    /// `CALDAV:calendar-availability` (RFC 7953 §7.2.4): an iCalendar object. The XML parser may
    /// have changed its line ends.
    Availability(String),
    /// Apple's `calendar-color`: usually `#rrggbb` or `#rrggbbaa`. The server does not interpret
    /// the value.
    Color(String),
    /// Apple's `calendar-order`: the place of the calendar in the client's list.
    Order(i64),
}

impl Setting {
    /// Reads the element of a property. Returns `None` if the property has no variant of
    /// [`Setting`], and an error if its value is invalid.
    pub fn read(property: &Element) -> Result<Option<Self>, RequestError> {
        Ok(Some(match property.name.pair() {
            (DAV, "displayname") => Self::DisplayName(text(property)?),
            (CALDAV, "calendar-description") => Self::Description(text(property)?),
            (CALDAV, "calendar-timezone") => Self::TimeZone(text(property)?),
            (CALDAV, "calendar-timezone-id") => Self::TimeZoneId(text(property)?.trim().to_owned()),
            (CALDAV, "supported-calendar-component-set") => Self::Components(components(property)?),
            (CALDAV, "schedule-calendar-transp") => Self::Transparency(transparency(property)?),
            (CALDAV, "schedule-default-calendar-URL") => {
                Self::DefaultCalendar(property.dav("href").map(|href| href.text().trim().to_owned()))
            }
            (CALDAV | CALENDARSERVER, "calendar-availability") => Self::Availability(text(property)?),
            (APPLE_ICAL, "calendar-color") => Self::Color(text(property)?.trim().to_owned()),
            (APPLE_ICAL, "calendar-order") => Self::Order(order(property)?),
            _ => return Ok(None),
        }))
    }
}

fn text(property: &Element) -> Result<String, RequestError> {
    match property.elements().next() {
        None => Ok(property.text().into_owned()),
        Some(inner) => Err(RequestError::invalid(inner, "the value of a property must be text here, not an element")),
    }
}

fn components(property: &Element) -> Result<Vec<String>, RequestError> {
    let mut components = Vec::new();
    for component in property.named(CALDAV, "comp") {
        let name = component.attribute("name").unwrap_or_default().to_ascii_uppercase();
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_name {
            let why = "`name` must be the name of a component";
            return Err(RequestError::refused(Condition::SupportedCalendarComponent, component, why));
        }
        if !components.contains(&name) {
            components.push(name);
        }
        if components.len() > COMPONENTS {
            break;
        }
    }
    if components.is_empty() || components.len() > COMPONENTS {
        let why = format!("the property must name 1 to {COMPONENTS} components");
        return Err(RequestError::refused(Condition::SupportedCalendarComponent, property, why));
    }
    Ok(components)
}

fn transparency(property: &Element) -> Result<Transparency, RequestError> {
    match (property.caldav("opaque"), property.caldav("transparent")) {
        (Some(_), None) => Ok(Transparency::Opaque),
        (None, Some(_)) => Ok(Transparency::Transparent),
        (Some(_), Some(_)) | (None, None) => {
            Err(RequestError::invalid(property, "the property must contain either `C:opaque` or `C:transparent`"))
        }
    }
}

fn order(property: &Element) -> Result<i64, RequestError> {
    let number = text(property)?.trim().parse();
    number.map_err(|_| RequestError::invalid(property, "the value of this property must be a whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    const NS: &str = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:A='http://apple.com/ns/ical/'";

    fn read(name: &str, inner: &str) -> Result<Option<Setting>, RequestError> {
        let body = format!("<{name} {NS}>{inner}</{name}>");
        Setting::read(&parse(body.as_bytes(), &Limits::default()).expect(&body))
    }

    #[test]
    fn settings_are_told_from_dead_properties() {
        use Setting::{Color, Components, DefaultCalendar, Description, DisplayName, Order, TimeZone, TimeZoneId};
        for (name, inner, expected) in [
            ("D:displayname", " Work &amp; more ", Some(DisplayName(" Work & more ".into()))),
            ("D:displayname", "", Some(DisplayName(String::new()))),
            ("C:calendar-description", "x", Some(Description("x".into()))),
            ("C:calendar-timezone", "BEGIN&#13;\n", Some(TimeZone("BEGIN\r\n".into()))),
            ("C:calendar-timezone-id", " Europe/Berlin ", Some(TimeZoneId("Europe/Berlin".into()))),
            (
                "C:supported-calendar-component-set",
                "<C:comp name='vevent'/><C:comp name='VEVENT'/><C:comp name='X-A'/>",
                Some(Components(vec!["VEVENT".into(), "X-A".into()])),
            ),
            ("C:schedule-default-calendar-URL", "<D:href> /a/ </D:href>", Some(DefaultCalendar(Some("/a/".into())))),
            ("C:schedule-default-calendar-URL", "", Some(DefaultCalendar(None))),
            ("A:calendar-color", " #FF0000ff ", Some(Color("#FF0000ff".into()))),
            ("A:calendar-order", "-3", Some(Order(-3))),
            ("A:displayname", "x", None),
            ("D:calendar-order", "x", None),
        ] {
            assert_eq!(read(name, inner), Ok(expected), "{name} {inner}");
        }
    }

    #[test]
    fn wrong_values_are_refused() {
        for (name, inner, condition) in [
            ("D:displayname", "<D:x/>", None),
            ("C:supported-calendar-component-set", "", Some(Condition::SupportedCalendarComponent)),
            ("C:supported-calendar-component-set", "<C:comp/>", Some(Condition::SupportedCalendarComponent)),
            ("C:supported-calendar-component-set", "<C:comp name='a b'/>", Some(Condition::SupportedCalendarComponent)),
            ("C:schedule-calendar-transp", "", None),
            ("C:schedule-calendar-transp", "<C:opaque/><C:transparent/>", None),
            ("A:calendar-color", "<D:x/>", None),
            ("A:calendar-order", "1.5", None),
        ] {
            assert_eq!(read(name, inner).expect_err(inner).condition(), condition, "{name} {inner}");
        }
    }
}
