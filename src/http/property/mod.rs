//! Properties: the table of live properties, and the selection of properties that a request asks
//! for.
//!
//! **Invariant:** a property with a row in the table is live. Every other property except
//! `CALDAV:calendar-data` is dead, and is returned as it was stored. This is the same on all
//! resources.

mod access_control;
mod availability;
mod calendar;
mod change;
mod delegates;
mod principal;
mod scheduling;
mod selection;
mod sharing;
mod table;
mod webdav;

use dav::multistatus::PropStats;
use projections::ReadModels;
use service::Service;

pub use availability::availability;
pub(crate) use change::{ChangeTarget, Changes, Outcome, PropertyRefusal};
pub(crate) use selection::Selection;
pub(crate) use sharing::{Invitation, notice_name, reply_name};
pub(crate) use webdav::changed;

use crate::{call::Call, person::Person, reader::Reader, resource::ResourceView};

/// The data that a live property is computed from, besides the resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub person: &'a Person,
    pub service: &'a Service,
    /// True for a response below `/asof/`, whose hrefs are rewritten.
    pub is_past: bool,
}

impl<'a> Context<'a> {
    pub(crate) fn of(call: &'a Call) -> Self {
        Self { person: &call.person, service: call.service(), is_past: call.when.is_some() }
    }

    pub(crate) fn of_reader(reader: &'a Reader) -> Self {
        Self { person: &reader.person, service: &reader.service, is_past: reader.when.is_some() }
    }

    pub(crate) fn models(&self) -> &ReadModels {
        self.service.models()
    }
}

/// The result of looking for a property on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Present,
    Absent,
    /// The resource has the property, but the caller may not read it.
    Withheld,
}

/// A function that writes a live property, if the resource has the property.
type Show = fn(&Context<'_>, &ResourceView<'_>, &mut PropStats<'_, '_>) -> Presence;
