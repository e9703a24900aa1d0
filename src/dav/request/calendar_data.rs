//! `CALDAV:calendar-data` in a request: the parts of an object that the client requests (RFC 4791
//! §9.6).
//!
//! **Invariant:** the only accepted media type is iCalendar 2.0.

use super::{RequestError, only, span::range};
use ical::query::{CalendarData, Components, Properties, Recurrence, SelectedProperty, Selection};

use crate::{error::Condition, name::CALDAV, xml::Element};

/// Maximum depth of nested components. `VCALENDAR`, a component and its alarms are three levels;
/// one more is accepted.
const LEVELS: usize = 4;
/// Maximum number of components and properties that a request selects, because each is searched for
/// in every object.
const MAX_SELECTED: usize = 500;

pub(super) fn calendar_data(element: &Element) -> Result<CalendarData, RequestError> {
    media_type(element)?;
    let mut budget = MAX_SELECTED;
    let selection = only(element, CALDAV, "comp")?.map(|comp| selection(comp, LEVELS, &mut budget)).transpose()?;
    let recurrence = match (only(element, CALDAV, "expand")?, only(element, CALDAV, "limit-recurrence-set")?) {
        (None, None) => None,
        (Some(expand), None) => Some(Recurrence::Expand(range(expand)?)),
        (None, Some(limit)) => Some(Recurrence::Limit(range(limit)?)),
        (Some(_), Some(limit)) => {
            return Err(RequestError::invalid(limit, "the element cannot be combined with `C:expand`"));
        }
    };
    let limit_freebusy_set = only(element, CALDAV, "limit-freebusy-set")?.map(range).transpose()?;
    Ok(CalendarData { selection, recurrence, limit_freebusy_set })
}

/// Checks that the requested media type is iCalendar 2.0. Any other media type fails the
/// precondition `CALDAV:supported-calendar-data` (RFC 4791 §7.8).
fn media_type(element: &Element) -> Result<(), RequestError> {
    let media_type = element.attribute("content-type").is_none_or(|text| text.eq_ignore_ascii_case("text/calendar"));
    if media_type && element.attribute("version").is_none_or(|version| version == "2.0") {
        return Ok(());
    }
    let why = "the server returns only `text/calendar` of version 2.0";
    Err(RequestError::refused(Condition::SupportedCalendarData, element, why))
}

fn selection(comp: &Element, levels: usize, budget: &mut usize) -> Result<Selection, RequestError> {
    if levels == 0 {
        return Err(RequestError::invalid(comp, format!("components are nested more than {LEVELS} levels deep")));
    }
    spend(comp, budget)?;
    let mut selected = Vec::new();
    for prop in comp.named(CALDAV, "prop") {
        spend(prop, budget)?;
        let no_value = match prop.attribute("novalue") {
            None | Some("no") => false,
            Some("yes") => true,
            Some(_) => return Err(RequestError::invalid(prop, "`novalue` must be `yes` or `no`")),
        };
        selected.push(SelectedProperty { name: name(prop)?, no_value });
    }
    let mut inside = Vec::new();
    for inner in comp.named(CALDAV, "comp") {
        inside.push(selection(inner, levels - 1, budget)?);
    }
    let properties = if comp.caldav("allprop").is_some() { Properties::All } else { Properties::These(selected) };
    let components = if comp.caldav("allcomp").is_some() { Components::All } else { Components::These(inside) };
    Ok(Selection { component: name(comp)?, properties, components })
}

fn spend(element: &Element, budget: &mut usize) -> Result<(), RequestError> {
    let why = || format!("the request selects more than {MAX_SELECTED} components and properties; select fewer");
    *budget = budget.checked_sub(1).ok_or_else(|| RequestError::invalid(element, why()))?;
    Ok(())
}

fn name(element: &Element) -> Result<String, RequestError> {
    super::component_name(element)
        .ok_or_else(|| RequestError::invalid(element, "the element needs the attribute `name`"))
}
