//! Settings of the service.

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

/// Settings of the service, with a default for every value.
#[derive(Debug, Clone)]
pub struct Settings {
    pub limits: Limits,
    /// Maximum time of one wait for the read models. After it the request is answered with 503, or
    /// with 507 if their disk is full.
    pub read_models_wait: Duration,
    /// Maximum time that a request waits for local deliveries. Unfinished ones continue in the
    /// background.
    pub delivery_wait: Duration,
    /// Maximum number of streams that deliveries change in one group of appends.
    pub delivery_batch: usize,
    /// Maximum number of rounds of deliveries in a row: for an invitation, automatic answers, the
    /// refresh of the other attendees' copies, and some in reserve. Messages that are left then are
    /// redelivered later.
    pub delivery_rounds: usize,
    /// Time after which an undelivered message is delivered again; it doubles with each failed
    /// attempt, at most seven times.
    pub redelivery_delay: Duration,
    /// Time for which attendees' answers are gathered before they are written into the other
    /// attendees' copies. A copy that is read or changed before is updated at once.
    pub refresh_delay: Duration,
    /// Delay of the notification that a client deleted a copy, so that the client can move the copy
    /// by storing it elsewhere after the deletion. It must be zero if several servers deliver.
    pub removal_delay: Duration,
    /// Time for which events are gathered for the read models of the history.
    pub past_delay: Duration,
    /// Age at which inbox items are removed; `None`: clients remove them.
    pub inbox_age: Option<Duration>,
    /// File of the outbox. `None`: the whole journal is read at each start.
    pub outbox: Option<std::path::PathBuf>,
    /// Names and colour of the first calendars of a new account.
    pub first_calendars: FirstCalendars,
    /// Decides who may send scheduling messages to whom.
    pub scheduling_policy: Arc<dyn SchedulingPolicy>,
    /// Returns the availability that is set on an inbox.
    pub availability: ReadAvailability,
    /// Writes notifications about calendars that are shared with groups.
    pub announcer: Arc<dyn Announcer>,
    /// Stores the hashes of passwords. The default is for services that keep no passwords, such as
    /// those of tests: it forgets them when the process ends. The program sets its vault.
    pub vault: Arc<dyn Vault>,
    /// Checks the passwords that an external authority keeps.
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
