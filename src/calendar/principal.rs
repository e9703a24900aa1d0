//! One principal: a person, room, resource or group. **Invariant:** pure.

use ical::Address;
use schemas::{
    PrincipalEvent, PrincipalId,
    collection::{Property, PropertyName},
    event::Nothing,
    principal::{
        PrincipalKind, PrincipalMembersSet, PrincipalPasswordSet, PrincipalPropertiesChanged, PrincipalRegistered,
        Profile,
    },
};

use crate::{Refusal, properties};

mod rules;

pub use rules::MAX_PRINCIPAL_NAME_LENGTH;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Principal {
    #[default]
    Unknown,
    Registered(Box<Registered>),
    /// Its name and addresses may not be given again under this id.
    Retired,
}

/// What is known of a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub short_name: String,
    pub kind: PrincipalKind,
    pub profile: Profile,
    pub phc: Option<String>,
    pub members: Vec<PrincipalId>,
    pub properties: Vec<Property>,
}

#[derive(Debug, Clone)]
pub enum Command {
    /// Registers a principal, or replaces the profile of a registered one. Earlier addresses stay as aliases, because
    /// meetings name them.
    Register {
        short_name: String,
        kind: PrincipalKind,
        profile: Profile,
    },
    SetPassword {
        phc: String,
    },
    SetMembers {
        members: Vec<PrincipalId>,
    },
    /// `PROPPATCH` (RFC 4918 §9.2).
    ChangeProperties {
        set: Vec<Property>,
        removed: Vec<PropertyName>,
    },
    Retire,
}

/// What should happen? An empty answer means "already so".
pub fn decide(principal: &Principal, command: &Command) -> Result<Vec<PrincipalEvent>, Refusal> {
    match (principal, command) {
        (Principal::Unknown, Command::Register { short_name, kind, profile }) => {
            rules::name(short_name)?;
            check_profile(short_name, profile, &[])?;
            Ok(vec![PrincipalEvent::Registered(PrincipalRegistered {
                short_name: short_name.clone(),
                kind: *kind,
                profile: profile.clone(),
            })])
        }
        (Principal::Retired, _)
        | (
            Principal::Unknown,
            Command::SetPassword { .. }
            | Command::SetMembers { .. }
            | Command::ChangeProperties { .. }
            | Command::Retire,
        ) => Err(Refusal::NotFound),
        (Principal::Registered(known), Command::Register { short_name, kind, profile }) => {
            register_again(known, short_name, *kind, profile)
        }
        (Principal::Registered(known), command) => change(known, command),
    }
}

fn register_again(
    known: &Registered,
    short_name: &str,
    kind: PrincipalKind,
    profile: &Profile,
) -> Result<Vec<PrincipalEvent>, Refusal> {
    let name = &known.short_name;
    if short_name != name {
        return Err(Refusal::PrincipalFixed { what: "name", name: name.clone() });
    }
    if kind != known.kind {
        return Err(Refusal::PrincipalFixed { what: "kind", name: name.clone() });
    }
    check_profile(name, profile, &known.profile.addresses)?;
    let mut profile = profile.clone();
    let aliases = known.profile.addresses.iter().filter(|address| !has(&profile.addresses, address));
    profile.addresses = profile.addresses.iter().chain(aliases).cloned().collect();
    Ok(if profile == known.profile { vec![] } else { vec![PrincipalEvent::ProfileChanged(profile)] })
}

/// Checks what is new in a profile. `held`: the addresses that the principal has already.
fn check_profile(name: &str, profile: &Profile, held: &[String]) -> Result<(), Refusal> {
    for text in [&profile.display_name, &profile.first_name, &profile.last_name] {
        rules::shown(text)?;
    }
    profile.addresses.iter().filter(|address| !held.contains(address)).try_for_each(|new| rules::address(name, new))
}

/// True if `addresses` contains this one in any spelling.
fn has(addresses: &[String], address: &str) -> bool {
    let sought = Address::parse(address);
    addresses.iter().any(|held| held == address || Address::parse(held) == sought)
}

fn change(known: &Registered, command: &Command) -> Result<Vec<PrincipalEvent>, Refusal> {
    Ok(match command {
        // Decided above: a registration may be refused.
        Command::Register { .. } => vec![],
        Command::SetPassword { phc } if Some(phc) == known.phc.as_ref() => vec![],
        Command::SetPassword { phc } => vec![PrincipalEvent::PasswordSet(PrincipalPasswordSet { phc: phc.clone() })],
        Command::SetMembers { members } if *members == known.members => vec![],
        Command::SetMembers { members } => {
            vec![PrincipalEvent::MembersSet(PrincipalMembersSet { members: members.clone() })]
        }
        Command::ChangeProperties { set, removed } => {
            let (set, removed) = properties::news(&known.properties, set, removed)?;
            if set.is_empty() && removed.is_empty() {
                return Ok(vec![]);
            }
            vec![PrincipalEvent::PropertiesChanged(PrincipalPropertiesChanged { set, removed })]
        }
        Command::Retire => vec![PrincipalEvent::Retired(Nothing {})],
    })
}

/// Applies what happened. Never fails.
pub fn evolve(principal: Principal, event: &PrincipalEvent) -> Principal {
    match (principal, event) {
        (_, PrincipalEvent::Registered(new)) => Principal::Registered(Box::new(Registered {
            short_name: new.short_name.clone(),
            kind: new.kind,
            profile: new.profile.clone(),
            phc: None,
            members: vec![],
            properties: vec![],
        })),
        (_, PrincipalEvent::Retired(_)) => Principal::Retired,
        (Principal::Registered(mut known), PrincipalEvent::ProfileChanged(profile)) => {
            known.profile.clone_from(profile);
            Principal::Registered(known)
        }
        (Principal::Registered(mut known), PrincipalEvent::PasswordSet(set)) => {
            known.phc = Some(set.phc.clone());
            Principal::Registered(known)
        }
        (Principal::Registered(mut known), PrincipalEvent::MembersSet(set)) => {
            known.members.clone_from(&set.members);
            Principal::Registered(known)
        }
        (Principal::Registered(mut known), PrincipalEvent::PropertiesChanged(changed)) => {
            Property::change(&mut known.properties, &changed.set, &changed.removed);
            Principal::Registered(known)
        }
        (
            principal @ (Principal::Unknown | Principal::Retired),
            PrincipalEvent::ProfileChanged(_)
            | PrincipalEvent::PasswordSet(_)
            | PrincipalEvent::MembersSet(_)
            | PrincipalEvent::PropertiesChanged(_),
        ) => principal,
    }
}
