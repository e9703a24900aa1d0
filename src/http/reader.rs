//! The part of a request that another thread needs to evaluate it.

use std::sync::Arc;

use dav::Detail;
use service::Service;

use crate::{
    person::Person,
    resource::{Access, Lookup, Path},
};

/// The parts of a request that another thread needs to evaluate it.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub service: Arc<Service>,
    pub person: Person,
    pub path: Path,
    /// The position or time in a path below `/asof/`, decoded; `None` for a request about the
    /// present.
    pub when: Option<String>,
    /// The detail of a multistatus that the client wants: full or minimal (`Prefer:
    /// return=minimal`).
    pub detail: Detail,
}

impl Reader {
    pub(crate) fn access(&self) -> Access<'_> {
        let lookup = Lookup { person: &self.person, directory: &self.person.directory, models: self.service.models() };
        Access { person: &self.person, lookup }
    }
}
