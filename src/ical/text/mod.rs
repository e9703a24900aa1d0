//! iCalendar text, lossless: the client's bytes, a table of its lines, a tree of its components.
//!
//! **Invariant:** `Document::parse(x)?.as_str() == x`, and an [`Edit`] changes the lines it names and no other. Nothing here
//! knows what a property means: that is `value` and `validate`. Parsing is linear in the input and never recurses.

mod component;
mod content_line;
mod document;
mod edit;
mod error;
mod escape;
mod fold;
pub mod limits;
mod lines;
mod mend;
mod param;
mod parse;
mod property;
mod table;
mod writer;

#[cfg(test)]
mod laws;

pub use component::{Component, ComponentId};
pub use document::Document;
pub use edit::Edit;
pub use error::{Cause, SyntaxError};
pub use escape::{escape_text, quote_param, unescape_text};
pub use param::Param;
pub use property::{Property, PropertyId};
pub use writer::Writer;
