//! Facts about collections: homes, calendars, inboxes, outboxes and plain collections.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{PrincipalId, access::AccessControlEntry};

/// What a collection is for.
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
    /// A collection of files and of other collections (RFC 4918 §9.3). Nothing in it is scheduled
    /// or expanded.
    Plain,
}

impl CollectionKind {
    /// Returns true if the collection may hold files and other collections. A calendar holds
    /// calendar objects only (RFC 4791 §4.2), an inbox the delivered messages, an outbox nothing.
    pub fn holds_anything(self) -> bool {
        match self {
            Self::Home | Self::Plain => true,
            Self::Calendar | Self::Inbox | Self::Outbox => false,
        }
    }
}

/// Whether the objects of a calendar count as busy time (RFC 6638 §9.1,
/// `CALDAV:schedule-calendar-transp`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transparency {
    /// They count.
    #[default]
    Opaque,
    /// They do not count.
    Transparent,
}

/// The name of a WebDAV property.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropertyName {
    /// The XML namespace, `DAV:`.
    pub namespace: String,
    /// The name within it.
    pub local: String,
}

/// The name that people see, `DAV:displayname` (RFC 4918 §15.2).
pub const DISPLAY_NAME: (&str, &str) = ("DAV:", "displayname");
/// The property of a calendar's colour, Apple's `calendar-color`; usually `#rrggbb`.
pub const COLOR: (&str, &str) = ("http://apple.com/ns/ical/", "calendar-color");

/// Returns whether a document can have this character (XML 1.0 §2.2).
pub fn is_in_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// A dead property, as the client wrote it (RFC 4918 §4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// Name of its element.
    pub name: PropertyName,
    /// The whole element as an XML document of its own: namespaces declared, `xml:lang` kept (RFC
    /// 4918 §4.3).
    pub xml: String,
}

impl Property {
    /// Returns the length of the element in bytes, which counts towards the limit of all
    /// properties.
    pub fn bytes(&self) -> usize {
        self.xml.len()
    }

    /// Returns a property whose value is text, without the characters that XML cannot have: one of
    /// them would make every answer with the property unreadable.
    pub fn of_text((namespace, local): (&str, &str), text: &str) -> Self {
        let text: String = text.chars().filter(|one| is_in_xml(*one)).collect();
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        Self {
            name: PropertyName { namespace: namespace.to_owned(), local: local.to_owned() },
            xml: format!("<{local} xmlns=\"{namespace}\">{escaped}</{local}>"),
        }
    }

    /// Returns the text of the property with this name; `None` if there is none, or only blanks.
    pub fn text(properties: &[Self], (namespace, local): (&str, &str)) -> Option<String> {
        let is_it = |property: &&Self| property.name.namespace == namespace && property.name.local == local;
        let xml = &properties.iter().find(is_it)?.xml;
        let inner = xml.split_once('>')?.1.rsplit_once("</")?.0;
        let text = inner.rsplit('>').next().unwrap_or(inner);
        let decoded = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
        Some(decoded.replace("&amp;", "&")).filter(|text| !text.trim().is_empty())
    }

    /// Applies a change to the properties that a resource holds: a property that is set replaces
    /// the one with its name.
    pub fn change(held: &mut Vec<Self>, set: &[Self], removed: &[PropertyName]) {
        let replaced: BTreeSet<_> = removed.iter().chain(set.iter().map(|new| &new.name)).collect();
        held.retain(|property| !replaced.contains(&property.name));
        held.extend(set.iter().cloned());
    }
}

/// The properties that the server acts on, read when a client set them. `None`: left as it was.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `CALDAV:schedule-calendar-transp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transparency: Option<Transparency>,
    /// An iCalendar object with one `VTIMEZONE` (RFC 4791 §5.2.2). Empty: removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// On an inbox, the name of the calendar that receives invitations (RFC 6638 §9.2). Empty:
    /// removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_calendar: Option<String>,
}

/// A collection was created: by `MKCALENDAR`, `MKCOL` or `COPY`, or with the principal it belongs
/// to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionCreated {
    /// The home it belongs to.
    pub home: PrincipalId,
    /// Path below the home, segments joined by `/`. Empty for the home itself.
    pub name: String,
    /// What it is for.
    pub kind: CollectionKind,
    /// `CALDAV:supported-calendar-component-set` (RFC 4791 §5.2.3). Empty: every component the
    /// server supports.
    #[serde(default)]
    pub components: Vec<String>,
    /// The dead properties it was created with.
    #[serde(default)]
    pub properties: Vec<Property>,
    /// The properties among them that the server acts on.
    #[serde(default)]
    pub settings: Settings,
}

/// Properties of a collection were set and removed (`PROPPATCH`, RFC 4918 §9.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionPropertiesChanged {
    /// The new properties.
    #[serde(default)]
    pub set: Vec<Property>,
    /// The names of those that were removed.
    #[serde(default)]
    pub removed: Vec<PropertyName>,
    /// The changed properties that the server acts on.
    #[serde(default)]
    pub settings: Settings,
}

/// A collection was renamed within its home (`MOVE`), with everything in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionMoved {
    /// New path below the home, as in [`CollectionCreated`].
    pub name: String,
}

/// The ACL of a collection was replaced (RFC 3744 §8.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionAclChanged {
    /// The new entries, in the client's order.
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
