//! The request body of `ACL` (RFC 3744 §8.1).
//!
//! **Invariant:** every entry names a principal and at least one privilege of this server.

use super::{RequestError, rooted, word};
use crate::{
    error::Condition,
    name::{DAV, QName},
    privilege::Privilege,
    xml::{Element, Limits},
};

/// Maximum number of entries of one access control list.
const MAX_ACES: usize = 1_000;

/// An access control entry (RFC 3744 §5.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ace {
    /// The principal to whom the entry applies.
    pub principal: AcePrincipal,
    /// True if the entry applies to everyone except the principal (`DAV:invert`).
    pub inverted: bool,
    /// The effect of the entry: it grants or denies the privileges.
    pub effect: Effect,
    /// The privileges of the entry: at least one, without repetition.
    pub privileges: Vec<Privilege>,
}

/// The effect of an entry on its privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// `DAV:grant`: the entry grants its privileges.
    Grant,
    /// `DAV:deny`: the entry denies its privileges.
    Deny,
}

/// The principal of an entry (RFC 3744 §5.5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcePrincipal {
    /// The href of a principal, as the client wrote it.
    Href(String),
    /// Everyone (`DAV:all`).
    All,
    /// Every authenticated caller.
    Authenticated,
    /// Every caller without credentials.
    Unauthenticated,
    /// The resource itself, if it is a principal (`DAV:self`).
    Oneself,
    /// The principals whose hrefs are the value of this property of the resource, such as
    /// `DAV:owner`.
    Property(QName),
}

/// Reads the body of `ACL`, and returns its entries in order. Returns an error if the body or an
/// entry is invalid, or if there are too many entries.
pub fn acl(body: &[u8], limits: &Limits) -> Result<Vec<Ace>, RequestError> {
    let root = rooted(body, limits, DAV, "acl")?;
    let entries = root.named(DAV, "ace").map(Ace::of).collect::<Result<Vec<_>, _>>()?;
    if entries.len() > MAX_ACES {
        let why = format!("the access control list has more than {MAX_ACES} entries; remove some");
        return Err(RequestError::refused(Condition::LimitedNumberOfAces, &root, why));
    }
    Ok(entries)
}

impl Ace {
    fn of(element: &Element) -> Result<Self, RequestError> {
        if element.dav("protected").is_some() || element.dav("inherited").is_some() {
            // RFC 3744 §8.1
            let why = "a request cannot set protected or inherited entries; leave them out";
            return Err(RequestError::refused(Condition::NoAceConflict, element, why));
        }
        let (principal, inverted) = match (element.dav("principal"), element.dav("invert")) {
            (Some(principal), None) => (principal, false),
            (None, Some(invert)) => (super::required(invert, DAV, "principal")?, true),
            (Some(_), Some(_)) | (None, None) => {
                return Err(RequestError::invalid(
                    element,
                    "the element must contain either a `D:principal` or a `D:invert`",
                ));
            }
        };
        let (effect, granted) = match (element.dav("grant"), element.dav("deny")) {
            (Some(granted), None) => (Effect::Grant, granted),
            (None, Some(denied)) => (Effect::Deny, denied),
            (Some(_), Some(_)) | (None, None) => {
                return Err(RequestError::invalid(
                    element,
                    "the element must contain either a `D:grant` or a `D:deny`",
                ));
            }
        };
        Ok(Self { principal: AcePrincipal::of(principal)?, inverted, effect, privileges: privileges(granted)? })
    }
}

impl AcePrincipal {
    fn of(element: &Element) -> Result<Self, RequestError> {
        let unknown = || {
            RequestError::refused(
                Condition::RecognizedPrincipal,
                element,
                "the element must name a principal by `D:href`, `D:all`, `D:authenticated`, `D:unauthenticated`, \
                 `D:self` or `D:property`",
            )
        };
        let who = element.elements().next().ok_or_else(unknown)?;
        Ok(match who.name.pair() {
            (DAV, "href") => Self::Href(word(who)),
            (DAV, "all") => Self::All,
            (DAV, "authenticated") => Self::Authenticated,
            (DAV, "unauthenticated") => Self::Unauthenticated,
            (DAV, "self") => Self::Oneself,
            (DAV, "property") => Self::Property(who.elements().next().ok_or_else(unknown)?.name.clone()),
            _ => return Err(unknown()),
        })
    }
}

fn privileges(element: &Element) -> Result<Vec<Privilege>, RequestError> {
    let mut privileges = Vec::new();
    for named in element.named(DAV, "privilege").flat_map(Element::elements) {
        let unknown = || {
            let why = "this server has no such privilege; `DAV:supported-privilege-set` lists those that it has";
            RequestError::refused(Condition::NotSupportedPrivilege, named, why)
        };
        let privilege = Privilege::from_name(&named.name).ok_or_else(unknown)?;
        if !privileges.contains(&privilege) {
            privileges.push(privilege);
        }
    }
    if privileges.is_empty() {
        return Err(RequestError::invalid(
            element,
            "the element must contain a `D:privilege` with the element of a privilege in it",
        ));
    }
    Ok(privileges)
}
