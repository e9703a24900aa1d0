//! How the service behaves.

use std::{sync::Arc, time::Duration};

use calendar::Limits;
use vault::Vault;

use crate::{
    authority::Authorities,
    first_collections::FirstCalendars,
    free_busy::{self, ReadAvailability},
    scheduling_policy::{AllowAll, SchedulingPolicy},
    sharing::groups::{Announcer, Silent},
};

/// How the service behaves; every value has a default that is right for a small company.
#[derive(Debug, Clone)]
pub struct Settings {
    pub limits: Limits,
    /// How long a request waits for the read models before it answers 503.
    pub read_models_wait: Duration,
    /// How long a request waits for local deliveries; the rest goes on in the background.
    pub delivery_wait: Duration,
    /// Recipients served in one group of appends.
    pub delivery_batch: usize,
    /// Rounds of deliveries in a row: an invitation, automatic answers, the refresh of the others,
    /// and some to spare. What is left then is redelivered.
    pub delivery_rounds: usize,
    /// How long a message may be under way before it is redelivered.
    pub redelivery_delay: Duration,
    /// How long answers are gathered before the other attendees' copies are refreshed, unless one
    /// is read or changed.
    pub refresh_delay: Duration,
    /// How long the notification that a copy was removed is delayed, so that its client can move it
    /// by storing it elsewhere afterwards; zero if several servers deliver.
    pub removal_delay: Duration,
    /// How long events are gathered for the read models that only questions about the past read.
    pub past_delay: Duration,
    /// Age at which inbox items are removed; `None`: clients remove them.
    pub inbox_age: Option<Duration>,
    /// File that the outbox is kept in; `None`: the whole journal is read at each start.
    pub outbox: Option<std::path::PathBuf>,
    /// How people see the first calendars of a new account.
    pub first_calendars: FirstCalendars,
    /// Decides who may schedule with whom.
    pub scheduling_policy: Arc<dyn SchedulingPolicy>,
    /// Reads when the owner of an inbox is available.
    pub availability: ReadAvailability,
    /// Writes messages about calendars that are shared with groups.
    pub announcer: Arc<dyn Announcer>,
    /// Keeps the hashes of passwords.
    pub vault: Arc<dyn Vault>,
    /// Checks the passwords that are kept elsewhere.
    pub authority: Authorities,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            read_models_wait: Duration::from_secs(2),
            delivery_wait: Duration::from_secs(2),
            delivery_batch: 100,
            delivery_rounds: 8,
            redelivery_delay: Duration::from_secs(30),
            refresh_delay: Duration::from_secs(10),
            removal_delay: Duration::from_secs(10),
            past_delay: Duration::from_millis(500),
            inbox_age: None,
            outbox: None,
            first_calendars: FirstCalendars::default(),
            scheduling_policy: Arc::new(AllowAll),
            availability: free_busy::no_availability,
            announcer: Arc::new(Silent),
            vault: Arc::new(vault::Memory::new()),
            authority: Authorities::default(),
        }
    }
}
