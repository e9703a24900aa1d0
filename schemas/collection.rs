//! Facts about collections: homes, calendars, inboxes, outboxes and plain collections.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{PrincipalId, access::AccessControlEntry};

/// The purpose of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CollectionKind {
    /// The calendar home (RFC 4791 §6.2.1).
    Home,
    /// A calendar collection (RFC 4791 §4.2).
    Calendar,
    /// The scheduling inbox (RFC 6638 §2.2).
    Inbox,
    /// The scheduling outbox (RFC 6638 §2.1).
    Outbox,
    /// A collection of files and of other collections (RFC 4918 §9.3). Its resources are neither
    /// scheduled nor expanded.
    Plain,
}

impl CollectionKind {
    /// Returns true if the collection may contain files and other collections. A calendar contains
    /// only calendar objects (RFC 4791 §4.2), an inbox only delivered messages, and an outbox
    /// nothing.
    pub fn holds_anything(self) -> bool {
        match self {
            Self::Home | Self::Plain => true,
            Self::Calendar | Self::Inbox | Self::Outbox => false,
        }
    }
}

/// The transparency of a calendar: its objects count as busy time, or they do not (RFC 6638 §9.1,
/// `CALDAV:schedule-calendar-transp`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transparency {
    /// The objects count as busy time.
    #[default]
    Opaque,
    /// The objects do not count as busy time.
    Transparent,
}

/// The name of a WebDAV property.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropertyName {
    /// The XML namespace, such as `DAV:`.
    pub namespace: String,
    /// The local name within the namespace.
    pub local: String,
}

/// The property with the name that people see, `DAV:displayname` (RFC 4918 §15.2).
pub const DISPLAY_NAME: (&str, &str) = ("DAV:", "displayname");
/// The property with a calendar's colour, Apple's `calendar-color`, such as `#rrggbb`.
pub const COLOR: (&str, &str) = ("http://apple.com/ns/ical/", "calendar-color");
/// The property with a calendar's time zone, `CALDAV:calendar-timezone` (RFC 4791 §5.2.2).
pub const TIME_ZONE: (&str, &str) = ("urn:ietf:params:xml:ns:caldav", "calendar-timezone");

/// Returns true if an XML document may contain this character (XML 1.0 §2.2).
pub fn is_in_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// A dead property (RFC 4918 §4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// The name of the property.
    pub name: PropertyName,
    /// The whole element as a separate XML document, with namespace declarations and `xml:lang`
    /// (RFC 4918 §4.3).
    pub xml: String,
}

impl Property {
    /// Returns the length of the element in bytes.
    pub fn bytes(&self) -> usize {
        self.xml.len()
    }

    /// Creates a property with a text value. Characters that XML cannot contain are removed: a
    /// response with such a character could not be parsed.
    pub fn of_text((namespace, local): (&str, &str), text: &str) -> Self {
        let text: String = text.chars().filter(|one| is_in_xml(*one)).collect();
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        Self {
            name: PropertyName { namespace: namespace.to_owned(), local: local.to_owned() },
            xml: format!("<{local} xmlns=\"{namespace}\">{escaped}</{local}>"),
        }
    }

    /// Returns the text of the property with this name. The property must contain only text.
    /// Returns `None` if there is no such property, or if its text is empty or white space.
    pub fn text(properties: &[Self], (namespace, local): (&str, &str)) -> Option<String> {
        let is_it = |property: &&Self| property.name.namespace == namespace && property.name.local == local;
        let xml = &properties.iter().find(is_it)?.xml;
        let inner = xml.split_once('>')?.1.rsplit_once("</")?.0;
        let text = inner.rsplit('>').next().unwrap_or(inner);
        let decoded = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
        Some(decoded.replace("&amp;", "&")).filter(|text| !text.trim().is_empty())
    }

    /// Removes the properties in `removed`, then sets those in `set`. A property in `set` replaces
    /// the one with the same name.
    pub fn change(held: &mut Vec<Self>, set: &[Self], removed: &[PropertyName]) {
        let replaced: BTreeSet<_> = removed.iter().chain(set.iter().map(|new| &new.name)).collect();
        held.retain(|property| !replaced.contains(&property.name));
        held.extend(set.iter().cloned());
    }
}

/// Properties that the server itself uses, parsed when they were set. `None` means that the
/// property was neither set nor removed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `CALDAV:schedule-calendar-transp` (RFC 6638 §9.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transparency: Option<Transparency>,
    /// The time zone: an iCalendar object with one `VTIMEZONE` (RFC 4791 §5.2.2). Empty if the
    /// property was removed; `None` if it did not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Only for an inbox: the calendar that receives invitations (RFC 6638 §9.2), by its path below
    /// the home. Empty if the property was removed; `None` if it did not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_calendar: Option<String>,
}

/// A collection was created: by a client (such as by `MKCALENDAR`, `MKCOL` or `COPY`), by an
/// operator, or together with its principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionCreated {
    /// The home to which the collection belongs.
    pub home: PrincipalId,
    /// Path below the home: segments joined by `/`. Empty for the home itself.
    pub name: String,
    /// The purpose of the collection.
    pub kind: CollectionKind,
    /// Supported component types, `CALDAV:supported-calendar-component-set` (RFC 4791 §5.2.3).
    /// Empty if all types that the server supports are allowed.
    #[serde(default)]
    pub components: Vec<String>,
    /// The dead properties with which the collection was created.
    #[serde(default)]
    pub properties: Vec<Property>,
    /// The parsed values of those properties that the server itself uses.
    #[serde(default)]
    pub settings: Settings,
}

/// Properties of a collection were set and removed, such as by `PROPPATCH` (RFC 4918 §9.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionPropertiesChanged {
    /// The properties that were set, with their new values.
    #[serde(default)]
    pub set: Vec<Property>,
    /// The names of the properties that were removed.
    #[serde(default)]
    pub removed: Vec<PropertyName>,
    /// The parsed values of those changed properties that the server itself uses.
    #[serde(default)]
    pub settings: Settings,
}

/// A collection was moved within its home, together with everything in it: by `MOVE`, or by an
/// operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionMoved {
    /// The new path below the home: segments joined by `/`.
    pub name: String,
}

/// The ACL of a collection was replaced (RFC 3744 §8.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionAclChanged {
    /// The new access control entries, in the order in which they are evaluated.
    pub entries: Vec<AccessControlEntry>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_of_text_holds_only_what_xml_can_have() {
        let stored = Property::of_text(DISPLAY_NAME, "a\u{1}\u{b}<\u{fffe}b\u{ffff}\u{10000}\tc");
        assert_eq!(stored.xml, "<displayname xmlns=\"DAV:\">a&lt;b\u{10000}\tc</displayname>");
    }
}
