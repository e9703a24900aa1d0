//! Request headers, each parsed into a type of its own.
//!
//! **Invariant:** a header that cannot be parsed is refused with 400 unless its RFC says to ignore
//! it. A write must not happen because its condition was not understood.

mod conditions;
mod depth;
mod destination;
mod if_header;
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
pub(crate) use origin::is_cross_site;
pub(crate) use prefer::Prefer;
pub(crate) use range::{RequestedRange, requested_range};
pub(crate) use schedule_reply::schedule_reply;
pub(crate) use timezones::Timezones;
pub(crate) use user_agent::user_agent;
pub(crate) use well_formed::check as check_well_formed;

/// A header that cannot be parsed; holds the explanation for the client.
#[derive(Debug)]
pub(crate) struct Invalid(pub Cow<'static, str>);

impl From<&'static str> for Invalid {
    fn from(why: &'static str) -> Self {
        Self(why.into())
    }
}
