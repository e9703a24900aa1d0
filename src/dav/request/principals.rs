//! The request bodies of reports about principals (RFC 3744 §9).
//!
//! **Invariant:** a search has at least one property and one text that is not blank. Otherwise it
//! would return all principals.

use super::{MATCH_TYPES, Props, RequestError, match_type, only, required, required_prop};
use crate::{
    name::{DAV, QName},
    xml::Element,
};
use ical::query::MatchType;

/// Maximum number of conditions of a search: the properties of all `DAV:property-search` elements
/// together.
const MAX_SEARCH_CONDITIONS: usize = 100;

/// The body of `DAV:principal-match` (RFC 3744 §9.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalMatch {
    /// The condition by which the members of the collection are selected.
    pub by: MatchBy,
    /// The properties to return.
    pub wanted: Props,
}

/// The condition by which `DAV:principal-match` selects members of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatchBy {
    /// Selects members that are the current user, or a group to which the current user belongs.
    Oneself,
    /// Selects members whose property of this name contains the href of the current user. The
    /// server compares only `DAV:principal-URL` of principals and `DAV:owner` of other resources.
    Property(QName),
}

/// The body of `DAV:principal-property-search` (RFC 3744 §9.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalSearch {
    /// The searches; at least one.
    pub searches: Vec<PropertySearch>,
    /// The way in which the searches are combined.
    pub test: Test,
    /// The properties to return.
    pub wanted: Props,
    /// True if all of `DAV:principal-collection-set` is searched, in place of the resource of the
    /// request.
    pub everywhere: bool,
}

/// A search. It matches a principal if `text` occurs in every one of `properties`, at the place
/// that `match_type` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertySearch {
    /// The properties to search; at least one.
    pub properties: Vec<QName>,
    /// The text to search for, which is not blank.
    pub text: String,
    /// The place in the property at which the text must occur.
    pub match_type: MatchType,
}

/// The attribute `test` of a principal search: whether all searches must match, or one. Clients
/// send it, although RFC 3744 §9.4 does not define it, and requires all to match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// All searches must match; the default.
    AllOf,
    /// At least one search must match.
    AnyOf,
}

impl PrincipalMatch {
    pub(super) fn of(element: &Element) -> Result<Self, RequestError> {
        let wanted = only(element, DAV, "prop")?.map(Props::of).transpose()?.unwrap_or_default();
        if let Some(oneself) = only(element, DAV, "self")? {
            if element.dav("principal-property").is_some() {
                return Err(RequestError::invalid(
                    oneself,
                    "the element cannot be combined with `D:principal-property`",
                ));
            }
            return Ok(Self { by: MatchBy::Oneself, wanted });
        }
        let property = required(element, DAV, "principal-property")?;
        let named = property.elements().next().map(|named| MatchBy::Property(named.name.clone()));
        let by = named.ok_or_else(|| {
            RequestError::invalid(property, "the element must contain the name of a property as its child")
        })?;
        Ok(Self { by, wanted })
    }
}

impl PrincipalSearch {
    pub(super) fn of(element: &Element) -> Result<Self, RequestError> {
        let searches = element.named(DAV, "property-search").map(PropertySearch::of).collect::<Result<Vec<_>, _>>()?;
        if searches.is_empty() {
            return Err(RequestError::invalid(element, "the element must contain a `D:property-search`"));
        }
        if searches.iter().map(|search| search.properties.len()).sum::<usize>() > MAX_SEARCH_CONDITIONS {
            let why = format!(
                "the searches name more than {MAX_SEARCH_CONDITIONS} properties together; send several requests"
            );
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
            return Err(RequestError::invalid(element, "the element must name a property to search in its `D:prop`"));
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
