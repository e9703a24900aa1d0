//! WebDAV and CalDAV XML: request bodies, properties, filters, conditions.
//!
//! | task | entry point |
//! |---|---|
//! | parse the body of a request | [`request::propfind`], [`request::report`], [`request::acl`], … |
//! | write the body of a response | [`MultiStatus`], [`error::body`], [`value`] |
//! | parse and print hrefs | [`href::Href`], [`href::Path`] |
//! | evaluate an access control list | [`Evaluation`] |
//! | parse and write XML | [`xml::parse`], [`xml::Writer`] |
//!
//! **Invariant:** the crate is pure: resources, users, times and statuses are arguments. No input
//! makes it panic, and for every input, recursion and memory are bounded by the limits.

#![warn(missing_docs)]

pub mod error;
pub mod href;
pub mod multistatus;
pub mod name;
pub mod privilege;
pub mod property;
pub mod request;
pub mod schedule_response;
pub mod setting;
pub mod sharing;
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
