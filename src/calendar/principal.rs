//! One principal: a person, room, resource or group. **Invariant:** pure.

use schemas::{
    Event, PrincipalId,
    collection::{Property, PropertyName},
    event::Nothing,
    principal::{
        PrincipalKind, PrincipalMembersSet, PrincipalPasswordSet, PrincipalPropertiesChanged, PrincipalRegistered,
        Profile,
    },
};

use crate::{Refusal, properties};

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
    /// Registers, or brings an earlier registration up to date.
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
pub fn decide(principal: &Principal, command: &Command) -> Result<Vec<Event>, Refusal> {
    match (principal, command) {
        (Principal::Unknown, Command::Register { short_name, kind, profile }) => {
            Ok(vec![Event::PrincipalRegistered(PrincipalRegistered {
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
        (Principal::Registered(known), command) => Ok(change(known, command)),
    }
}

fn change(known: &Registered, command: &Command) -> Vec<Event> {
    match command {
        Command::Register { profile, .. } if *profile == known.profile => vec![],
        Command::Register { profile, .. } => vec![Event::PrincipalProfileChanged(profile.clone())],
        Command::SetPassword { phc } if Some(phc) == known.phc.as_ref() => vec![],
        Command::SetPassword { phc } => vec![Event::PrincipalPasswordSet(PrincipalPasswordSet { phc: phc.clone() })],
        Command::SetMembers { members } if *members == known.members => vec![],
        Command::SetMembers { members } => {
            vec![Event::PrincipalMembersSet(PrincipalMembersSet { members: members.clone() })]
        }
        Command::ChangeProperties { set, removed } => {
            let (set, removed) = properties::news(&known.properties, set, removed);
            if set.is_empty() && removed.is_empty() {
                return vec![];
            }
            vec![Event::PrincipalPropertiesChanged(PrincipalPropertiesChanged { set, removed })]
        }
        Command::Retire => vec![Event::PrincipalRetired(Nothing {})],
    }
}

/// What happened. Total. Events of other aggregates leave it as it is.
pub fn evolve(principal: Principal, event: &Event) -> Principal {
    match (principal, event) {
        (_, Event::PrincipalRegistered(new)) => Principal::Registered(Box::new(Registered {
            short_name: new.short_name.clone(),
            kind: new.kind,
            profile: new.profile.clone(),
            phc: None,
            members: vec![],
            properties: vec![],
        })),
        (_, Event::PrincipalRetired(_)) => Principal::Retired,
        (Principal::Registered(mut known), event) => {
            learn(&mut known, event);
            Principal::Registered(known)
        }
        (principal, _) => principal,
    }
}

fn learn(known: &mut Registered, event: &Event) {
    match event {
        Event::PrincipalProfileChanged(profile) => known.profile.clone_from(profile),
        Event::PrincipalPasswordSet(set) => known.phc = Some(set.phc.clone()),
        Event::PrincipalMembersSet(set) => known.members.clone_from(&set.members),
        Event::PrincipalPropertiesChanged(changed) => {
            Property::change(&mut known.properties, &changed.set, &changed.removed);
        }
        _ => {}
    }
}
