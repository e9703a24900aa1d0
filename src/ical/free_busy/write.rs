//! Free-busy as text: the answer to a report (RFC 4791 §7.10) and to a request for free-busy (RFC 6638 §5).

use super::{BusyPeriod, Kind};
use crate::time::{Instant, TimeRange};
use crate::value::DateTime;
use crate::{Writer, time};

const PRODID: &str = "PRODID:-//Daybook//Daybook//EN";

/// So that no line gets too long for its reader.
const PERIODS_A_LINE: usize = 100;

/// Whom a reply is about, and to what: content lines of the request, as they were written.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    pub uid: &'a str,
    /// The whole `ORGANIZER` line of the request.
    pub organizer: &'a str,
    /// The whole `ATTENDEE` line of the request.
    pub attendee: &'a str,
}

/// The body of a free-busy report.
pub fn report(periods: &[BusyPeriod], range: TimeRange, now: Instant) -> String {
    let mut writer = begin(None);
    // RFC 5545 §3.6.4 requires a UID; the same question has the same.
    let [start, end] = [range.start, range.end].map(|end| end.map_or_else(String::new, utc));
    writer.begin("VFREEBUSY").property(&format!("UID:free-busy-{start}-{end}"));
    writer.property(&format!("DTSTAMP:{}", utc(now)));
    write(&mut writer, periods, range);
    writer.end().end().finish()
}

/// The `VFREEBUSY` reply for one attendee (RFC 5546 §3.3.3).
pub fn reply(periods: &[BusyPeriod], range: TimeRange, now: Instant, answer: &Answer<'_>) -> String {
    let mut writer = begin(Some("METHOD:REPLY"));
    writer.begin("VFREEBUSY").property(&format!("UID:{}", answer.uid)).property(&format!("DTSTAMP:{}", utc(now)));
    writer.property(answer.organizer).property(answer.attendee);
    write(&mut writer, periods, range);
    writer.end().end().finish()
}

fn begin(method: Option<&str>) -> Writer {
    let mut writer = Writer::new();
    writer.begin("VCALENDAR").property("VERSION:2.0").property(PRODID);
    if let Some(method) = method {
        writer.property(method);
    }
    writer
}

fn write(writer: &mut Writer, periods: &[BusyPeriod], range: TimeRange) {
    for (name, instant) in [("DTSTART", range.start), ("DTEND", range.end)] {
        if let Some(instant) = instant {
            writer.property(&format!("{name}:{}", utc(instant)));
        }
    }
    for kind in [Kind::Busy, Kind::Unavailable, Kind::Tentative] {
        let own = periods.iter().filter(|period| period.kind == kind);
        let own: Vec<_> = own.map(|period| format!("{}/{}", utc(period.start), utc(period.end))).collect();
        for list in own.chunks(PERIODS_A_LINE) {
            writer.property(&format!("FREEBUSY;FBTYPE={}:{}", kind.as_str(), list.join(",")));
        }
    }
}

fn utc(instant: Instant) -> String {
    DateTime::Utc(time::local(instant)).to_string()
}
