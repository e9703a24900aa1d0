//! Checks of a single component by the table: its parent, the number of times that properties
//! occur, and the types of their values.
//!
//! **Invariant:** the result depends on the component and the name of its parent alone.

use super::invalid::Invalid;
use super::table::{self, Cardinality, Row};
use super::value;
use crate::text::limits::{MAX_LINE_BYTES, MAX_PARAMS};
use crate::text::{Component, Property};

pub(super) fn judge(component: Component<'_>) -> Result<(), Invalid> {
    component.properties().try_for_each(judge_size)?;
    let Some(shape) = table::shape(component.name()) else { return Ok(()) };
    let place = component.parent().is_none_or(|parent| is_one_of(parent, shape.parents));
    if !place {
        let why = match shape.parents {
            [] => format!("{} is not allowed in another component", shape.name),
            parents => format!("{} is only allowed in {}", shape.name, parents.join(" or ")),
        };
        return Err(Invalid::component("component-place", component, why));
    }
    shape.rows.iter().try_for_each(|row| judge_row(component, row))
}

/// Checks the limits for a line of a client. Parsing allows longer lines, because the server adds
/// parameters to lines; a client must not use that room.
fn judge_size(property: Property<'_>) -> Result<(), Invalid> {
    if property.content_line().len() > MAX_LINE_BYTES {
        return Err(Invalid::property(
            "line-length",
            property,
            format!("the line is longer than {MAX_LINE_BYTES} octets"),
        ));
    }
    if property.params().nth(MAX_PARAMS).is_some() {
        return Err(Invalid::property(
            "params",
            property,
            format!("the property has more than {MAX_PARAMS} parameters"),
        ));
    }
    Ok(())
}

/// True if the parent may contain the component. A parent of an unknown type may contain anything.
fn is_one_of(parent: Component<'_>, names: &[&str]) -> bool {
    table::shape(parent.name()).is_none() || names.iter().any(|name| parent.is(name))
}

fn judge_row(component: Component<'_>, row: &Row) -> Result<(), Invalid> {
    let mut found = component.properties_named(row.name);
    let Some(first) = found.next() else {
        return match row.cardinality {
            Cardinality::Once => Err(Invalid::component("required", component, format!("{} is missing", row.name))),
            Cardinality::Any | Cardinality::AtMostOnce => Ok(()),
        };
    };
    value::judge(first, row.of)?;
    for property in found {
        // Some clients repeat a line, which is harmless. If two lines differ, it is unclear which
        // one counts.
        let doubtful = row.cardinality != Cardinality::Any && property.content_line() != first.content_line();
        if doubtful {
            return Err(Invalid::property(
                "at-most-once",
                property,
                format!("{} occurs more than once, and the lines differ; keep one", row.name),
            ));
        }
        value::judge(property, row.of)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Document;
    use crate::validate::calendar_object;

    #[test]
    fn a_component_at_the_wrong_place_is_refused_with_the_right_places() {
        let rows = [
            (
                "VCALENDAR",
                "line 3, VCALENDAR/VCALENDAR: VCALENDAR is not allowed in another component (component-place)",
            ),
            ("STANDARD", "line 3, VCALENDAR/STANDARD: STANDARD is only allowed in VTIMEZONE (component-place)"),
        ];
        for (name, expected) in rows {
            let event = "BEGIN:VEVENT\nUID:1\nDTSTAMP:20260105T120000Z\nDTSTART:20260105T120000Z\nEND:VEVENT";
            let text = format!("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:{name}\nEND:{name}\n{event}\nEND:VCALENDAR\n");
            let refused =
                calendar_object(&Document::parse(text).expect("it is well-formed")).expect_err("a wrong place");
            assert_eq!(refused.to_string(), expected);
        }
    }
}
