//! Reports about principals (RFC 3744 §9).
//!
//! **Invariant:** a search has at least one property and one non-empty text; without them it would
//! list all principals.

use super::{MATCH_TYPES, Props, RequestError, match_type, only, required, required_prop};
use crate::{
    name::{DAV, QName},
    xml::Element,
};
use ical::query::MatchType;

/// Most conditions of a search, counted as properties to search over all `DAV:property-search`.
const MAX_SEARCH_CONDITIONS: usize = 100;

/// `DAV:principal-match` (RFC 3744 §9.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalMatch {
    /// How members are matched.
    pub by: MatchBy,
    /// The properties to return.
    pub wanted: Props,
}

/// How `DAV:principal-match` selects members.
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
    /// The searches, at least one.
    pub searches: Vec<PropertySearch>,
    /// How the searches are combined.
    pub test: Test,
    /// The properties to return.
    pub wanted: Props,
    /// True if `DAV:principal-collection-set` is searched instead of the resource of the request.
    pub everywhere: bool,
}

/// Matches if all of these properties contain the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertySearch {
    /// The properties, at least one.
    pub properties: Vec<QName>,
    /// The text, not blank.
    pub text: String,
    /// How the text is compared.
    pub match_type: MatchType,
}

/// The attribute `test`, which clients send although RFC 3744 defines only "all of".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// All searches must match; the default.
    AllOf,
    /// One search must match.
    AnyOf,
}

impl PrincipalMatch {
    pub(super) fn of(element: &Element) -> Result<Self, RequestError> {
        let wanted = only(element, DAV, "prop")?.map(Props::of).transpose()?.unwrap_or_default();
        if let Some(oneself) = only(element, DAV, "self")? {
            if element.dav("principal-property").is_some() {
                return Err(RequestError::invalid(oneself, "it cannot be combined with `D:principal-property`"));
            }
            return Ok(Self { by: MatchBy::Oneself, wanted });
        }
        let property = required(element, DAV, "principal-property")?;
        let named = property.elements().next().map(|named| MatchBy::Property(named.name.clone()));
        let by = named.ok_or_else(|| RequestError::invalid(property, "it must hold the element of a property"))?;
        Ok(Self { by, wanted })
    }
}

impl PrincipalSearch {
    pub(super) fn of(element: &Element) -> Result<Self, RequestError> {
        let searches = element.named(DAV, "property-search").map(PropertySearch::of).collect::<Result<Vec<_>, _>>()?;
        if searches.is_empty() {
            return Err(RequestError::invalid(element, "it needs a `D:property-search`"));
        }
        if searches.iter().map(|search| search.properties.len()).sum::<usize>() > MAX_SEARCH_CONDITIONS {
            let why = format!("more than {MAX_SEARCH_CONDITIONS} conditions: each property of each search is one");
            return Err(RequestError::invalid(element, why));
        }
        let test = match element.attribute("test") {
            None | Some("allof") => Test::AllOf,
            Some("anyof") => Test::AnyOf,
            Some(_) => return Err(RequestError::invalid(element, "`test` must be `allof` or `anyof`")),
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
            return Err(RequestError::invalid(element, "its `D:prop` must name a property to search"));
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
