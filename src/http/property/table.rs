//! The table of live properties.
//!
//! Of the live properties, `allprop` returns only those of RFC 4918 and `CS:getctag`. Other RFCs
//! exclude the properties that they define, such as RFC 3253 §3.11, RFC 4791 §5.2 and RFC 6638 §2.

use dav::{QName, name};

use super::{Show, access_control, calendar, delegates, principal, scheduling, selection, sharing, webdav};

/// A row of the table: one live property.
#[derive(Debug)]
pub(crate) struct Live {
    pub name: &'static QName,
    pub show: Show,
    pub in_allprop: bool,
    pub access: Access,
}

/// The permission to set a live property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Only the server sets the property; clients get `cannot-modify-protected-property`.
    Protected,
    /// Clients set the property only in the request that creates the collection (RFC 4791 §5.2.3).
    OnCreation,
    /// Clients set the property at any time, on the kinds of resources for which `change` accepts
    /// it.
    Client,
}

/// Returns the row of a live property; `None` if the table has no such property.
pub(crate) fn live(name: &QName) -> Option<&'static Live> {
    LIVE.iter().find(|live| live.name == name)
}

const fn all(name: &'static QName, show: Show, access: Access) -> Live {
    Live { name, show, in_allprop: true, access }
}

const fn row(name: &'static QName, show: Show) -> Live {
    Live { name, show, in_allprop: false, access: Access::Protected }
}

const fn settable(name: &'static QName, show: Show) -> Live {
    Live { name, show, in_allprop: false, access: Access::Client }
}

pub(crate) static LIVE: &[Live] = &[
    // The properties of RFC 4918 §15.
    all(&name::CREATION_DATE, webdav::creation_date, Access::Protected),
    all(&name::DISPLAY_NAME, webdav::display_name, Access::Client),
    all(&name::GET_CONTENT_LENGTH, webdav::content_length, Access::Protected),
    all(&name::GET_CONTENT_TYPE, webdav::content_type, Access::Protected),
    all(&name::GET_ETAG, webdav::etag, Access::Protected),
    all(&name::GET_LAST_MODIFIED, webdav::last_modified, Access::Protected),
    all(&name::LOCK_DISCOVERY, webdav::lock_discovery, Access::Protected),
    all(&name::RESOURCE_TYPE, webdav::resource_type, Access::Protected),
    all(&name::SUPPORTED_LOCK, webdav::supported_lock, Access::Protected),
    // The properties of RFC 3253 §3.1.4 and §3.1.5, RFC 5842 §3.1, RFC 5995 §3.2, RFC 6578 §4.
    row(&name::SUPPORTED_LIVE_PROPERTY_SET, selection::supported_live_property_set),
    row(&name::SUPPORTED_REPORT_SET, webdav::supported_report_set),
    row(&name::RESOURCE_ID, webdav::resource_id),
    row(&name::ADD_MEMBER, webdav::add_member),
    row(&name::SYNC_TOKEN, webdav::sync_token),
    // The property of CalendarServer's caldav-ctag §4.1.
    all(&name::GET_CTAG, webdav::ctag, Access::Protected),
    // The properties of RFC 4331.
    row(&name::QUOTA_USED_BYTES, webdav::quota_used),
    row(&name::QUOTA_AVAILABLE_BYTES, webdav::quota_available),
    // The properties of RFC 3744 §5 and RFC 5397.
    row(&name::OWNER, access_control::owner),
    row(&name::SUPPORTED_PRIVILEGE_SET, access_control::supported_privilege_set),
    row(&name::CURRENT_USER_PRIVILEGE_SET, access_control::current_user_privilege_set),
    row(&name::ACL, access_control::acl),
    row(&name::ACL_RESTRICTIONS, access_control::acl_restrictions),
    row(&name::INHERITED_ACL_SET, access_control::inherited_acl_set),
    row(&name::PRINCIPAL_COLLECTION_SET, access_control::principal_collection_set),
    row(&name::CURRENT_USER_PRINCIPAL, access_control::current_user_principal),
    // The properties of RFC 3744 §4.
    row(&name::ALTERNATE_URI_SET, principal::alternate_uri_set),
    row(&name::PRINCIPAL_URL, principal::principal_url),
    // caldav-proxy §5.2: clients can set the members of delegates groups, but not those of other
    // groups.
    settable(&name::GROUP_MEMBER_SET, principal::group_member_set),
    row(&name::GROUP_MEMBERSHIP, principal::group_membership),
    // The properties of caldav-proxy §5.3.
    row(&name::CALENDAR_PROXY_READ_FOR, delegates::read_for),
    row(&name::CALENDAR_PROXY_WRITE_FOR, delegates::write_for),
    // The properties of caldav-sharing §4 and §5.2.
    row(&name::INVITE, sharing::invite),
    row(&name::ALLOWED_SHARING_MODES, sharing::allowed_modes),
    row(&name::SHARED_URL, sharing::shared_url),
    row(&name::NOTIFICATION_URL, sharing::notification_url),
    row(&name::NOTIFICATION_TYPE, sharing::notification_type),
    // The properties of RFC 4791 §6.2.1 and RFC 6638 §2.4, and some that clients ask for without an
    // RFC.
    row(&name::CALENDAR_HOME_SET, principal::calendar_home_set),
    row(&name::SCHEDULE_INBOX_URL, principal::schedule_inbox_url),
    row(&name::SCHEDULE_OUTBOX_URL, principal::schedule_outbox_url),
    row(&name::CALENDAR_USER_ADDRESS_SET, principal::calendar_user_address_set),
    row(&name::CALENDAR_USER_TYPE, principal::calendar_user_type),
    row(&name::EMAIL_ADDRESS_SET, principal::email_address_set),
    row(&name::FIRST_NAME, principal::first_name),
    row(&name::LAST_NAME, principal::last_name),
    // The properties of RFC 4791 §5.2 and §7.5.1.
    Live {
        name: &name::SUPPORTED_CALENDAR_COMPONENT_SET,
        show: calendar::components,
        in_allprop: false,
        access: Access::OnCreation,
    },
    row(&name::SUPPORTED_CALENDAR_COMPONENT_SETS, calendar::component_sets),
    row(&name::SUPPORTED_CALENDAR_DATA, calendar::supported_data),
    row(&name::SUPPORTED_COLLATION_SET, calendar::collations),
    // The property of RFC 7529 §10.1, and the limits of RFC 4791 §5.2 on sizes and times.
    row(&name::SUPPORTED_RSCALE_SET, calendar::rscales),
    row(&name::MAX_RESOURCE_SIZE, calendar::max_resource_size),
    row(&name::MIN_DATE_TIME, calendar::min_date_time),
    row(&name::MAX_DATE_TIME, calendar::max_date_time),
    // The property of RFC 7809 §5.2, and the limits of RFC 4791 §5.2 on instances and attendees.
    settable(&name::CALENDAR_TIMEZONE_ID, calendar::timezone_id),
    row(&name::MAX_INSTANCES, calendar::max_instances),
    row(&name::MAX_ATTENDEES_PER_INSTANCE, calendar::max_attendees),
    // The properties of RFC 6638 §9, and `calendar-free-busy-set`, which is older than that RFC.
    settable(&name::SCHEDULE_CALENDAR_TRANSP, scheduling::transparency),
    settable(&name::SCHEDULE_DEFAULT_CALENDAR_URL, scheduling::default_calendar),
    row(&name::SCHEDULE_TAG, scheduling::schedule_tag),
    row(&name::CALENDAR_FREE_BUSY_SET, scheduling::free_busy_set),
];
