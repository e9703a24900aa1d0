//! Values of properties, decoded on demand (RFC 5545 §3.3).
//!
//! **Invariant:** a value contains only what its text states. A TZID stays a name, because its zone
//! depends on the document. All numbers are bounded, so that arithmetic on values cannot overflow.

mod date_time;
mod duration;
mod error;
mod period;
mod property;
mod utc_offset;

pub use chrono::NaiveDate as Date;
pub use date_time::DateTime;
pub use duration::{Duration, MAX_DURATION_DAYS};
pub use error::ValueError;
pub use period::{Period, PeriodEnd};
pub use utc_offset::UtcOffset;

/// Reads a number of at most nine digits, so that it always fits.
fn digits(text: &str) -> Option<i64> {
    let fits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.bytes().fold(0, |number, byte| number * 10 + i64::from(byte - b'0')))
}

/// As [`digits`], for exactly these octets of the text.
fn digits_at(text: &str, range: std::ops::Range<usize>) -> Option<u32> {
    digits(text.get(range)?).and_then(|number| u32::try_from(number).ok())
}
