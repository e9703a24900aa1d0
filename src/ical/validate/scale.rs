//! Rules of other calendars than the Gregorian (RFC 7529).
//!
//! **Invariant:** what is stored, can be expanded. A message is not refused: who sent it cannot be asked again, and of the series
//! its DTSTART is seen (RFC 7529 §6, the third way).

use super::invalid::Invalid;
use crate::rule::{Rule, RuleError};
use crate::text::{Component, Document};

/// RFC 7529 §10: whoever stores such a rule is told so, and not that something was wrong with it.
pub(super) fn judge(document: &Document) -> Result<(), Invalid> {
    for property in document.components().flat_map(Component::properties) {
        if !property.is("RRULE") && !property.is("EXRULE") {
            continue;
        }
        if let Err(error @ RuleError::Scale(_)) = Rule::parse(property.value()) {
            return Err(Invalid::property("rscale", property, error.to_string()).of_scale());
        }
    }
    Ok(())
}
