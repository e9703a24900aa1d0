//! The limits a calendar object must keep (RFC 4791 §5.2.5–5.2.9), each with a name and a refusal.

/// What the server accepts. Announced by the properties of the same names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `CALDAV:max-resource-size`.
    pub max_resource_size_bytes: usize,
    /// `CALDAV:max-attendees-per-instance`.
    pub max_attendees_per_instance: usize,
    /// `CALDAV:max-instances`: instances that one object overrides or gives a number of.
    pub max_instances: usize,
    /// Characters in the name of a resource or collection.
    pub max_name_length: usize,
    /// `DAV:quota-not-exceeded` (RFC 4331): what clients may store in one home; `None`: as much as they like.
    pub quota_bytes: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_resource_size_bytes: 1024 * 1024,
            max_attendees_per_instance: 2_000,
            max_instances: 10_000,
            max_name_length: 255,
            quota_bytes: None,
        }
    }
}
