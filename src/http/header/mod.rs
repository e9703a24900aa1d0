//! Parses request headers.
//!
//! **Invariant:** the server refuses a request with 400 if it needs one of these headers and cannot
//! parse it, unless the header's RFC says to ignore it. If it ignored a malformed condition, a
//! write could happen although the condition is false.

mod conditions;
mod depth;
mod destination;
mod if_header;
mod names;
mod origin;
mod prefer;
mod range;
mod schedule_reply;
mod timezones;
mod user_agent;
mod well_formed;

use std::borrow::Cow;

pub(crate) use conditions::{Comparison, as_sent, date, require, tags, variant_tag};
pub(crate) use depth::Depth;
pub(crate) use destination::{Destination, destination, overwrite};
pub(crate) use if_header::{State, StateList, state_lists};
pub(crate) use names::{IF, PREFER, PREFERENCE_APPLIED};
pub(crate) use origin::is_cross_site;
pub(crate) use prefer::Prefer;
pub(crate) use range::{RequestedRange, requested_range};
pub(crate) use schedule_reply::schedule_reply;
pub(crate) use timezones::Timezones;
pub(crate) use user_agent::user_agent;
pub(crate) use well_formed::check as check_well_formed;

/// The error for a header that cannot be parsed. It holds the explanation for the client.
#[derive(Debug)]
pub(crate) struct Invalid(pub Cow<'static, str>);

impl From<&'static str> for Invalid {
    fn from(why: &'static str) -> Self {
        Self(why.into())
    }
}
