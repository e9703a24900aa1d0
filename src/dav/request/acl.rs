//! The body of `ACL` (RFC 3744 §8.1).
//!
//! **Invariant:** every entry names a principal and at least one privilege we know.

use super::{RequestError, rooted, word};
use crate::{
    error::Condition,
    name::{DAV, QName},
    privilege::Privilege,
    xml::{Element, Limits},
};

const ENTRIES: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ace {
    pub principal: AcePrincipal,
    /// For everybody but the principal.
    pub inverted: bool,
    pub effect: Effect,
    pub privileges: Vec<Privilege>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Grant,
    Deny,
}

/// RFC 3744 §5.5.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcePrincipal {
    /// As written.
    Href(String),
    All,
    Authenticated,
    Unauthenticated,
    /// The resource itself, if it is a principal.
    Oneself,
    /// Whoever this property of the resource names, such as `DAV:owner`.
    Property(QName),
}

pub fn acl(body: &[u8], limits: &Limits) -> Result<Vec<Ace>, RequestError> {
    let root = rooted(body, limits, DAV, "acl")?;
    let entries = root.named(DAV, "ace").map(Ace::of).collect::<Result<Vec<_>, _>>()?;
    if entries.len() > ENTRIES {
        let why = format!("more than {ENTRIES} entries");
        return Err(RequestError::refused(Condition::LimitedNumberOfAces, &root, why));
    }
    Ok(entries)
}

impl Ace {
    fn of(element: &Element) -> Result<Self, RequestError> {
        if element.dav("protected").is_some() || element.dav("inherited").is_some() {
            // RFC 3744 §8.1: a request sets neither of them.
            let why = "an entry that is protected or inherited cannot be set";
            return Err(RequestError::refused(Condition::NoAceConflict, element, why));
        }
        let (principal, inverted) = match (element.dav("principal"), element.dav("invert")) {
            (Some(principal), None) => (principal, false),
            (None, Some(invert)) => (super::required(invert, DAV, "principal")?, true),
            (Some(_), Some(_)) | (None, None) => {
                return Err(RequestError::invalid(element, "it needs either a `D:principal` or a `D:invert`"));
            }
        };
        let (effect, granted) = match (element.dav("grant"), element.dav("deny")) {
            (Some(granted), None) => (Effect::Grant, granted),
            (None, Some(denied)) => (Effect::Deny, denied),
            (Some(_), Some(_)) | (None, None) => {
                return Err(RequestError::invalid(element, "it needs either a `D:grant` or a `D:deny`"));
            }
        };
        Ok(Self { principal: AcePrincipal::of(principal)?, inverted, effect, privileges: privileges(granted)? })
    }
}

impl AcePrincipal {
    fn of(element: &Element) -> Result<Self, RequestError> {
        let unknown = || RequestError::refused(Condition::RecognizedPrincipal, element, "it names nobody known");
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
        let unknown = || RequestError::refused(Condition::NotSupportedPrivilege, named, "no privilege of this server");
        let privilege = Privilege::from_name(&named.name).ok_or_else(unknown)?;
        if !privileges.contains(&privilege) {
            privileges.push(privilege);
        }
    }
    if privileges.is_empty() {
        return Err(RequestError::invalid(element, "it needs a `D:privilege`"));
    }
    Ok(privileges)
}
