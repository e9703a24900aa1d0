//! Why a request body is refused.
//!
//! **Invariant:** every refusal has one status, and a condition where an RFC has one for it.

use crate::{
    error::Condition,
    name::QName,
    status::Status,
    xml::{Element, XmlError, XmlErrorKind},
};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No XML we read.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// XML, but not what this method takes.
    #[error("line {line}: `{element}`: {why}")]
    Invalid { element: QName, line: usize, why: String },
    /// What it asks for is refused by a precondition.
    #[error("line {line}: `{element}`: {why}")]
    Refused { condition: Condition, element: QName, line: usize, why: String },
}

impl RequestError {
    pub(crate) fn invalid(element: &Element, why: impl Into<String>) -> Self {
        Self::Invalid { element: element.name.clone(), line: element.line, why: why.into() }
    }

    pub(crate) fn refused(condition: Condition, element: &Element, why: impl Into<String>) -> Self {
        Self::Refused { condition, element: element.name.clone(), line: element.line, why: why.into() }
    }

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

    pub fn condition(&self) -> Option<Condition> {
        match self {
            Self::Xml(error) => match error.kind {
                // RFC 4918 §16: a document type is where external entities come from.
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
