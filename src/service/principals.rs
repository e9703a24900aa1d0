//! Registers and changes principals, and checks their logins.

pub use calendar::principal::{Command, Principal, Registered};
use calendar::{
    Refusal, in_turn,
    principal::{decide, evolve},
};
use futures::{StreamExt as _, TryStreamExt as _};
use schemas::{
    Fact, Position, PrincipalEvent, PrincipalId,
    principal::{PrincipalKind, Profile},
};
use vault::Password;

mod claims;
mod leaving;
mod logins;
mod origin;
mod rights;

pub use leaving::Settled;
pub use origin::Origin;
pub use rights::Rights;
use uuid::Uuid;

use self::claims::Claim;
use crate::{
    Service,
    clock::Stamp,
    error::Error,
    first_collections::{self, FirstCalendars},
    freshness::Subject,
    store::{Loaded, Write, decision},
};

/// Data with which an operator or a directory registers or updates a principal.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Id of the principal, never reused. If it is registered already, its profile is updated.
    pub id: PrincipalId,
    pub short_name: String,
    pub kind: PrincipalKind,
    pub profile: Profile,
    pub password: Option<NewPassword>,
    pub members: Vec<PrincipalId>,
}

/// Choice of whether a command is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The command is executed.
    Apply,
    /// Only the changes are determined; nothing is stored.
    Plan,
}

/// A principal before a command and after it.
#[derive(Debug, Clone)]
pub struct Changed {
    pub id: PrincipalId,
    pub before: Principal,
    pub after: Principal,
    /// Types of the events that were appended, or would be appended.
    pub events: Vec<&'static str>,
}

impl Changed {
    /// Returns true if the principal has a password after the command.
    pub fn has_password(&self) -> bool {
        matches!(&self.after, Principal::Registered(known) if known.password.is_some())
    }
}

/// Decided events of one principal that are not appended yet.
#[derive(Debug)]
struct Plan {
    id: PrincipalId,
    loaded: Loaded<Principal>,
    after: Principal,
    events: Vec<PrincipalEvent>,
    basis: Option<Position>,
    /// New password, whose hash is not in the vault yet; `None` without a new password.
    password: Option<Password>,
}

impl Plan {
    fn changed(&self) -> Changed {
        let events = self.events.iter().map(Fact::kind).collect();
        Changed { id: self.id, before: (*self.loaded.state).clone(), after: self.after.clone(), events }
    }

    /// Returns the writes of the principal and, if it is new and no group, of the collections of
    /// its home.
    fn writes(self, stamp: &Stamp, shown: &FirstCalendars) -> Vec<Write> {
        let Self { id, loaded, after, events, basis, password: _ } = self;
        let stamp = Stamp { act: Uuid::new_v5(&stamp.act, id.0.as_bytes()), ..stamp.clone() };
        let is_new = loaded.revision.is_none();
        let mut writes = Vec::new();
        if !events.is_empty() {
            writes.push(decision(Subject::Directory, id, loaded, &stamp, events).resting_on(basis).write());
        }
        let Principal::Registered(known) = after else { return writes };
        if is_new && known.kind != PrincipalKind::Group {
            let Profile { display_name, .. } = &known.profile;
            let owner = if display_name.is_empty() { &known.short_name } else { display_name };
            writes.extend(first_collections::writes(id, owner, shown, &stamp));
        }
        writes
    }
}

/// Maximum number of passwords of registrations that are hashed at the same time.
const PASSWORDS_AT_ONCE: usize = 2;

/// New password of an account.
#[derive(Clone, PartialEq, Eq)]
pub enum NewPassword {
    /// The password in plain text.
    Plain(String),
    /// Hash of the password that another system made. The first right login replaces it, unless its
    /// form is argon2.
    Hash(String),
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword { .. }")
    }
}

impl Service {
    /// Registers or updates principals. All of them are stored in one durable group.
    pub async fn register(&self, stamp: &Stamp, registrations: Vec<Registration>) -> Result<(), Error> {
        self.bring_up_to_date(stamp, &registrations, Extent::Apply).await.map(drop)
    }

    /// Registers or updates principals, or only determines the changes, as `extent` says. Returns
    /// the state of each principal before and after the change.
    pub async fn bring_up_to_date(
        &self,
        stamp: &Stamp,
        registrations: &[Registration],
        extent: Extent,
    ) -> Result<Vec<Changed>, Error> {
        let changed = self.register_alone(stamp, registrations, extent).await?;
        // Meetings and shares follow the groups even if no group changed: a retry has to complete
        // an interrupted update.
        let is_group = |registration: &Registration| registration.kind == PrincipalKind::Group;
        if extent == Extent::Apply && registrations.iter().any(is_group) {
            self.follow_groups(stamp).await?;
        }
        Ok(changed)
    }

    async fn register_alone(
        &self,
        stamp: &Stamp,
        registrations: &[Registration],
        extent: Extent,
    ) -> Result<Vec<Changed>, Error> {
        let _alone = self.registrations.lock().await;
        self.fresh(Subject::Directory).await?;
        let claims = registrations.iter().map(Claim::of_registration).collect::<Vec<_>>();
        claims::check(&self.models.directory(), &claims)?;
        // Hashes only a few passwords at a time, so that logins can proceed meanwhile.
        let plans = registrations.iter().map(|registration| self.plan_registration(stamp, registration, extent));
        let plans: Vec<Plan> = futures::stream::iter(plans).buffered(PASSWORDS_AT_ONCE).try_collect().await?;
        let changed = plans.iter().map(Plan::changed).collect();
        if extent == Extent::Apply {
            self.apply(stamp, plans).await?;
        }
        Ok(changed)
    }

    /// Changes one principal. If the command may change the members of a group, future meetings and
    /// shared calendars are updated. A command that retires a principal only records what happens
    /// to their meetings: the caller cancels them or hands them over.
    pub async fn change_principal(
        &self,
        stamp: &Stamp,
        id: PrincipalId,
        command: &Command,
        extent: Extent,
    ) -> Result<Changed, Error> {
        let changed = self.change_one(stamp, id, command, extent).await?;
        if extent == Extent::Apply && self.concerns_groups(id, command) {
            self.follow_groups(stamp).await?;
        }
        Ok(changed)
    }

    /// Changes one principal. The caller updates meetings and shared calendars later with
    /// [`Self::follow_groups`].
    pub async fn change_one(
        &self,
        stamp: &Stamp,
        id: PrincipalId,
        command: &Command,
        extent: Extent,
    ) -> Result<Changed, Error> {
        let _alone = self.registrations.lock().await;
        self.fresh(Subject::Directory).await?;
        let directory = self.models.directory();
        let name = directory.by_id(id).map(|entry| entry.short_name.clone()).ok_or(Refusal::NotFound)?;
        claims::check(&directory, &Claim::of_command(id, &name, command).into_iter().collect::<Vec<_>>())?;
        let plan = self.plan(id, std::slice::from_ref(command)).await?;
        let changed = plan.changed();
        if extent == Extent::Apply {
            self.apply(stamp, vec![plan]).await?;
        }
        Ok(changed)
    }

    /// Updates future meetings and shared calendars to the present members of the groups that are
    /// invited or have a share. Idempotent.
    pub async fn follow_groups(&self, stamp: &Stamp) -> Result<(), Error> {
        let shares = self.follow_shares_of_groups(stamp).await;
        // The meetings are updated even if the update of the shares fails.
        self.sync_group_members(stamp).await?;
        shares
    }

    /// Returns true if a command may change the members of a group. The result is also true if they
    /// are unchanged now, because a retry has to complete an interrupted update.
    fn concerns_groups(&self, id: PrincipalId, command: &Command) -> bool {
        match command {
            Command::SetMembers { .. } => true,
            Command::Enable | Command::Retire(_) => {
                let directory = self.models.directory();
                let is_group = directory.by_id(id).is_some_and(|entry| entry.kind == PrincipalKind::Group);
                is_group || directory.is_in_a_group(id)
            }
            Command::Register { .. }
            | Command::SetPassword { .. }
            | Command::AddAppPassword { .. }
            | Command::RevokeAppPassword { .. }
            | Command::ChangeProperties { .. }
            | Command::Rename { .. }
            | Command::ChangeAddresses { .. }
            | Command::SetQuota { .. }
            | Command::Disable => false,
        }
    }

    async fn plan_registration(
        &self,
        stamp: &Stamp,
        registration: &Registration,
        extent: Extent,
    ) -> Result<Plan, Error> {
        let id = registration.id;
        let mut commands = vec![Command::Register {
            short_name: registration.short_name.clone(),
            kind: registration.kind,
            profile: registration.profile.clone(),
        }];
        let known = self.store.load::<Principal>(id).await?;
        let new = self.new_password(stamp, registration, &known.state, extent).await?;
        commands.extend(new.as_ref().map(|new| Command::SetPassword { password: new.id }));
        if registration.kind == PrincipalKind::Group {
            commands.push(Command::SetMembers { members: registration.members.clone() });
        }
        // A plan that is not executed stores no password.
        let password = new.filter(|_| extent == Extent::Apply);
        Ok(Plan { password, ..self.plan(id, &commands).await? })
    }

    /// Decides the commands on the principal, each on the result of the one before. Appends
    /// nothing.
    async fn plan(&self, id: PrincipalId, commands: &[Command]) -> Result<Plan, Error> {
        let basis = self.store.basis();
        let loaded = self.store.load::<Principal>(id).await?;
        let events = in_turn(&*loaded.state, commands, decide, evolve)?;
        let after = events.iter().fold((*loaded.state).clone(), evolve);
        Ok(Plan { id, loaded, after, events, basis, password: None })
    }

    /// Appends the planned events as one durable group, and waits until the directory shows them.
    async fn apply(&self, stamp: &Stamp, plans: Vec<Plan>) -> Result<(), Error> {
        // The hashes are stored first: a stored event may only name a hash that is in the vault. A
        // hash that no event names cannot be used.
        let passwords: Vec<_> = plans.iter().filter_map(|plan| plan.password.clone()).collect();
        self.passwords.keep(passwords.clone()).await?;
        let shown = &self.settings.first_calendars;
        let writes: Vec<_> = plans.into_iter().flat_map(|plan| plan.writes(stamp, shown)).collect();
        let mut last = Position::START;
        for appended in self.store.append_many(writes).await {
            last = last.max(appended?.position);
        }
        self.applied(last).await?;
        self.passwords.remove_earlier(passwords).await;
        Ok(())
    }
}
