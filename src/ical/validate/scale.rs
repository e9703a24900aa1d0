//! Recurrence rules of other calendars than the Gregorian (RFC 7529).
//!
//! **Invariant:** every stored rule can be expanded. A message is not refused, because its sender
//! cannot be asked again; its series shows DTSTART only (RFC 7529 §6, third option).

use super::invalid::Invalid;
use crate::rule::{Rule, RuleError};
use crate::text::{Component, Document};

/// RFC 7529 §10: such a rule has a precondition of its own.
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
