//! The calendars of a meeting: when it was in them, to whom they were shared, and what was done to
//! them.

mod membership;
mod offers;
mod words;

pub(crate) use membership::Membership;
pub(crate) use offers::{Offer, Offers, Standing};
pub(crate) use words::{deed, details, is_shown_by_a_share, is_titled, people};
