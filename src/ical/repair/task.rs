//! Repair of the start and the due time of a task (RFC 5545 §3.6.2, §3.8.2.3).
//!
//! **Invariant:** the sent line is kept in a property with the prefix [`SENT`], so nothing is lost.
//! The instances of a series do not move.

use super::{Context, Repair, RepairKind};
use crate::text::{Component, Document, Edit, Property};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use chrono::NaiveTime;

/// Prefix of the name of a property that keeps a line as the client sent it, if the line is
/// repaired.
const SENT: &str = "X-DAYBOOK-SENT-";
/// The time of day for a due date that becomes a time. A task due on a date is due at the end of
/// that day.
const LAST_SECOND: Option<NaiveTime> = NaiveTime::from_hms_opt(23, 59, 59);

pub(super) fn repair(document: &Document, edit: &mut Edit<'_>, _: Context) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for task in document.root().components_named("VTODO") {
        let (Some(start), Some(due)) = (task.property("DTSTART"), task.property("DUE")) else { continue };
        let (Ok(from), Ok(until)) = (start.date_time(), due.date_time()) else { continue };
        let single = !task.recurs() && task.recurrence_id().is_none();
        match (from.is_date(), until.is_date()) {
            (false, true) => {
                let day = until.date().and_time(LAST_SECOND.unwrap_or_default());
                replace(task, due, &from.at(day), edit);
                repairs.push(Repair::property(RepairKind::MixedDateAndTime, task, "DUE"));
            }
            (true, false) if single => {
                replace(task, start, &until.at(from.local()), edit);
                repairs.push(Repair::property(RepairKind::MixedDateAndTime, task, "DTSTART"));
            }
            _ if single && is_before(document, &until, &from) => {
                replace(task, start, &until, edit);
                repairs.push(Repair::property(RepairKind::StartAfterDue, task, "DTSTART"));
            }
            _ => {}
        }
    }
    repairs
}

fn is_before(document: &Document, one: &DateTime, other: &DateTime) -> bool {
    let zones = Zones::of(document);
    zones.instant(one, &Zone::Utc) < zones.instant(other, &Zone::Utc)
}

/// Replaces the property's line by one with `time`, and keeps the sent line in another property.
fn replace(task: Component<'_>, property: Property<'_>, time: &DateTime, edit: &mut Edit<'_>) {
    let name = property.name().to_ascii_uppercase();
    let line = match time {
        DateTime::Date(_) => format!("{name};VALUE=DATE:{time}"),
        DateTime::Zoned(_, tzid) => format!("{name};TZID={}:{time}", crate::quote_param(tzid)),
        DateTime::Floating(_) | DateTime::Utc(_) => format!("{name}:{time}"),
    };
    edit.replace(property.id(), &line);
    let sent = property.content_line();
    edit.append_property(task.id(), &format!("{SENT}{name}{}", &sent[property.name().len()..]));
}
