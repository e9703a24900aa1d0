//! Executes requests about accounts on an open service.

use std::borrow::Cow;

use anyhow::{Context as _, Result};
use ical::Address;
use projections::{Directory, Entry};
use schemas::{
    Operator, PrincipalId, Timestamp,
    principal::{MeetingsOfRetired, PrincipalKind, PrincipalRetired, PrincipalState},
};
use service::{
    Service, Stamp, clock,
    principals::{Changed, Command, Extent, Settled},
};

use super::{
    Account, Passwords, Rights,
    account::registrations,
    circles, difference,
    request::{
        Action, AppPassword, Change, Done, GivenPasswords, Meetings, Origin, Outcome, Registered, Reply, Request,
    },
};
use crate::operator;

/// The name of the client with which the history records commands of operators.
pub(crate) const COMMAND_LINE: &str = "command line";
/// The maximum number of principals in one answer.
const PAGE_NAMES: usize = 5_000;
/// Maximum number of names of members in a page with registered principals. A group with more is
/// listed nevertheless, as the only group of its page.
const PAGE_MEMBERS: usize = 500_000;

/// Executes one request. The metadata of each written event contains the operator, and `via`, the
/// part of the program that sent the request.
pub(crate) async fn execute(service: &Service, request: Request, by: &Operator, via: &str) -> Reply {
    let extent = if request.dry_run { Extent::Plan } else { Extent::Apply };
    let composes = via == COMMAND_LINE;
    let execution = Execution { service, stamp: operator::stamp(via, by, None), extent, composes };
    match execution.run(request.action).await {
        Ok(done) => Reply::Done(done),
        Err(error) => Reply::Refused { why: format!("{error:#}") },
    }
}

struct Execution<'a> {
    service: &'a Service,
    stamp: Stamp,
    extent: Extent,
    /// True if new names are converted to the Unicode form NFC, which clients send (RFC 7617 §2.1).
    /// Names from an LDAP directory stay as they are.
    composes: bool,
}

impl Execution<'_> {
    async fn run(&self, action: Action) -> Result<Done> {
        let outcomes = match action {
            Action::Register { accounts, passwords } => self.register(accounts, passwords).await?,
            Action::Change { name, change, follow } => vec![self.change(&name, change, follow).await?],
            Action::AddAppPassword { principal, name } => {
                let principal = self.named(&principal)?;
                let secret = self.service.add_app_password(&self.stamp, principal, &name).await?;
                return Ok(Done { secret: Some(secret), ..Done::default() });
            }
            Action::RevokeAppPassword { principal, name } => {
                self.service.revoke_app_password(&self.stamp, self.named(&principal)?, &name).await?;
                vec![]
            }
            Action::AppPasswords { principal } => {
                let found = self.service.app_passwords(self.named(&principal)?).await?;
                let shown = found.into_iter().map(|password| AppPassword {
                    name: password.name,
                    created_at: password.created_at.seconds(),
                    last_used_at: password.last_used_at.map(Timestamp::seconds),
                });
                return Ok(Done { app_passwords: shown.collect(), ..Done::default() });
            }
            Action::FollowGroups => {
                self.service.follow_groups(&self.stamp).await?;
                vec![]
            }
            Action::Registered { after } => {
                let registered = registered(&self.service.models().directory(), &after);
                return Ok(Done { registered, ..Done::default() });
            }
            Action::Origins { names } => {
                let mut origins = vec![];
                for name in names {
                    let service::principals::Origin { registered_via, state_via } =
                        self.service.origin(self.named(&name)?).await?;
                    origins.push(Origin { registered_via, state_via });
                }
                return Ok(Done { origins, ..Done::default() });
            }
        };
        Ok(Done { outcomes, ..Done::default() })
    }

    fn named(&self, name: &str) -> Result<PrincipalId> {
        let directory = self.service.models().directory();
        let name = &*known_name(&directory, name);
        let entry = directory.by_name(name).with_context(|| format!("no account is named `{name}`"))?;
        Ok(entry.id)
    }

    async fn register(&self, mut accounts: Vec<Account>, passwords: GivenPasswords) -> Result<Vec<Outcome>> {
        let before = self.service.models().directory();
        if self.composes {
            for account in &mut accounts {
                compose(account, &before);
            }
        }
        if passwords == GivenPasswords::First {
            for account in &mut accounts {
                if before.by_name(&account.id).is_some_and(|entry| self.service.can_log_in(entry)) {
                    (account.password, account.password_hash) = (None, None);
                }
            }
        }
        let known = |name: &str| before.by_name(name).cloned();
        let registrations = registrations(&accounts, &Passwords::Unsaid, known, clock::new_id)?;
        let name = |id: PrincipalId| {
            let new = registrations.iter().find(|new| new.id == id).map(|new| new.short_name.clone());
            new.unwrap_or_else(|| name_of(&before, id))
        };
        circles::check(&before, &circles::changes(&before, &registrations), name)?;
        let changed = self.service.bring_up_to_date(&self.stamp, &registrations, self.extent).await?;
        let outcome = |(account, changed): (&Account, &Changed)| Outcome {
            name: account.id.clone(),
            is_new: before.by_name(&account.id).is_none(),
            has_password: changed.has_password(),
            changes: difference::of(changed, &name),
            aliases: aliases(account, before.by_name(&account.id)),
            meetings: None,
        };
        Ok(accounts.iter().zip(&changed).map(outcome).collect())
    }

    async fn change(&self, name: &str, change: Change, follow: bool) -> Result<Outcome> {
        let directory = self.service.models().directory();
        let name = &*known_name(&directory, name);
        let entry = directory.by_name(name).with_context(|| format!("no account is named `{name}`"))?;
        if let Change::Set(account) = change {
            let account = Account { id: entry.short_name.clone(), ..*account };
            let outcomes = self.register(vec![account], GivenPasswords::Set).await?;
            return outcomes.into_iter().next().context("no account was given");
        }
        if let Change::Password(password) = change {
            let account = Account { id: entry.short_name.clone(), password: Some(password), ..Account::default() };
            let outcomes = self.register(vec![account], GivenPasswords::Set).await?;
            return outcomes.into_iter().next().context("no account was given");
        }
        let command = command(&directory, entry, change, self.composes)?;
        // A command that plans several changes checks the members of all groups together.
        if let Command::SetMembers { members } = &command
            && (follow || self.extent == Extent::Apply)
        {
            circles::check(&directory, &[(entry.id, members)], |id| name_of(&directory, id))?;
        }
        let changed = if follow {
            self.service.change_principal(&self.stamp, entry.id, &command, self.extent).await?
        } else {
            self.service.change_one(&self.stamp, entry.id, &command, self.extent).await?
        };
        let member = |id: PrincipalId| name_of(&directory, id);
        Ok(Outcome {
            name: entry.short_name.clone(),
            is_new: false,
            has_password: self.service.can_log_in(entry),
            changes: difference::of(&changed, &member),
            aliases: vec![],
            meetings: match command {
                Command::Retire(leaving) => Some(self.settle_meetings(entry.id, leaving).await?),
                _ => None,
            },
        })
    }

    /// Hands over, cancels or keeps the meetings that a retired principal organizes, and counts
    /// them. A dry run only counts them.
    async fn settle_meetings(&self, retired: PrincipalId, leaving: PrincipalRetired) -> Result<Meetings> {
        let ahead = self.service.meetings_ahead(retired, self.stamp.metadata.at.seconds())?;
        let settled = match leaving {
            _ if self.extent == Extent::Plan => Settled::default(),
            PrincipalRetired { successor: Some(successor), .. } => {
                self.service.hand_over_meetings(&self.stamp, retired, successor).await?
            }
            PrincipalRetired { meetings: MeetingsOfRetired::Cancel, .. } => {
                self.service.cancel_meetings(&self.stamp, retired).await?
            }
            PrincipalRetired { .. } => Settled::default(),
        };
        Ok(Meetings { choice: leaving.meetings, ahead, settled: settled.done, failed: settled.failed })
    }
}

/// Returns a name unchanged if a principal has it. Otherwise returns it in the form NFC, which
/// clients send (RFC 7617 §2.1).
fn known_name<'a>(directory: &Directory, name: &'a str) -> Cow<'a, str> {
    if directory.by_name(name).is_some() { Cow::Borrowed(name) } else { ical::nfc(name) }
}

/// Converts the names in an account to the form NFC, except those that a principal in `before` has.
fn compose(account: &mut Account, before: &Directory) {
    let names = std::iter::once(&mut account.id).chain(account.members.iter_mut().flatten());
    for name in names {
        *name = known_name(before, name).into_owned();
    }
}

/// Returns the principal who takes over the meetings of a retired one; an error unless it is
/// another, active person.
fn successor(directory: &Directory, retired: &Entry, name: &str) -> Result<PrincipalId> {
    let entry = directory.by_name(name).with_context(|| format!("no account is named `{name}`"))?;
    anyhow::ensure!(
        entry.id != retired.id,
        "`{name}` is the person who leaves, and cannot take over the meetings: name another person"
    );
    anyhow::ensure!(
        entry.kind == PrincipalKind::Individual && entry.state == PrincipalState::Active,
        "`{name}` cannot organize meetings: name a person whose account is active"
    );
    Ok(entry.id)
}

/// Returns the command of the service for a change. `composes`: a new name is converted to the form
/// NFC.
fn command(directory: &Directory, entry: &Entry, change: Change, composes: bool) -> Result<Command> {
    Ok(match change {
        Change::Set(_) | Change::Password(_) => {
            anyhow::bail!(
                "the account was not changed, because the command sent the change in a wrong form: report this bug"
            )
        }
        Change::Rename(short_name) if composes => Command::Rename { short_name: ical::nfc(&short_name).into_owned() },
        Change::Rename(short_name) => Command::Rename { short_name },
        Change::Addresses { add, remove } => Command::ChangeAddresses { add, remove },
        Change::Members { set, add, remove } => {
            anyhow::ensure!(
                entry.kind == PrincipalKind::Group,
                "`{}` is not a group, so it has no members",
                entry.short_name
            );
            Command::SetMembers { members: members(directory, entry, set.as_deref(), &add, &remove)? }
        }
        Change::Disable => Command::Disable,
        Change::Enable => Command::Enable,
        Change::Retire { meetings, successor: name } => {
            let successor = name.map(|name| successor(directory, entry, &name)).transpose()?;
            anyhow::ensure!(
                successor.is_some() == (meetings == MeetingsOfRetired::HandOver),
                "`--meetings hand-over` and `--to` belong together: write `--meetings hand-over --to NAME`"
            );
            Command::Retire(PrincipalRetired { meetings, successor })
        }
    })
}

fn members(
    directory: &Directory,
    group: &Entry,
    set: Option<&[String]>,
    add: &[String],
    remove: &[String],
) -> Result<Vec<PrincipalId>> {
    let id = |name: &String| {
        let known = directory.by_name(&known_name(directory, name)).map(|entry| entry.id);
        known.with_context(|| format!("`{name}`, named as a member of `{}`, is not registered", group.short_name))
    };
    let ids = |names: &[String]| names.iter().map(id).collect::<Result<Vec<_>>>();
    let mut members = match set {
        Some(names) => ids(names)?,
        None => group.members.clone(),
    };
    let mut given = set.into_iter().flatten().chain(add);
    let own = given.find(|name| id(name).is_ok_and(|id| id == group.id));
    anyhow::ensure!(own.is_none(), "`{}` cannot be a member of itself", group.short_name);
    let gone = ids(remove)?;
    members.retain(|member| !gone.contains(member));
    for new in ids(add)? {
        if !members.contains(&new) {
            members.push(new);
        }
    }
    Ok(members)
}

/// Returns the registered addresses that a principal keeps although the account does not list them;
/// empty if the account lists no addresses.
fn aliases(account: &Account, known: Option<&Entry>) -> Vec<String> {
    let given: Vec<_> = account.addresses().iter().map(|written| Address::parse(written)).collect();
    let held = known.map(|entry| entry.addresses.as_slice()).unwrap_or_default();
    let kept = held.iter().filter(|address| !given.is_empty() && !given.contains(&Address::parse(address)));
    kept.cloned().collect()
}

fn registered(directory: &Directory, after: &str) -> Vec<Registered> {
    let mut page: Vec<_> = directory.all().iter().filter(|entry| entry.short_name.as_str() > after).collect();
    page.sort_by(|one, other| one.short_name.cmp(&other.short_name));
    let names = |members: &[PrincipalId]| {
        let known = members.iter().filter_map(|member| directory.by_id(*member));
        known.map(|entry| entry.short_name.clone()).collect()
    };
    let of = |entry: &Entry| Registered {
        name: entry.short_name.clone(),
        id: entry.id.0,
        kind: entry.kind,
        state: entry.state,
        display_name: entry.display_name.clone(),
        first_name: entry.first_name.clone(),
        last_name: entry.last_name.clone(),
        addresses: entry.addresses.clone(),
        rights: match (entry.administrator, entry.auditor) {
            (true, _) => Rights::All,
            (false, true) => Rights::Audit,
            (false, false) => Rights::None,
        },
        members: names(&entry.members),
    };
    let length = page_length(page.iter().map(|entry| entry.members.len()));
    page.into_iter().take(length).map(of).collect()
}

/// Returns how many principals fit into a page. `members`: the number of members of each.
fn page_length(members: impl Iterator<Item = usize>) -> usize {
    let mut listed = 0;
    let fits = |count: &usize| {
        let is_first_group = listed == 0;
        listed += count;
        is_first_group || listed <= PAGE_MEMBERS
    };
    members.take(PAGE_NAMES).take_while(fits).count()
}

fn name_of(directory: &Directory, id: PrincipalId) -> String {
    directory.by_id(id).map_or_else(|| id.to_string(), |entry| entry.short_name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_enough_names_or_members() {
        let rows = [
            (vec![], 0),
            (vec![0; PAGE_NAMES + 1], PAGE_NAMES),
            (vec![0, PAGE_MEMBERS - 1, 1, 0, 1], 4),
            (vec![0, PAGE_MEMBERS + 1, 0, 1], 2),
        ];
        for (members, length) in rows {
            assert_eq!(page_length(members.iter().copied()), length, "{:?}", &members[..members.len().min(5)]);
        }
    }
}
