//! WebDAV and CalDAV XML: request bodies, properties, filters, conditions.
//!
//! **Invariant:** pure. Bytes become data and data becomes bytes; nothing here knows a resource, a user, a clock
//! or a status that was not handed in. Nothing a client sends makes it panic, recurse without bound or grow
//! beyond a named limit.

pub mod error;
pub mod href;
pub mod multistatus;
pub mod name;
pub mod privilege;
pub mod property;
pub mod request;
pub mod schedule_response;
pub mod setting;
pub mod status;
pub mod time;
pub mod value;
pub mod xml;

pub use error::Condition;
pub use multistatus::{Detail, MultiStatus};
pub use name::QName;
pub use privilege::{Evaluation, Privilege, PrivilegeSet};
pub use status::Status;
pub use xml::Element;
