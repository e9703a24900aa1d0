//! One principal: a person, room, resource or group. **Invariant:** pure.

use schemas::{
    Event, PrincipalId,
    event::Nothing,
    principal::{PrincipalKind, PrincipalMembersSet, PrincipalPasswordSet, PrincipalRegistered, Profile},
};

use crate::Refusal;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Principal {
    #[default]
    Unknown,
    Registered {
        short_name: String,
        kind: PrincipalKind,
        profile: Profile,
        phc: Option<String>,
        members: Vec<PrincipalId>,
    },
    /// Its name and addresses may not be given again under this id.
    Retired,
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
    Retire,
}

/// What should happen? An empty answer means "already so".
pub fn decide(principal: &Principal, command: &Command) -> Result<Vec<Event>, Refusal> {
    match (principal, command) {
        (Principal::Retired, _) => Err(Refusal::NotFound),
        (Principal::Unknown, Command::Register { short_name, kind, profile }) => {
            Ok(vec![Event::PrincipalRegistered(PrincipalRegistered {
                short_name: short_name.clone(),
                kind: *kind,
                profile: profile.clone(),
            })])
        }
        (Principal::Unknown, Command::SetPassword { .. } | Command::SetMembers { .. } | Command::Retire) => {
            Err(Refusal::NotFound)
        }
        (Principal::Registered { .. }, command) => Ok(change(principal, command)),
    }
}

fn change(principal: &Principal, command: &Command) -> Vec<Event> {
    let Principal::Registered { profile: known, phc: known_phc, members: known_members, .. } = principal else {
        return vec![];
    };
    match command {
        Command::Register { profile, .. } if profile == known => vec![],
        Command::Register { profile, .. } => vec![Event::PrincipalProfileChanged(profile.clone())],
        Command::SetPassword { phc } if Some(phc) == known_phc.as_ref() => vec![],
        Command::SetPassword { phc } => vec![Event::PrincipalPasswordSet(PrincipalPasswordSet { phc: phc.clone() })],
        Command::SetMembers { members } if members == known_members => vec![],
        Command::SetMembers { members } => {
            vec![Event::PrincipalMembersSet(PrincipalMembersSet { members: members.clone() })]
        }
        Command::Retire => vec![Event::PrincipalRetired(Nothing {})],
    }
}

/// What happened. Total. Events of other aggregates leave it as it is.
pub fn evolve(principal: Principal, event: &Event) -> Principal {
    match (principal, event) {
        (_, Event::PrincipalRegistered(new)) => Principal::Registered {
            short_name: new.short_name.clone(),
            kind: new.kind,
            profile: new.profile.clone(),
            phc: None,
            members: vec![],
        },
        (_, Event::PrincipalRetired(_)) => Principal::Retired,
        (Principal::Registered { short_name, kind, phc, members, .. }, Event::PrincipalProfileChanged(profile)) => {
            Principal::Registered { short_name, kind, profile: profile.clone(), phc, members }
        }
        (Principal::Registered { short_name, kind, profile, members, .. }, Event::PrincipalPasswordSet(set)) => {
            Principal::Registered { short_name, kind, profile, phc: Some(set.phc.clone()), members }
        }
        (Principal::Registered { short_name, kind, profile, phc, .. }, Event::PrincipalMembersSet(set)) => {
            Principal::Registered { short_name, kind, profile, phc, members: set.members.clone() }
        }
        (principal, _) => principal,
    }
}
