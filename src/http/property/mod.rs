//! Properties: one table from name to how it is computed, and what a request asks of it.
//!
//! **Invariant:** a property is either a row of the table (live) or kept exactly as it was set (dead); which it is
//! never depends on the resource.

mod access_control;
mod availability;
mod calendar;
mod change;
mod principal;
mod scheduling;
mod selection;
mod table;
mod webdav;

use dav::multistatus::PropStats;
use projections::ReadModels;
use service::Service;

pub(crate) use access_control::place;
pub(crate) use availability::availability;
pub(crate) use change::{Changes, Refused, Target};
pub(crate) use selection::Selection;
pub(crate) use table::live;

use crate::{auth::Person, node::Node};

/// What is needed to compute any property of any resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub person: &'a Person,
    pub service: &'a Service,
}

impl Context<'_> {
    pub(crate) fn models(&self) -> &ReadModels {
        self.service.models()
    }
}

/// Whether the resource has the property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    There,
    Absent,
    /// It has, but not for this person to see.
    Withheld,
}

/// Writes the property's element, if the resource has it.
type Show = fn(&Context<'_>, &Node<'_>, &mut PropStats<'_, '_>) -> Presence;
