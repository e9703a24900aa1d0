//! Checks of recurrence rules for calendars other than the Gregorian (RFC 7529).
//!
//! **Invariant:** an object that a client stores has no rule for another calendar. A scheduling
//! message with such a rule is accepted, because its sender cannot be asked again; the rule then
//! generates nothing (RFC 7529 §6, third option).

use super::invalid::Invalid;
use crate::rule::{Rule, RuleError};
use crate::text::{Component, Document};

/// Returns an error for a rule with an unsupported RSCALE, which has a precondition of its own (RFC
/// 7529 §10).
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
