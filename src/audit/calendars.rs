//! The calendars of a meeting: when the meeting was in which calendar, with whom the calendar was
//! shared, and what was done to it.

mod membership;
mod offers;
mod words;

pub(crate) use membership::Membership;
pub(crate) use offers::{Offer, Offers, Standing};
pub(crate) use words::{deed, details, is_shown_by_a_share, is_titled, people};
