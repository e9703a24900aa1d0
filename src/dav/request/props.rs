//! The properties that a client requests in `PROPFIND` (RFC 4918 §9.1), and by the same elements in
//! reports.
//!
//! **Invariant:** names are in the order of the request, without repetition. Their number is
//! limited by [`super::MAX_PROPERTIES`], because each property is computed for every resource.
//! Their length is limited by [`super::MAX_NAMES_BYTES`], because each name is written for every
//! resource.

use std::collections::BTreeSet;

use super::{RequestError, calendar_data::calendar_data, few_properties, only, rooted, short_names};
use ical::query::CalendarData;

use crate::{
    name::{CALDAV, DAV, QName},
    xml::{Element, Limits},
};

/// The properties that a `DAV:prop` names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Props {
    /// The names of the properties, in order, without repetition.
    pub names: Vec<QName>,
    /// The content of `CALDAV:calendar-data`; `None` if that property is not requested.
    pub calendar_data: Option<CalendarData>,
}

/// The properties that a client requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The live properties of RFC 4918 and all dead properties.
    AllProp {
        /// The properties requested in addition (`DAV:include`).
        include: Props,
    },
    /// The names of all properties, without values.
    PropName,
    /// The properties with these names.
    Prop(Props),
}

/// Reads the body of `PROPFIND`. An empty body means `DAV:allprop` (RFC 4918 §9.1). Returns an
/// error if the body is malformed, or exceeds a limit.
///
/// ```
/// use dav::{name::DISPLAY_NAME, request::{Wanted, propfind}, xml::Limits};
///
/// let body = br#"<propfind xmlns="DAV:"><prop><displayname/></prop></propfind>"#;
/// let Wanted::Prop(props) = propfind(body, &Limits::default())? else { panic!() };
/// assert_eq!(props.names, [DISPLAY_NAME.clone()]);
///
/// let error = propfind(br#"<prop xmlns="DAV:"/>"#, &Limits::default()).unwrap_err();
/// let why = "line 1: `D:prop`: the root element for this method must be `D:propfind`";
/// assert_eq!(error.to_string(), why);
/// # Ok::<(), dav::request::RequestError>(())
/// ```
pub fn propfind(body: &[u8], limits: &Limits) -> Result<Wanted, RequestError> {
    if body.trim_ascii().is_empty() {
        return Ok(Wanted::AllProp { include: Props::default() });
    }
    let root = rooted(body, limits, DAV, "propfind")?;
    let missing = || RequestError::invalid(&root, "the element must contain a `D:prop`, `D:allprop` or `D:propname`");
    Wanted::of(&root)?.ok_or_else(missing)
}

impl Wanted {
    /// Reads `(allprop, include?) | propname | prop`. Returns `None` if the element has none of
    /// them, and an error if it has several.
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
                    "only one of `D:prop`, `D:allprop` and `D:propname` may occur here",
                ));
            }
        }
        Ok(wanted)
    }

    /// Like [`Self::of`], for a report. If the report names no properties, returns an empty `Prop`:
    /// the client requests only hrefs.
    pub(super) fn of_report(element: &Element) -> Result<Self, RequestError> {
        Ok(Self::of(element)?.unwrap_or_else(|| Self::Prop(Props::default())))
    }
}

impl Props {
    /// Reads the children of a `DAV:prop`. Returns an error if they exceed a limit, or if the
    /// content of `CALDAV:calendar-data` is invalid.
    pub(super) fn of(prop: &Element) -> Result<Self, RequestError> {
        let mut seen = BTreeSet::new();
        let names: Vec<_> =
            prop.elements().filter(|element| seen.insert(&element.name)).map(|element| element.name.clone()).collect();
        few_properties(prop, names.len())?;
        short_names(prop, names.iter().map(QName::octets).sum())?;
        let calendar_data = only(prop, CALDAV, "calendar-data")?.map(calendar_data).transpose()?;
        Ok(Self { names, calendar_data })
    }
}
