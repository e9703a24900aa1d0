//! Names of XML elements and attributes: a namespace and a local name. There is a constant for each
//! known property.
//!
//! **Invariant:** names are compared by namespace and local name; a prefix is not part of a name.
//! [`QName::new`] refuses a name that cannot be written as an element.

use std::{borrow::Cow, fmt};

use crate::xml::{first_forbidden, is_nc_name};

/// The namespace of WebDAV (RFC 4918 §14).
pub const DAV: &str = "DAV:";
/// The namespace of CalDAV (RFC 4791 §1.1).
pub const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// The namespace of Calendar Server's extensions: `getctag`, the calendar proxies, sharing.
pub const CALENDARSERVER: &str = "http://calendarserver.org/ns/";
/// The namespace of Apple's `calendar-color` and `calendar-order`.
pub const APPLE_ICAL: &str = "http://apple.com/ns/ical/";
/// The namespace of `xml:lang`.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of namespace declarations, which contains no elements (Namespaces in XML 1.0 §3).
pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The namespaces with a fixed prefix. The root element of every written body declares these
/// prefixes, except `xml`, which needs no declaration.
pub(crate) const PREFIXES: [(&str, &str); 5] =
    [(DAV, "D"), (CALDAV, "C"), (CALENDARSERVER, "CS"), (APPLE_ICAL, "A"), (XML, "xml")];

/// The expanded name of an element or attribute.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QName {
    namespace: Cow<'static, str>,
    local: Cow<'static, str>,
}

impl QName {
    /// Creates a name from constants.
    ///
    /// # Panics
    ///
    /// Panics if the local name has characters other than ASCII letters and hyphens.
    pub const fn of(namespace: &'static str, local: &'static str) -> Self {
        let mut at = 0;
        while at < local.len() {
            assert!(local.as_bytes()[at].is_ascii_alphabetic() || local.as_bytes()[at] == b'-', "not an XML name");
            at += 1;
        }
        Self { namespace: Cow::Borrowed(namespace), local: Cow::Borrowed(local) }
    }

    /// Creates a name from a client's text. The text of a known namespace is not copied.
    ///
    /// Returns `None` if no element can have the name: if the local name is not an `NCName`
    /// (Namespaces in XML 1.0 §4), or the namespace cannot be declared.
    pub fn new(namespace: &str, local: &str) -> Option<Self> {
        if !is_nc_name(local) || namespace == XMLNS || first_forbidden(namespace).is_some() {
            return None;
        }
        let namespace = PREFIXES
            .iter()
            .find(|(known, _)| *known == namespace)
            .map_or_else(|| Cow::Owned(namespace.to_owned()), |(known, _)| Cow::Borrowed(*known));
        Some(Self { namespace, local: Cow::Owned(local.to_owned()) })
    }

    /// Returns the namespace URI; empty for a name in no namespace.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Returns the local name, without a prefix.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// True if this is the name `local` in `namespace`.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.local == local && self.namespace == namespace
    }

    /// Returns namespace and local name, for `match`:
    /// `match name.pair() { (DAV, "displayname") => … }`.
    pub fn pair(&self) -> (&str, &str) {
        (&self.namespace, &self.local)
    }

    /// Returns the length of namespace and local name together, in octets.
    pub fn octets(&self) -> usize {
        self.namespace.len() + self.local.len()
    }

    /// Returns the fixed prefix of the namespace, which every written body declares. Returns `None`
    /// for other namespaces.
    pub fn prefix(&self) -> Option<&'static str> {
        PREFIXES.iter().find(|(known, _)| *known == self.namespace).map(|(_, prefix)| *prefix)
    }
}

/// Writes `D:local` if the namespace has a fixed prefix, and Clark notation `{namespace}local`
/// otherwise.
impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix() {
            Some(prefix) => write!(f, "{prefix}:{}", self.local),
            None => write!(f, "{{{}}}{}", self.namespace, self.local),
        }
    }
}

impl fmt::Debug for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $constant:ident = $namespace:ident $local:literal;)*) => {
        $(#[doc = concat!("`", stringify!($namespace), ":", $local, "`.")] $(#[$doc])*
        pub static $constant: QName = QName::of($namespace, $local);)*
    };
}

// Properties of WebDAV (RFC 4918 §15).
names! {
    CREATION_DATE = DAV "creationdate";
    DISPLAY_NAME = DAV "displayname";
    GET_CONTENT_LANGUAGE = DAV "getcontentlanguage";
    GET_CONTENT_LENGTH = DAV "getcontentlength";
    GET_CONTENT_TYPE = DAV "getcontenttype";
    GET_ETAG = DAV "getetag";
    GET_LAST_MODIFIED = DAV "getlastmodified";
    LOCK_DISCOVERY = DAV "lockdiscovery";
    RESOURCE_TYPE = DAV "resourcetype";
    SUPPORTED_LOCK = DAV "supportedlock";
}

// Properties of WebDAV's extensions (RFC 3253, 3744, 4331, 5397, 5842, 5995, 6578).
names! {
    SUPPORTED_LIVE_PROPERTY_SET = DAV "supported-live-property-set";
    SUPPORTED_REPORT_SET = DAV "supported-report-set";
    OWNER = DAV "owner";
    GROUP = DAV "group";
    SUPPORTED_PRIVILEGE_SET = DAV "supported-privilege-set";
    CURRENT_USER_PRIVILEGE_SET = DAV "current-user-privilege-set";
    ACL = DAV "acl";
    ACL_RESTRICTIONS = DAV "acl-restrictions";
    INHERITED_ACL_SET = DAV "inherited-acl-set";
    PRINCIPAL_COLLECTION_SET = DAV "principal-collection-set";
    ALTERNATE_URI_SET = DAV "alternate-URI-set";
    PRINCIPAL_URL = DAV "principal-URL";
    GROUP_MEMBER_SET = DAV "group-member-set";
    GROUP_MEMBERSHIP = DAV "group-membership";
    QUOTA_AVAILABLE_BYTES = DAV "quota-available-bytes";
    QUOTA_USED_BYTES = DAV "quota-used-bytes";
    CURRENT_USER_PRINCIPAL = DAV "current-user-principal";
    RESOURCE_ID = DAV "resource-id";
    PARENT_SET = DAV "parent-set";
    ADD_MEMBER = DAV "add-member";
    SYNC_TOKEN = DAV "sync-token";
}

// Properties of CalDAV (RFC 4791 §5.2, §6.2, §7.5, RFC 7529 §10.1), and other names that clients
// request like properties.
names! {
    CALENDAR_DESCRIPTION = CALDAV "calendar-description";
    CALENDAR_TIMEZONE = CALDAV "calendar-timezone";
    SUPPORTED_CALENDAR_COMPONENT_SET = CALDAV "supported-calendar-component-set";
    SUPPORTED_CALENDAR_COMPONENT_SETS = CALDAV "supported-calendar-component-sets";
    SUPPORTED_CALENDAR_DATA = CALDAV "supported-calendar-data";
    MAX_RESOURCE_SIZE = CALDAV "max-resource-size";
    MIN_DATE_TIME = CALDAV "min-date-time";
    MAX_DATE_TIME = CALDAV "max-date-time";
    MAX_INSTANCES = CALDAV "max-instances";
    MAX_ATTENDEES_PER_INSTANCE = CALDAV "max-attendees-per-instance";
    CALENDAR_HOME_SET = CALDAV "calendar-home-set";
    SUPPORTED_COLLATION_SET = CALDAV "supported-collation-set";
    SUPPORTED_RSCALE_SET = CALDAV "supported-rscale-set";
    CALENDAR_DATA = CALDAV "calendar-data";
}

// Properties of scheduling (RFC 6638 §2, §9), time zones (RFC 7809 §5) and availability (RFC 7953
// §7).
names! {
    SCHEDULE_OUTBOX_URL = CALDAV "schedule-outbox-URL";
    SCHEDULE_INBOX_URL = CALDAV "schedule-inbox-URL";
    CALENDAR_USER_ADDRESS_SET = CALDAV "calendar-user-address-set";
    CALENDAR_USER_TYPE = CALDAV "calendar-user-type";
    SCHEDULE_CALENDAR_TRANSP = CALDAV "schedule-calendar-transp";
    SCHEDULE_DEFAULT_CALENDAR_URL = CALDAV "schedule-default-calendar-URL";
    SCHEDULE_TAG = CALDAV "schedule-tag";
    // `calendar-free-busy-set` is from a draft of RFC 6638; some clients still request it.
    CALENDAR_FREE_BUSY_SET = CALDAV "calendar-free-busy-set";
    TIMEZONE_SERVICE_SET = CALDAV "timezone-service-set";
    CALENDAR_TIMEZONE_ID = CALDAV "calendar-timezone-id";
    CALENDAR_AVAILABILITY = CALDAV "calendar-availability";
}

// These names are used by clients, but defined in no RFC.
names! {
    /// The name of [`CALENDAR_AVAILABILITY`] in drafts of RFC 7953.
    DRAFT_CALENDAR_AVAILABILITY = CALENDARSERVER "calendar-availability";
    GET_CTAG = CALENDARSERVER "getctag";
    EMAIL_ADDRESS_SET = CALENDARSERVER "email-address-set";
    FIRST_NAME = CALENDARSERVER "first-name";
    LAST_NAME = CALENDARSERVER "last-name";
    RECORD_TYPE = CALENDARSERVER "record-type";
    INVITE = CALENDARSERVER "invite";
    ALLOWED_SHARING_MODES = CALENDARSERVER "allowed-sharing-modes";
    SHARED_URL = CALENDARSERVER "shared-url";
    NOTIFICATION_URL = CALENDARSERVER "notification-URL";
    NOTIFICATION_TYPE = CALENDARSERVER "notificationtype";
    CALENDAR_PROXY_READ_FOR = CALENDARSERVER "calendar-proxy-read-for";
    CALENDAR_PROXY_WRITE_FOR = CALENDARSERVER "calendar-proxy-write-for";
    EXPANDED_GROUP_MEMBER_SET = CALENDARSERVER "expanded-group-member-set";
    EXPANDED_GROUP_MEMBERSHIP = CALENDARSERVER "expanded-group-membership";
    CALENDAR_COLOR = APPLE_ICAL "calendar-color";
    CALENDAR_ORDER = APPLE_ICAL "calendar-order";
}
