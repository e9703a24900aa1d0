//! Why a body is no XML we read, and where.
//!
//! **Invariant:** one sentence with a line; never a piece of the body longer than a name.

/// What kind of refusal it is; the rim maps each to one status.
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

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct XmlError {
    pub kind: XmlErrorKind,
    /// Counted from 1.
    pub line: usize,
    pub why: String,
}
