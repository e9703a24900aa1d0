//! Errors of request bodies.
//!
//! **Invariant:** every error has one HTTP status, and has a condition if an RFC defines one.

use crate::{
    error::Condition,
    name::QName,
    status::Status,
    xml::{Element, XmlError, XmlErrorKind},
};

/// The reason for which a request body is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The body is not well-formed XML, uses namespaces wrongly, has a document type, is neither
    /// UTF-8 nor UTF-16, declares another encoding, or exceeds the limits.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// The XML is not a valid body for this method.
    #[error("line {line}: `{element}`: {why}")]
    Invalid {
        /// The name of the faulty element.
        element: QName,
        /// The line of the faulty element, counted from 1.
        line: usize,
        /// The reason for the refusal, as a sentence for people.
        why: String,
    },
    /// The body fails a precondition.
    #[error("line {line}: `{element}`: {why}")]
    Refused {
        /// The precondition that the body fails.
        condition: Condition,
        /// The name of the element that fails the precondition.
        element: QName,
        /// The line of the element, counted from 1.
        line: usize,
        /// The reason for the refusal, as a sentence for people.
        why: String,
    },
}

impl RequestError {
    pub(crate) fn invalid(element: &Element, why: impl Into<String>) -> Self {
        Self::Invalid { element: element.name.clone(), line: element.line, why: why.into() }
    }

    pub(crate) fn refused(condition: Condition, element: &Element, why: impl Into<String>) -> Self {
        Self::Refused { condition, element: element.name.clone(), line: element.line, why: why.into() }
    }

    /// Returns the HTTP status of the response to the body.
    pub fn status(&self) -> Status {
        match self {
            Self::Xml(error) => match error.kind {
                XmlErrorKind::Malformed | XmlErrorKind::Encoding => Status::BAD_REQUEST,
                // RFC 4918 §16: 403 is the status for the condition `DAV:no-external-entities`.
                XmlErrorKind::DocumentType => Status::FORBIDDEN,
                XmlErrorKind::TooLarge | XmlErrorKind::TooDeep => Status::CONTENT_TOO_LARGE,
            },
            Self::Invalid { .. } => Status::BAD_REQUEST,
            Self::Refused { .. } => Status::FORBIDDEN,
        }
    }

    /// Returns the condition for the response: that of a refused body, or `no-external-entities`
    /// for a document type; `None` for all other errors.
    pub fn condition(&self) -> Option<Condition> {
        match self {
            Self::Xml(error) => match error.kind {
                // External entities are declared in a document type (RFC 4918 §20.6). This server
                // accepts none, whatever it declares.
                XmlErrorKind::DocumentType => Some(Condition::NoExternalEntities),
                XmlErrorKind::Malformed | XmlErrorKind::Encoding | XmlErrorKind::TooLarge | XmlErrorKind::TooDeep => {
                    None
                }
            },
            Self::Invalid { .. } => None,
            Self::Refused { condition, .. } => Some(*condition),
        }
    }
}
