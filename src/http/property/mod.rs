//! Properties: the table of live ones, and the selection that a request asks for.
//!
//! **Invariant:** a property is either a row of the table (live), or returned exactly as it was set
//! (dead). This never depends on the resource.

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

/// Everything needed to compute a property.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub person: &'a Person,
    pub service: &'a Service,
}

impl<'a> Context<'a> {
    pub(crate) fn of(call: &'a Call) -> Self {
        Self { person: &call.person, service: call.service() }
    }

    pub(crate) fn of_reader(reader: &'a Reader) -> Self {
        Self { person: &reader.person, service: &reader.service }
    }

    pub(crate) fn models(&self) -> &ReadModels {
        self.service.models()
    }
}

/// Tells whether a resource has a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Present,
    Absent,
    /// The resource has it, but the caller may not read it.
    Withheld,
}

/// Writes the element of a property if the resource has it.
type Show = fn(&Context<'_>, &ResourceView<'_>, &mut PropStats<'_, '_>) -> Presence;
