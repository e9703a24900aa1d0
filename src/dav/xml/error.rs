//! Errors of the XML parser.
//!
//! **Invariant:** an error is one sentence with a line number. It quotes at most a name from the
//! body.

/// The kind of an error; each kind has one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XmlErrorKind {
    /// Not well-formed, or not well-formed with regard to namespaces.
    Malformed,
    /// Not UTF-8.
    Encoding,
    /// A document type: it could define or fetch entities (RFC 4918 §20.6).
    DocumentType,
    /// More bytes, elements or namespaces than the limits allow.
    TooLarge,
    /// Elements nested deeper than the limits allow.
    TooDeep,
}

/// Why a body could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct XmlError {
    /// Its kind.
    pub kind: XmlErrorKind,
    /// The line, counted from 1.
    pub line: usize,
    /// A sentence for people.
    pub why: String,
}
