//! The text forms of instants. An instant is the number of seconds since the epoch, in UTC.
//!
//! **Invariant:** the calendar is proleptic Gregorian, from year 0 to 9999. No function reads a
//! clock.

const DAY: i64 = 86_400;
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

struct Civil {
    year: i64,
    month: i64,
    day: i64,
    second_of_day: i64,
}

impl Civil {
    fn hms(&self) -> (i64, i64, i64) {
        (self.second_of_day / 3600, self.second_of_day / 60 % 60, self.second_of_day % 60)
    }
}

/// Parses an instant such as `20060104T000000Z` (RFC 4791 §9.9: "date with UTC time"), and returns
/// the seconds since the epoch. Returns `None` for any other form, and for a date or time that does
/// not exist. A leap second (60), at any minute, is read as the second after it.
pub fn parse_utc(text: &str) -> Option<i64> {
    let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
    if bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |from: usize, to: usize| {
        bytes[from..to]
            .iter()
            .try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
    };
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(days_from_civil(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
}

/// Writes an instant (seconds since the epoch) in the form `20060104T000000Z`.
pub fn utc(instant: i64) -> String {
    let civil = civil(instant);
    let (hour, minute, second) = civil.hms();
    format!("{:04}{:02}{:02}T{hour:02}{minute:02}{second:02}Z", civil.year, civil.month, civil.day)
}

/// Writes an instant (seconds since the epoch) in the form `2006-01-04T00:00:00Z` (RFC 3339), for
/// `DAV:creationdate`.
pub fn rfc3339(instant: i64) -> String {
    let civil = civil(instant);
    let (hour, minute, second) = civil.hms();
    format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", civil.year, civil.month, civil.day)
}

/// Writes an instant (seconds since the epoch) in the form `Wed, 04 Jan 2006 00:00:00 GMT` (RFC
/// 9110 §5.6.7), for `DAV:getlastmodified`.
pub fn http_date(instant: i64) -> String {
    let civil = civil(instant);
    let (hour, minute, second) = civil.hms();
    let weekday = pick(&WEEKDAYS, clamp(instant).div_euclid(DAY).rem_euclid(7));
    let month = pick(&MONTHS, civil.month - 1);
    format!("{weekday}, {:02} {month} {:04} {hour:02}:{minute:02}:{second:02} GMT", civil.day, civil.year)
}

fn pick(names: &[&'static str], index: i64) -> &'static str {
    usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or("")
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the number of days from 1970-01-01 to a date. The computation counts years from March,
/// so that the leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Moves an instant before year 0, or after year 9999, to the nearest second within these years,
/// because the text forms have four digits for the year.
fn clamp(instant: i64) -> i64 {
    instant.clamp(-62_167_219_200, 253_402_300_799)
}

fn civil(instant: i64) -> Civil {
    let instant = clamp(instant);
    let days = instant.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * shifted + 2) / 5 + 1,
        second_of_day: instant.rem_euclid(DAY),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn instants_are_written_as_the_protocol_wants_them() {
        for (instant, utc_text, http) in [
            (0, "19700101T000000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "19941106T084937Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "20000229T000000Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
            (-1, "19691231T235959Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
            (i64::MAX, "99991231T235959Z", "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(utc(instant), utc_text);
            assert_eq!(http_date(instant), http);
        }
        assert_eq!(rfc3339(784_111_777), "1994-11-06T08:49:37Z");
    }

    #[test]
    fn only_a_date_with_utc_time_is_one() {
        for text in [
            "",
            "20060104",
            "20060104T000000",
            "20060104T000000z",
            "2006-01-04T00:00:00Z",
            "20060230T000000Z",
            "20061301T000000Z",
            "20060104T240000Z",
            "20060104T006000Z",
            "20060104T000061Z",
            "+0060104T000000Z",
            "2006010äT00000Z",
            "20060100T000000Z",
        ] {
            assert_eq!(parse_utc(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(instant in -62_167_219_200_i64..=253_402_300_799) {
            prop_assert_eq!(parse_utc(&utc(instant)), Some(instant));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = parse_utc(&text);
        }
    }
}
