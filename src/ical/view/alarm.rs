//! VALARM (RFC 5545 §3.6.6, RFC 9074).

use super::view;
use crate::value::{DateTime, Duration};

view! {
    /// An alarm of an event or a task.
    Alarm, "VALARM"
}

/// When an alarm first rings (RFC 5545 §3.8.6.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    At(DateTime),
    /// So long after the start; before it, where the duration is negative.
    FromStart(Duration),
    /// So long after the end.
    FromEnd(Duration),
}

/// How an alarm rings again (RFC 5545 §3.8.6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// Besides the first time; at least once.
    pub times: u32,
    /// Longer than nothing.
    pub every: Duration,
}

impl<'a> Alarm<'a> {
    /// `AUDIO`, `DISPLAY`, `EMAIL`, or what else somebody made up.
    pub fn action(self) -> Option<&'a str> {
        self.component().property("ACTION").map(|action| action.value().trim())
    }

    pub fn trigger(self) -> Option<Trigger> {
        let trigger = self.property("TRIGGER")?;
        if let Ok(time) = trigger.date_time() {
            return Some(Trigger::At(time));
        }
        let offset = trigger.duration().ok()?;
        let from_end = trigger.param("RELATED").is_some_and(|related| related.eq_ignore_ascii_case("END"));
        Some(if from_end { Trigger::FromEnd(offset) } else { Trigger::FromStart(offset) })
    }

    /// Nothing where it rings once.
    pub fn repeat(self) -> Option<Repeat> {
        let times = u32::try_from(self.integer("REPEAT")?).ok().filter(|times| *times > 0)?;
        let every = self.duration().filter(|every| every.nominal_seconds() > 0)?;
        Some(Repeat { times, every })
    }

    /// When somebody last said that he has seen it (RFC 9074 §6).
    pub fn acknowledged(self) -> Option<DateTime> {
        self.date_time("ACKNOWLEDGED")
    }
}
