//! Errors of the XML parser.
//!
//! **Invariant:** an error is one sentence with a line number. It quotes at most 160 characters of
//! the body.

/// The kind of an error. Each kind has one HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XmlErrorKind {
    /// The body is not well-formed XML, or uses namespaces wrongly.
    Malformed,
    /// The body is not in an accepted encoding, UTF-8 or UTF-16.
    Encoding,
    /// The body has a document type, which could define or fetch entities (RFC 4918 §20.6).
    DocumentType,
    /// The body, a name or a namespace is too long, or there are too many elements, attributes or
    /// namespaces.
    TooLarge,
    /// Elements are nested deeper than the limits allow.
    TooDeep,
}

/// The reason for which a body could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct XmlError {
    /// The kind of the error.
    pub kind: XmlErrorKind,
    /// The line of the error, counted from 1.
    pub line: usize,
    /// The reason for the error, as a sentence for people.
    pub why: String,
}
