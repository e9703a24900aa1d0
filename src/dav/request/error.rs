//! Errors of request bodies.
//!
//! **Invariant:** every error has one status, and a condition if an RFC defines one.

use crate::{
    error::Condition,
    name::QName,
    status::Status,
    xml::{Element, XmlError, XmlErrorKind},
};

/// Why a request body was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The body is not XML, or more than the limits allow.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// The XML is not a body of this method.
    #[error("line {line}: `{element}`: {why}")]
    Invalid {
        /// The wrong element.
        element: QName,
        /// Its line, counted from 1.
        line: usize,
        /// A sentence for people.
        why: String,
    },
    /// The body fails a precondition.
    #[error("line {line}: `{element}`: {why}")]
    Refused {
        /// The precondition.
        condition: Condition,
        /// The element that fails it.
        element: QName,
        /// Its line, counted from 1.
        line: usize,
        /// A sentence for people.
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

    /// Returns the status of the response.
    pub fn status(&self) -> Status {
        match self {
            Self::Xml(error) => match error.kind {
                XmlErrorKind::Malformed | XmlErrorKind::Encoding => Status::BAD_REQUEST,
                XmlErrorKind::DocumentType => Status::FORBIDDEN,
                XmlErrorKind::TooLarge | XmlErrorKind::TooDeep => Status::CONTENT_TOO_LARGE,
            },
            Self::Invalid { .. } => Status::BAD_REQUEST,
            Self::Refused { .. } => Status::FORBIDDEN,
        }
    }

    /// Returns the condition of the response; `None` if no RFC defines one.
    pub fn condition(&self) -> Option<Condition> {
        match self {
            Self::Xml(error) => match error.kind {
                // RFC 4918 §16: external entities are declared in a document type.
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
