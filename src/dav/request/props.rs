//! Which properties are wanted: `PROPFIND` (RFC 4918 §9.1) and the same choice inside reports.
//!
//! **Invariant:** no name twice, in the order asked, at most [`PROPERTIES`]: each costs once per resource.

use std::collections::BTreeSet;

use super::{RequestError, calendar_data::calendar_data, only, rooted};
use ical::query::CalendarData;

use crate::{
    name::{CALDAV, DAV, QName},
    xml::{Element, Limits},
};

const PROPERTIES: usize = 500;

/// The children of `DAV:prop`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Props {
    pub names: Vec<QName>,
    /// What `CALDAV:calendar-data` among them asks for.
    pub calendar_data: Option<CalendarData>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The properties of RFC 4918 and all dead ones, and these besides.
    AllProp {
        include: Props,
    },
    /// The names of all properties.
    PropName,
    Prop(Props),
}

/// The body of `PROPFIND`. None means everything (RFC 4918 §9.1).
pub fn propfind(body: &[u8], limits: &Limits) -> Result<Wanted, RequestError> {
    if body.trim_ascii().is_empty() {
        return Ok(Wanted::AllProp { include: Props::default() });
    }
    let root = rooted(body, limits, DAV, "propfind")?;
    let missing = || RequestError::invalid(&root, "it needs a `D:prop`, `D:allprop` or `D:propname`");
    Wanted::of(&root)?.ok_or_else(missing)
}

impl Wanted {
    /// `(allprop, include?) | propname | prop`, or nothing of them.
    pub(super) fn of(element: &Element) -> Result<Option<Self>, RequestError> {
        let mut wanted = None;
        for child in element.elements() {
            let found = match child.name.pair() {
                (DAV, "allprop") => {
                    let include = only(element, DAV, "include")?.map(Props::of).transpose()?;
                    Self::AllProp { include: include.unwrap_or_default() }
                }
                (DAV, "propname") => Self::PropName,
                (DAV, "prop") => Self::Prop(Props::of(child)?),
                _ => continue,
            };
            if wanted.replace(found).is_some() {
                return Err(RequestError::invalid(
                    child,
                    "only one of `D:prop`, `D:allprop` and `D:propname` may stand here",
                ));
            }
        }
        Ok(wanted)
    }

    /// Reports without a choice show members by href alone.
    pub(super) fn of_report(element: &Element) -> Result<Self, RequestError> {
        Ok(Self::of(element)?.unwrap_or_else(|| Self::Prop(Props::default())))
    }
}

impl Props {
    /// The children of an element as names.
    pub(super) fn of(prop: &Element) -> Result<Self, RequestError> {
        let mut seen = BTreeSet::new();
        let names: Vec<_> =
            prop.elements().filter(|element| seen.insert(&element.name)).map(|element| element.name.clone()).collect();
        if names.len() > PROPERTIES {
            return Err(RequestError::invalid(prop, format!("more than {PROPERTIES} properties")));
        }
        let calendar_data = only(prop, CALDAV, "calendar-data")?.map(calendar_data).transpose()?;
        Ok(Self { names, calendar_data })
    }
}
