//! Parser and writer of XML, within limits.
//!
//! **Invariant:** a parsed document is well-formed, has no document type, and is within [`Limits`].
//! The writer escapes texts and attribute values, and leaves out characters that XML forbids.
//!
//! ```
//! use dav::xml::{Limits, parse};
//!
//! let root = parse(br#"<a xmlns="DAV:"><b lang="en">1 &lt; 2</b></a>"#, &Limits::default())?;
//! let child = root.dav("b").expect("the element `DAV:b`");
//! assert_eq!((child.text().as_ref(), child.attribute("lang")), ("1 < 2", Some("en")));
//! # Ok::<(), dav::xml::XmlError>(())
//! ```

mod chars;
mod element;
mod encoding;
mod error;
mod reader;
mod writer;

pub use element::{Attribute, Element, Node};
pub use error::{XmlError, XmlErrorKind};
pub use reader::{Limits, parse};
pub use writer::Writer;

pub(crate) use chars::{first_forbidden, is_nc_name};
pub(crate) use writer::{declare_prefixes, escape_attribute, escape_text};

#[cfg(test)]
mod tests;
