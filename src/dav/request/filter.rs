//! The parser of `CALDAV:filter` (RFC 4791 §9.7).
//!
//! **Invariant:** an unknown element, or an unknown value of a known attribute, is an error,
//! because ignoring it would change the meaning of the filter. A filter has at most
//! [`MAX_FILTER_CONDITIONS`] conditions, because each is evaluated for every object.

use super::{MATCH_TYPES, RequestError, match_type, span::span};
use ical::query::{Collation, CompFilter, Filter, ParamFilter, PropFilter, TextMatch};

use crate::{error::Condition, name::CALDAV, xml::Element};

/// Maximum number of conditions of a filter: those on components, properties and parameters
/// together.
const MAX_FILTER_CONDITIONS: usize = 200;
/// Maximum depth of nested components. `VCALENDAR`, a component and its alarms are three levels;
/// one more is accepted.
const LEVELS: usize = 4;
/// `VCALENDAR`, and the components that can only occur directly in it (RFC 5545 §3.6, RFC 7953
/// §3.1). Other components, even unknown ones, may be nested.
const OUTERMOST: [&str; 7] = ["VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"];
/// The properties that may be filtered by a time range (RFC 4791 §9.9).
const TIMED_PROPERTIES: [&str; 7] = ["COMPLETED", "CREATED", "DTEND", "DTSTAMP", "DTSTART", "DUE", "LAST-MODIFIED"];
/// The components that may be filtered by a time range (RFC 4791 §9.9, RFC 7953 §7.2.2).
const TIMED_COMPONENTS: [&str; 6] = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM", "VAVAILABILITY"];

pub(super) fn filter(element: &Element) -> Result<Filter, RequestError> {
    let mut found = element.elements();
    let (Some(root), None) = (found.next(), found.next()) else {
        return Err(invalid(element, "the filter must contain exactly one `C:comp-filter`"));
    };
    if !root.is(CALDAV, "comp-filter") || name(root)? != "VCALENDAR" {
        return Err(invalid(root, "the outermost filter must be a `C:comp-filter` for `VCALENDAR`"));
    }
    let mut budget = MAX_FILTER_CONDITIONS;
    Ok(Filter { component: component(root, LEVELS, &mut budget)? })
}

fn component(element: &Element, levels: usize, budget: &mut usize) -> Result<CompFilter, RequestError> {
    spend(element, budget)?;
    if levels == 0 {
        return Err(invalid(element, format!("`C:comp-filter` elements are nested more than {LEVELS} levels deep")));
    }
    let mut filter = CompFilter {
        name: name(element)?,
        is_not_defined: is_not_defined(element)?,
        time_range: None,
        prop_filters: Vec::new(),
        comp_filters: Vec::new(),
    };
    for child in element.elements() {
        match child.name.pair() {
            (CALDAV, "is-not-defined") => {}
            (CALDAV, "comp-filter") if levels < LEVELS && OUTERMOST.contains(&name(child)?.as_str()) => {
                return Err(invalid(
                    child,
                    format!("`{}` cannot contain the component that this filter names", filter.name),
                ));
            }
            (CALDAV, "time-range") => {
                if !TIMED_COMPONENTS.contains(&filter.name.as_str()) {
                    return Err(invalid(child, format!("a time range cannot be applied to `{}`", filter.name)));
                }
                once(child, filter.time_range.replace(span(child)?).as_ref())?;
            }
            (CALDAV, "prop-filter") => filter.prop_filters.push(property(child, budget)?),
            (CALDAV, "comp-filter") => filter.comp_filters.push(component(child, levels - 1, budget)?),
            _ => return Err(unsupported(child)),
        }
    }
    Ok(filter)
}

fn property(element: &Element, budget: &mut usize) -> Result<PropFilter, RequestError> {
    spend(element, budget)?;
    let mut filter = PropFilter {
        name: name(element)?,
        is_not_defined: is_not_defined(element)?,
        time_range: None,
        text_match: None,
        param_filters: Vec::new(),
    };
    for child in element.elements() {
        match child.name.pair() {
            (CALDAV, "is-not-defined") => {}
            (CALDAV, "time-range") => {
                if !TIMED_PROPERTIES.contains(&filter.name.as_str()) {
                    return Err(invalid(child, format!("a time range cannot be applied to `{}`", filter.name)));
                }
                once(child, filter.time_range.replace(span(child)?).as_ref())?;
            }
            (CALDAV, "text-match") => once(child, filter.text_match.replace(text_match(child)?).as_ref())?,
            (CALDAV, "param-filter") => filter.param_filters.push(parameter(child, budget)?),
            _ => return Err(unsupported(child)),
        }
    }
    if filter.time_range.is_some() && filter.text_match.is_some() {
        return Err(invalid(element, "the filter cannot contain both `C:time-range` and `C:text-match`"));
    }
    Ok(filter)
}

fn parameter(element: &Element, budget: &mut usize) -> Result<ParamFilter, RequestError> {
    spend(element, budget)?;
    let mut filter = ParamFilter { name: name(element)?, is_not_defined: is_not_defined(element)?, text_match: None };
    for child in element.elements() {
        match child.name.pair() {
            (CALDAV, "is-not-defined") => {}
            (CALDAV, "text-match") => once(child, filter.text_match.replace(text_match(child)?).as_ref())?,
            _ => return Err(unsupported(child)),
        }
    }
    Ok(filter)
}

fn text_match(element: &Element) -> Result<TextMatch, RequestError> {
    // `i;ascii-casemap` is the collation if the attribute is missing or has the value `default`
    // (RFC 4791 §7.5).
    let collation = match element.attribute("collation") {
        None | Some("default") => Some(Collation::AsciiCasemap),
        Some(name) => Collation::ALL.into_iter().find(|collation| collation.name() == name),
    };
    let unknown = || {
        RequestError::refused(
            Condition::SupportedCollation,
            element,
            "the server does not support this collation; `CALDAV:supported-collation-set` lists those it supports",
        )
    };
    let collation = collation.ok_or_else(unknown)?;
    let negate = match element.attribute("negate-condition") {
        None | Some("no") => false,
        Some("yes") => true,
        Some(_) => return Err(invalid(element, "`negate-condition` must be `yes` or `no`")),
    };
    let match_type =
        match_type(element).ok_or_else(|| RequestError::refused(Condition::SupportedFilter, element, MATCH_TYPES))?;
    if let Some(inner) = element.elements().next() {
        return Err(unsupported(inner));
    }
    Ok(TextMatch { text: element.text().into_owned(), match_type, collation, negate })
}

/// True if the element contains `C:is-not-defined`. Returns an error if it contains other
/// conditions as well (RFC 4791 §9.7.4).
fn is_not_defined(element: &Element) -> Result<bool, RequestError> {
    let defined = element.child(CALDAV, "is-not-defined").is_none();
    if !defined && element.elements().count() > 1 {
        return Err(invalid(element, "`C:is-not-defined` cannot be combined with other conditions"));
    }
    Ok(!defined)
}

/// Reads the name of a component, property or parameter, in upper case. Returns an error if it is
/// missing or blank.
fn name(element: &Element) -> Result<String, RequestError> {
    super::component_name(element).ok_or_else(|| invalid(element, "the element needs the attribute `name`"))
}

fn once<T>(element: &Element, before: Option<&T>) -> Result<(), RequestError> {
    match before {
        None => Ok(()),
        Some(_) => Err(invalid(element, "the element may occur here only once")),
    }
}

fn spend(element: &Element, budget: &mut usize) -> Result<(), RequestError> {
    let left = budget.checked_sub(1);
    *budget =
        left.ok_or_else(|| invalid(element, format!("the filter has more than {MAX_FILTER_CONDITIONS} conditions")))?;
    Ok(())
}

fn invalid(element: &Element, why: impl Into<String>) -> RequestError {
    RequestError::refused(Condition::ValidFilter, element, why)
}

fn unsupported(element: &Element) -> RequestError {
    RequestError::refused(Condition::SupportedFilter, element, "the server does not support this element in a filter")
}
