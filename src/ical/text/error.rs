//! Syntax errors and their places.
//!
//! **Invariant:** every error names its line. The message is written for the person who repairs the
//! client.

use super::limits::{MAX_DOCUMENT_BYTES, MAX_LINE_BYTES, MAX_NESTING, MAX_PARAMS};

/// The first syntax error of a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}{}: {cause}", inside(path))]
pub struct SyntaxError {
    /// The number of the physical line, from 1, on which the faulty content line begins.
    pub line: usize,
    /// The position of the fault within the unfolded content line, in octets from 1. In octets that
    /// are not UTF-8, it is the position within the physical line.
    pub column: usize,
    /// The names of the components that enclose the line, as `VCALENDAR/VEVENT`; empty outside of
    /// any component.
    pub path: String,
    /// The kind of error.
    pub cause: Cause,
}

fn inside(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(", in {path}") }
}

/// A kind of syntax error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The octets are not UTF-8.
    #[error("the text is not valid UTF-8")]
    NotUtf8,
    /// The octets are UTF-16 or UTF-32.
    #[error("the text is UTF-16 or UTF-32; send UTF-8")]
    Utf16,
    /// The document has more than [`MAX_DOCUMENT_BYTES`] octets.
    #[error("the document is longer than {MAX_DOCUMENT_BYTES} octets")]
    DocumentTooLong,
    /// The line has more octets than [`MAX_LINE_BYTES`] and
    /// [`SPARE_LINE_BYTES`](super::limits::SPARE_LINE_BYTES) together.
    #[error("the line is longer than {MAX_LINE_BYTES} octets")]
    LineTooLong,
    /// The text contains a control character other than HTAB.
    #[error("control character U+{0:04X} is not allowed")]
    ControlCharacter(u8),
    /// The line has no colon after the name and the parameters.
    #[error("the line has no colon after its name and parameters")]
    NoColon,
    /// The name of the property is missing, or has a character that a property name may not
    /// contain.
    #[error("the line does not begin with a valid property name")]
    InvalidName,
    /// The property has more parameters than [`MAX_PARAMS`] and
    /// [`SPARE_PARAMS`](super::limits::SPARE_PARAMS) together.
    #[error("the property has more than {MAX_PARAMS} parameters")]
    TooManyParams,
    /// The line has a semicolon without a parameter name after it.
    #[error("the name of a parameter is missing after a semicolon")]
    InvalidParamName,
    /// The line has a parameter name without an equals sign after it.
    #[error("the parameter has no value; write NAME=value")]
    ParamWithoutValue,
    /// The line has a quoted parameter value without its closing quotation mark.
    #[error("the quotation mark is not closed")]
    UnclosedQuote,
    /// The line has a quotation mark inside a parameter value, where it does not enclose the whole
    /// value.
    #[error("a quotation mark inside a parameter value is not allowed; write ^' (RFC 6868)")]
    MisplacedQuote,
    /// The text has no component at all.
    #[error("the text contains no VCALENDAR")]
    NoCalendar,
    /// The text has a line or component outside the `VCALENDAR`.
    #[error("text outside VCALENDAR is not allowed")]
    OutsideCalendar,
    /// A component begins after the end of the `VCALENDAR`, such as a second one.
    #[error("a component after END:VCALENDAR is not allowed; send each VCALENDAR separately")]
    SecondCalendar,
    /// The line is a BEGIN or END whose value is not a component name.
    #[error("BEGIN and END require the name of a component")]
    InvalidComponentName,
    /// Components are nested deeper than [`MAX_NESTING`].
    #[error("components are nested more than {MAX_NESTING} levels deep")]
    TooDeep,
    /// The line is an END that names another component than the open one.
    #[error("END:{found} was found instead of END:{expected}")]
    WrongEnd {
        /// The name of the open component.
        expected: String,
        /// The name after END.
        found: String,
    },
    /// The text has a component whose END line is missing.
    #[error("the component has no END")]
    Unclosed,
}
