//! Reading and writing XML, within limits.
//!
//! **Invariant:** what is read is well-formed, one root, without a document type, without processing
//! instructions, within [`Limits`]; what is written is well-formed and reads back as the same data.

mod chars;
mod element;
mod error;
mod reader;
mod writer;

pub use element::{Attribute, Element, Node};
pub use error::{XmlError, XmlErrorKind};
pub use reader::{Limits, parse};
pub use writer::Writer;

pub(crate) use writer::{escape_attribute, escape_text};

#[cfg(test)]
mod tests;
