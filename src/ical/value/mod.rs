//! Values of properties, decoded on demand (RFC 5545 §3.3).
//!
//! **Invariant:** a value holds only information from its property. A TZID stays a name, because
//! the document decides which zone it means. All numbers are bounded, so that arithmetic on values
//! cannot overflow.

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

/// Parses a number of one to nine digits; the length is bounded so that it cannot overflow. Returns
/// `None` for any other text.
fn digits(text: &str) -> Option<i64> {
    let fits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.bytes().fold(0, |number, byte| number * 10 + i64::from(byte - b'0')))
}

/// Parses the octets `range` of the text like [`digits`]. Returns `None` if the text has no such
/// octets, or they are not one to nine digits.
fn digits_at(text: &str, range: std::ops::Range<usize>) -> Option<u32> {
    digits(text.get(range)?).and_then(|number| u32::try_from(number).ok())
}
