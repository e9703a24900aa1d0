//! Why a text is no iCalendar document, and where.
//!
//! **Invariant:** every error names its line; the sentence it displays is meant for the person who has to mend the client.

use super::limits::{MAX_DOCUMENT_BYTES, MAX_LINE_BYTES, MAX_NESTING, MAX_PARAMS};

/// The first fault of a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}{}: {cause}", inside(path))]
pub struct SyntaxError {
    /// The physical line, from 1, on which the content line begins.
    pub line: usize,
    /// The octet, from 1, in the unfolded content line.
    pub column: usize,
    /// The components open at that line, as `VCALENDAR/VEVENT`; empty outside.
    pub path: String,
    /// What is wrong.
    pub cause: Cause,
}

fn inside(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(", in {path}") }
}

/// What can be wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    #[error("the text is not UTF-8")]
    NotUtf8,
    #[error("the document is longer than {MAX_DOCUMENT_BYTES} octets")]
    DocumentTooLong,
    #[error("the line is longer than {MAX_LINE_BYTES} octets")]
    LineTooLong,
    #[error("control character U+{0:04X}")]
    ControlCharacter(u8),
    #[error("the line has no colon")]
    NoColon,
    #[error("the line does not begin with a property name")]
    InvalidName,
    #[error("more than {MAX_PARAMS} parameters")]
    TooManyParams,
    #[error("the parameter has no name")]
    InvalidParamName,
    #[error("the parameter has no value")]
    ParamWithoutValue,
    #[error("the quotation mark is never closed")]
    UnclosedQuote,
    #[error("a quotation mark inside a parameter value")]
    MisplacedQuote,
    #[error("there is no VCALENDAR")]
    NoCalendar,
    #[error("text outside of VCALENDAR")]
    OutsideCalendar,
    #[error("a second VCALENDAR")]
    SecondCalendar,
    #[error("BEGIN and END need the name of a component")]
    InvalidComponentName,
    #[error("components are nested more than {MAX_NESTING} deep")]
    TooDeep,
    #[error("END:{found} where END:{expected} was expected")]
    WrongEnd { expected: String, found: String },
    #[error("the component is never closed")]
    Unclosed,
}
