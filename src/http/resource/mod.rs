//! Resources: their paths and kinds, their lookup, the privileges on them, and their
//! representations.
//!
//! **Invariant:** only this module parses the paths of resources, and only this module evaluates
//! privileges.

pub(crate) mod access;
pub(crate) mod href;
mod kind;
mod lookup;
pub(crate) mod marked;
mod path;
pub(crate) mod privileges;
mod report;
pub(crate) mod representation;
mod right;
mod scheduling_policy;
pub(crate) mod sync_token;
mod view;

pub(crate) use access::Access;
pub(crate) use kind::Kind;
pub(crate) use lookup::Lookup;
pub(crate) use path::{AS_REQUESTED, BEFORE_HREF, NO_COLLECTION_NAME, Path};
pub(crate) use report::{Report, supported_reports, with_objects};
pub use scheduling_policy::inbox_policy;
pub(crate) use view::{Resource, ResourceView};
