//! One principal: a person, room, resource or group. **Invariant:** pure.

use ical::Address;
use schemas::{
    PasswordId, PrincipalEvent, PrincipalId,
    collection::{Property, PropertyName},
    event::Nothing,
    principal::{
        PrincipalAppPasswordAdded, PrincipalAppPasswordRevoked, PrincipalKind, PrincipalMembersSet,
        PrincipalPasswordSet, PrincipalPropertiesChanged, PrincipalQuotaSet, PrincipalRegistered, PrincipalRenamed,
        PrincipalRetired, PrincipalState, Profile,
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
}

/// The data of a registered principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub short_name: String,
    /// The principal's former short names, the oldest first.
    pub former_names: Vec<String>,
    pub kind: PrincipalKind,
    pub state: PrincipalState,
    /// The decision about the meetings that the principal organized; `None` unless the principal is
    /// retired.
    pub left: Option<PrincipalRetired>,
    pub profile: Profile,
    /// The valid password, whose hash is kept in the vault; `None` if the principal has none.
    pub password: Option<PasswordId>,
    /// The valid passwords for single programs, the oldest first.
    pub app_passwords: Vec<AppPassword>,
    pub members: Vec<PrincipalId>,
    pub properties: Vec<Property>,
    /// Bytes that the home may hold; 0 for no limit, `None` for the limit in the settings.
    pub quota_bytes: Option<u64>,
}

/// A password for one program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPassword {
    pub id: PasswordId,
    /// The name, which describes the use of the password. It is unique among the app passwords of a
    /// principal.
    pub name: String,
}

/// The maximum number of app passwords of one principal.
pub const MAX_APP_PASSWORDS: usize = 50;

#[derive(Debug, Clone)]
pub enum Command {
    /// Registers a principal, or replaces the profile of a registered one. Earlier addresses stay
    /// as aliases, because meetings name them.
    Register {
        short_name: String,
        kind: PrincipalKind,
        profile: Profile,
    },
    SetPassword {
        password: PasswordId,
    },
    AddAppPassword {
        password: PasswordId,
        name: String,
    },
    /// Revokes the app password with this name.
    RevokeAppPassword {
        name: String,
    },
    SetMembers {
        members: Vec<PrincipalId>,
    },
    /// Sets and removes dead properties: `PROPPATCH` (RFC 4918 §9.2).
    ChangeProperties {
        set: Vec<Property>,
        removed: Vec<PropertyName>,
    },
    /// Gives the principal a new short name. The former name stays reserved for the principal.
    Rename {
        short_name: String,
    },
    /// Adds and removes calendar user addresses.
    ChangeAddresses {
        add: Vec<String>,
        remove: Vec<String>,
    },
    /// Sets the quota of the home (see [`Registered::quota_bytes`]).
    SetQuota {
        quota_bytes: Option<u64>,
    },
    /// Forbids the principal to log in.
    Disable,
    /// Lets a disabled or retired principal log in again.
    Enable,
    /// Forbids somebody who leaves to log in, and ends their scheduling.
    Retire(PrincipalRetired),
}

/// Returns the events that the command causes; empty if the principal is already as commanded.
///
/// Returns an error if the command is refused.
pub fn decide(principal: &Principal, command: &Command) -> Result<Vec<PrincipalEvent>, Refusal> {
    match (principal, command) {
        (Principal::Unknown, command) => begin(command),
        (Principal::Registered(known), command) if known.state == PrincipalState::Retired => retired(known, command),
        (Principal::Registered(known), Command::Register { short_name, kind, profile }) => {
            register_again(known, short_name, *kind, profile)
        }
        (Principal::Registered(known), command) => change(known, command),
    }
}

/// Decides on a command for an unknown principal. Every command but a registration is refused.
fn begin(command: &Command) -> Result<Vec<PrincipalEvent>, Refusal> {
    let Command::Register { short_name, kind, profile } = command else { return Err(Refusal::NotFound) };
    rules::name(short_name)?;
    check_profile(short_name, profile, &[])?;
    Ok(vec![PrincipalEvent::Registered(PrincipalRegistered {
        short_name: short_name.clone(),
        kind: *kind,
        profile: profile.clone(),
    })])
}

/// Decides on a command for a principal who has left. Only enabling, retiring again and a new quota
/// are possible.
fn retired(known: &Registered, command: &Command) -> Result<Vec<PrincipalEvent>, Refusal> {
    match command {
        Command::Enable => Ok(vec![PrincipalEvent::Enabled(Nothing {})]),
        Command::Retire(leaving) if known.left == Some(*leaving) => Ok(vec![]),
        // Once meetings were handed over, the decision about them cannot be changed: they belong to
        // another organizer now.
        Command::Retire(_) if known.left.is_some_and(|left| left.successor.is_some()) => {
            Err(Refusal::MeetingsHandedOver { name: known.short_name.clone() })
        }
        // The calendars of a retired principal stay, so their quota can change. Retiring again
        // replaces the decision about the meetings.
        Command::SetQuota { .. } | Command::Retire(_) => change(known, command),
        Command::Register { .. }
        | Command::SetPassword { .. }
        | Command::AddAppPassword { .. }
        | Command::RevokeAppPassword { .. }
        | Command::SetMembers { .. }
        | Command::ChangeProperties { .. }
        | Command::Rename { .. }
        | Command::ChangeAddresses { .. }
        | Command::Disable => Err(Refusal::PrincipalRetired { name: known.short_name.clone() }),
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
        return Err(Refusal::PrincipalOfOtherName { name: name.clone(), given: short_name.to_owned() });
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

/// Checks the names and the new addresses of a profile. `held` are the addresses that the principal
/// has already.
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
        // `decide` calls `register_again` for registrations.
        Command::Register { .. } => vec![],
        Command::SetPassword { password } if known.password == Some(*password) => vec![],
        Command::SetPassword { password } => {
            vec![PrincipalEvent::PasswordSet(PrincipalPasswordSet { password: *password })]
        }
        Command::AddAppPassword { password, name } => vec![add_app_password(known, *password, name)?],
        Command::RevokeAppPassword { name } => {
            let held = known.app_passwords.iter().find(|held| held.name == *name);
            let held = held.ok_or_else(|| Refusal::NoSuchAppPassword { name: name.clone() })?;
            vec![PrincipalEvent::AppPasswordRevoked(PrincipalAppPasswordRevoked { password: held.id })]
        }
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
        Command::Rename { short_name } if *short_name == known.short_name => vec![],
        Command::Rename { short_name } => {
            rules::name(short_name)?;
            vec![PrincipalEvent::Renamed(PrincipalRenamed { short_name: short_name.clone() })]
        }
        Command::ChangeAddresses { add, remove } => {
            let mut profile = known.profile.clone();
            profile.addresses = addresses(known, add, remove)?;
            if profile == known.profile { vec![] } else { vec![PrincipalEvent::ProfileChanged(profile)] }
        }
        Command::SetQuota { quota_bytes } if *quota_bytes == known.quota_bytes => vec![],
        Command::SetQuota { quota_bytes } => {
            vec![PrincipalEvent::QuotaSet(PrincipalQuotaSet { quota_bytes: *quota_bytes })]
        }
        Command::Disable if known.state == PrincipalState::Disabled => vec![],
        Command::Disable => vec![PrincipalEvent::Disabled(Nothing {})],
        Command::Enable if known.state == PrincipalState::Active => vec![],
        Command::Enable => vec![PrincipalEvent::Enabled(Nothing {})],
        Command::Retire(leaving) => vec![PrincipalEvent::Retired(*leaving)],
    })
}

fn add_app_password(known: &Registered, password: PasswordId, name: &str) -> Result<PrincipalEvent, Refusal> {
    rules::app_password_name(name)?;
    if known.app_passwords.iter().any(|held| held.name == name) {
        return Err(Refusal::AppPasswordExists { name: name.to_owned() });
    }
    if known.app_passwords.len() >= MAX_APP_PASSWORDS {
        return Err(Refusal::TooManyAppPasswords { limit: MAX_APP_PASSWORDS });
    }
    Ok(PrincipalEvent::AppPasswordAdded(PrincipalAppPasswordAdded { password, name: name.to_owned() }))
}

/// Returns the addresses of a principal after adding and removing some.
///
/// Returns an error if an address to add is invalid, if an address to remove is unknown, or if the
/// last address would be removed.
fn addresses(known: &Registered, add: &[String], remove: &[String]) -> Result<Vec<String>, Refusal> {
    let name = &known.short_name;
    add.iter().try_for_each(|new| rules::address(name, new))?;
    if let Some(strange) = remove.iter().find(|address| !has(&known.profile.addresses, address)) {
        return Err(Refusal::NoSuchAddress { name: name.clone(), address: strange.clone() });
    }
    let mut addresses: Vec<_> =
        known.profile.addresses.iter().filter(|address| !has(remove, address)).cloned().collect();
    for new in add {
        if !has(&addresses, new) {
            addresses.push(new.clone());
        }
    }
    if addresses.is_empty() && !remove.is_empty() {
        return Err(Refusal::LastAddress { name: name.clone() });
    }
    Ok(addresses)
}

/// Applies an event. Never fails.
pub fn evolve(principal: Principal, event: &PrincipalEvent) -> Principal {
    match (principal, event) {
        (_, PrincipalEvent::Registered(new)) => Principal::Registered(Box::new(Registered {
            short_name: new.short_name.clone(),
            former_names: vec![],
            kind: new.kind,
            state: PrincipalState::Active,
            left: None,
            profile: new.profile.clone(),
            password: None,
            app_passwords: vec![],
            members: vec![],
            properties: vec![],
            quota_bytes: None,
        })),
        (Principal::Registered(mut known), event) => {
            change_known(&mut known, event);
            Principal::Registered(known)
        }
        (Principal::Unknown, _) => Principal::Unknown,
    }
}

fn change_known(known: &mut Registered, event: &PrincipalEvent) {
    match event {
        // `evolve` handles registrations.
        PrincipalEvent::Registered(_) => {}
        PrincipalEvent::ProfileChanged(profile) => known.profile.clone_from(profile),
        PrincipalEvent::PasswordSet(set) => known.password = Some(set.password),
        PrincipalEvent::AppPasswordAdded(added) => {
            known.app_passwords.push(AppPassword { id: added.password, name: added.name.clone() });
        }
        PrincipalEvent::AppPasswordRevoked(revoked) => {
            known.app_passwords.retain(|held| held.id != revoked.password);
        }
        PrincipalEvent::MembersSet(set) => known.members.clone_from(&set.members),
        PrincipalEvent::PropertiesChanged(changed) => {
            Property::change(&mut known.properties, &changed.set, &changed.removed);
        }
        PrincipalEvent::Renamed(renamed) => {
            let former = std::mem::replace(&mut known.short_name, renamed.short_name.clone());
            known.former_names.push(former);
        }
        PrincipalEvent::QuotaSet(set) => known.quota_bytes = set.quota_bytes,
        PrincipalEvent::Disabled(_) => known.state = PrincipalState::Disabled,
        PrincipalEvent::Enabled(_) => (known.state, known.left) = (PrincipalState::Active, None),
        PrincipalEvent::Retired(retired) => {
            (known.state, known.left) = (PrincipalState::Retired, Some(*retired));
        }
    }
}

#[cfg(test)]
mod tests;
