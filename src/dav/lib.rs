//! WebDAV and CalDAV XML: request bodies, properties, filters, conditions.
//!
//! **Invariant:** pure. Bytes become data and data becomes bytes; nothing here knows a resource, a user, a clock
//! or a status that was not handed in. Nothing a client sends makes it panic, recurse without bound or grow
//! beyond a named limit.

pub mod name;
pub mod property;
pub mod xml;

pub use name::QName;
pub use xml::Element;
