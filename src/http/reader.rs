//! The data of a request that a thread needs to evaluate it.

use std::sync::Arc;

use dav::Detail;
use service::Service;

use crate::{
    person::Person,
    resource::{Access, Lookup, Path},
};

/// The part of a request that can be sent to another thread.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub service: Arc<Service>,
    pub person: Person,
    pub path: Path,
    /// The position or moment of the past that is asked about, decoded; `None`: the present.
    pub when: Option<String>,
    /// How much of a multistatus the client wants.
    pub detail: Detail,
}

impl Reader {
    pub(crate) fn access(&self) -> Access<'_> {
        let lookup = Lookup { person: &self.person, directory: &self.person.directory, models: self.service.models() };
        Access { person: &self.person, lookup }
    }
}
