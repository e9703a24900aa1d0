//! Writing of free-busy data: the response to a report (RFC 4791 §7.10) and the reply to a request
//! (RFC 6638 §5).

use super::{BusyPeriod, FreeBusyType};
use crate::time::{Instant, TimeRange};
use crate::{PRODID, Writer, time};
use chrono::{Datelike, Timelike};

/// Maximum number of periods in one FREEBUSY line, so that lines stay short for clients.
const PERIODS_A_LINE: usize = 100;

/// The parts of a free-busy request that the reply repeats unchanged.
#[derive(Debug, Clone)]
pub struct ReplyLines<'a> {
    /// The UID of the request, with escapes.
    pub uid: &'a str,
    /// The unfolded `ORGANIZER` line of the request.
    pub organizer: &'a str,
    /// The unfolded `ATTENDEE` line of the request.
    pub attendee: &'a str,
}

/// Returns the response to a free-busy report as text. `now`, in seconds since the epoch, becomes
/// its DTSTAMP.
pub fn report(periods: &[BusyPeriod], range: TimeRange, now: Instant) -> String {
    let mut writer = begin(None);
    // RFC 5545 §3.6.4 requires a UID. Responses for the same range have the same UID.
    let [start, end] = [range.start, range.end].map(|end| end.map_or_else(String::new, utc));
    writer.begin("VFREEBUSY").property(&format!("UID:free-busy-{start}-{end}"));
    writer.property(&format!("DTSTAMP:{}", utc(now)));
    write(&mut writer, periods, range);
    writer.end().end().finish()
}

/// Returns the `VFREEBUSY` reply for one attendee as text (RFC 5546 §3.3.3). `now`, in seconds
/// since the epoch, becomes its DTSTAMP.
pub fn reply(periods: &[BusyPeriod], range: TimeRange, now: Instant, answer: &ReplyLines<'_>) -> String {
    let mut writer = begin(Some("METHOD:REPLY"));
    writer.begin("VFREEBUSY").property(&format!("UID:{}", answer.uid)).property(&format!("DTSTAMP:{}", utc(now)));
    writer.property(answer.organizer).property(answer.attendee);
    write(&mut writer, periods, range);
    writer.end().end().finish()
}

fn begin(method: Option<&str>) -> Writer {
    let mut writer = Writer::new();
    writer.begin("VCALENDAR").property("VERSION:2.0").property(&format!("PRODID:{PRODID}"));
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
    for kind in [FreeBusyType::Busy, FreeBusyType::Unavailable, FreeBusyType::Tentative] {
        let own: Vec<_> = periods.iter().filter(|period| period.kind == kind).collect();
        for list in own.chunks(PERIODS_A_LINE) {
            let mut line = format!("FREEBUSY;FBTYPE={}", kind.as_str());
            for (period, separator) in list.iter().zip(std::iter::once(':').chain(std::iter::repeat(','))) {
                line.push(separator);
                push_utc(&mut line, period.start);
                line.push('/');
                push_utc(&mut line, period.end);
            }
            writer.property(&line);
        }
    }
}

fn utc(instant: Instant) -> String {
    let mut text = String::new();
    push_utc(&mut text, instant);
    text
}

/// Appends an instant as a DATE-TIME in UTC. It is written digit by digit for speed, because a
/// response for many users has thousands of them.
fn push_utc(text: &mut String, instant: Instant) {
    let at = time::local(instant);
    let year = at.year().unsigned_abs();
    push_pairs(text, [year / 100, year % 100, at.month(), at.day()]);
    text.push('T');
    push_pairs(text, [at.hour(), at.minute(), at.second()]);
    text.push('Z');
}

/// Appends numbers below 100, with two digits each.
fn push_pairs<const COUNT: usize>(text: &mut String, numbers: [u32; COUNT]) {
    let digits = numbers.into_iter().flat_map(|number| [number / 10 % 10, number % 10]);
    text.extend(digits.filter_map(|digit| char::from_digit(digit, 10)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::DateTime;

    #[test]
    fn an_instant_is_written_as_a_value_in_utc() {
        for instant in [time::FIRST_CIVIL, -1, 0, 1_767_787_261, time::LAST_CIVIL] {
            assert_eq!(utc(instant), DateTime::Utc(time::local(instant)).to_string());
        }
    }
}
