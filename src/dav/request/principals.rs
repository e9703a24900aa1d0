//! Reports about principals (RFC 3744 §9).
//!
//! **Invariant:** a search has at least one property and one non-empty text: otherwise it would list everybody.

use super::{MATCH_TYPES, Props, RequestError, match_type, only, required, required_prop};
use crate::{
    name::{DAV, QName},
    xml::Element,
};
use ical::query::MatchType;

/// Most conditions of a search, counted as properties to search over all `DAV:property-search`.
const CONDITIONS: usize = 100;

/// `DAV:principal-match` (RFC 3744 §9.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalMatch {
    pub by: MatchBy,
    pub wanted: Props,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatchBy {
    /// Members that are the current user, or a group the current user is in.
    Oneself,
    /// Members whose property of this name holds the current user.
    Property(QName),
}

/// `DAV:principal-property-search` (RFC 3744 §9.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalSearch {
    pub searches: Vec<PropertySearch>,
    pub test: Test,
    pub wanted: Props,
    /// Search `DAV:principal-collection-set` instead of the request's resource.
    pub everywhere: bool,
}

/// One text in any of these properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertySearch {
    pub properties: Vec<QName>,
    pub text: String,
    pub match_type: MatchType,
}

/// The attribute `test`, which clients send although RFC 3744 has only "all of".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    AllOf,
    AnyOf,
}

impl PrincipalMatch {
    pub(super) fn of(element: &Element) -> Result<Self, RequestError> {
        let wanted = only(element, DAV, "prop")?.map(Props::of).transpose()?.unwrap_or_default();
        if let Some(oneself) = only(element, DAV, "self")? {
            if element.dav("principal-property").is_some() {
                return Err(RequestError::invalid(oneself, "it cannot stand beside `D:principal-property`"));
            }
            return Ok(Self { by: MatchBy::Oneself, wanted });
        }
        let property = required(element, DAV, "principal-property")?;
        let named = property.elements().next().map(|named| MatchBy::Property(named.name.clone()));
        let by = named.ok_or_else(|| RequestError::invalid(property, "it needs the element of a property"))?;
        Ok(Self { by, wanted })
    }
}

impl PrincipalSearch {
    pub(super) fn of(element: &Element) -> Result<Self, RequestError> {
        let searches = element.named(DAV, "property-search").map(PropertySearch::of).collect::<Result<Vec<_>, _>>()?;
        if searches.is_empty() {
            return Err(RequestError::invalid(element, "it needs a `D:property-search`"));
        }
        if searches.iter().map(|search| search.properties.len()).sum::<usize>() > CONDITIONS {
            let why = format!("more than {CONDITIONS} conditions: each property of each search is one");
            return Err(RequestError::invalid(element, why));
        }
        let test = match element.attribute("test") {
            None | Some("allof") => Test::AllOf,
            Some("anyof") => Test::AnyOf,
            Some(_) => return Err(RequestError::invalid(element, "`test` is `allof` or `anyof`")),
        };
        let wanted = only(element, DAV, "prop")?.map(Props::of).transpose()?.unwrap_or_default();
        let everywhere = element.dav("apply-to-principal-collection-set").is_some();
        Ok(Self { searches, test, wanted, everywhere })
    }
}

impl PropertySearch {
    fn of(element: &Element) -> Result<Self, RequestError> {
        let properties = Props::of(required_prop(element)?)?.names;
        if properties.is_empty() {
            return Err(RequestError::invalid(element, "it searches no property"));
        }
        let matched = required(element, DAV, "match")?;
        let text = matched.text().into_owned();
        if text.trim().is_empty() {
            return Err(RequestError::invalid(matched, "the text to search for is empty"));
        }
        let match_type = match_type(matched).ok_or_else(|| RequestError::invalid(matched, MATCH_TYPES))?;
        Ok(Self { properties, text, match_type })
    }
}
