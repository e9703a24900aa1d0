//! The view of VALARM (RFC 5545 §3.6.6, RFC 9074).

use super::view;
use crate::value::{DateTime, Duration};

view! {
    /// An alarm of an event or a task.
    Alarm, "VALARM"
}

/// The first trigger of an alarm (RFC 5545 §3.8.6.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A trigger at a time.
    At(DateTime),
    /// A trigger at an offset from the start of the instance; negative before the start.
    FromStart(Duration),
    /// A trigger at an offset from the end of the instance; negative before the end.
    FromEnd(Duration),
}

/// The repetitions of an alarm (RFC 5545 §3.8.6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// The number of repetitions after the first trigger; at least 1.
    pub times: u32,
    /// The time between repetitions; greater than zero.
    pub every: Duration,
}

impl<'a> Alarm<'a> {
    /// Returns the alarm's ACTION: `AUDIO`, `DISPLAY`, `EMAIL`, or an extension; `None` if it is
    /// missing.
    pub fn action(self) -> Option<&'a str> {
        self.component().property("ACTION").map(|action| action.value().trim())
    }

    /// Returns the alarm's TRIGGER.
    ///
    /// Returns `None` if TRIGGER is missing or invalid.
    pub fn trigger(self) -> Option<Trigger> {
        let trigger = self.property("TRIGGER")?;
        if let Ok(time) = trigger.date_time() {
            return Some(Trigger::At(time));
        }
        let offset = trigger.duration().ok()?;
        let from_end = trigger.param("RELATED").is_some_and(|related| related.eq_ignore_ascii_case("END"));
        Some(if from_end { Trigger::FromEnd(offset) } else { Trigger::FromStart(offset) })
    }

    /// Returns the repetitions of the alarm.
    ///
    /// Returns `None` if the alarm triggers once: REPEAT or DURATION is missing, invalid or not
    /// positive.
    pub fn repeat(self) -> Option<Repeat> {
        let times = u32::try_from(self.integer("REPEAT")?).ok().filter(|times| *times > 0)?;
        let every = self.duration().filter(|every| every.nominal_seconds() > 0)?;
        Some(Repeat { times, every })
    }

    /// Returns the alarm's ACKNOWLEDGED, the time at which it was last acknowledged (RFC 9074
    /// §6.1); `None` if it is missing or invalid.
    pub fn acknowledged(self) -> Option<DateTime> {
        self.date_time("ACKNOWLEDGED")
    }
}
