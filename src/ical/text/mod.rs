//! Lossless iCalendar text: the client's bytes, a table of lines, and a tree of components.
//!
//! **Invariant:** `Document::parse(x)?.as_str() == x`, and an [`Edit`] changes only the lines it
//! names. This module does not interpret properties; modules `value` and `validate` do. Parsing
//! takes linear time and does not recurse.

mod caseless;
mod component;
mod content_line;
pub(crate) mod controls;
mod document;
mod edit;
mod error;
mod escape;
mod fold;
pub mod limits;
mod lines;
mod param;
mod parse;
mod property;
pub(crate) mod quotes;
mod splice;
mod table;
pub(crate) mod tail;
pub(crate) mod utf8;
mod writer;

#[cfg(test)]
mod laws;

pub use caseless::caseless;
pub use component::{Component, ComponentId};
pub use document::Document;
pub use edit::Edit;
pub use error::{Cause, SyntaxError};
pub use escape::{escape_text, quote_param, unescape_text};
pub use param::Param;
pub use property::{Property, PropertyId};
pub use utf8::is_utf16;
pub use writer::Writer;
