//! The limits of calendar objects (RFC 4791 §5.2.5, §5.2.8, §5.2.9), deliveries, names and homes,
//! and of the journal's growth.

/// The limits of calendar objects, deliveries, names and homes, and of the journal's growth. A
/// limit whose comment names a CalDAV property is announced by that property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `CALDAV:max-resource-size`: the maximum size of a calendar object.
    pub max_resource_size_bytes: usize,
    /// `CALDAV:max-attendees-per-instance`: the maximum number of attendees of a component.
    pub max_attendees_per_instance: usize,
    /// `CALDAV:max-instances`: the maximum number of instances that one object overrides or
    /// enumerates.
    pub max_instances: usize,
    /// The maximum number of bytes that one change of a meeting may write to the copies of all
    /// attendees together.
    pub max_delivery_bytes: usize,
    /// The maximum number of bytes that the replies of one delivery may write to the copies of the
    /// other attendees (RFC 6638 §4.2). Above this limit, the other attendees get the answers with
    /// the next update by the organizer.
    pub max_refresh_bytes: usize,
    /// The maximum length of the name of a resource or collection, in bytes of UTF-8.
    pub max_name_length: usize,
    /// `DAV:quota-not-exceeded` (RFC 4331): the maximum number of bytes that clients may store in
    /// one home; `None` for no limit.
    pub quota_bytes: Option<u64>,
    /// The number of bytes that one person may add to the journal at once. Used ones come back at
    /// the rate of [`Self::history_bytes_per_hour`].
    pub history_burst_bytes: u64,
    /// The number of used bytes of [`Self::history_burst_bytes`] that come back to a person in an
    /// hour; `None` for no limit at all.
    pub history_bytes_per_hour: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_resource_size_bytes: 1024 * 1024,
            max_attendees_per_instance: 2_000,
            max_instances: 10_000,
            max_delivery_bytes: 1024 * 1024 * 1024,
            max_refresh_bytes: 16 * 1024 * 1024,
            max_name_length: 1024,
            quota_bytes: None,
            history_burst_bytes: 128 * 1024 * 1024,
            history_bytes_per_hour: Some(64 * 1024 * 1024),
        }
    }
}
