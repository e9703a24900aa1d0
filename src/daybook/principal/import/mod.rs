//! `daybook principal import`: compares a file of accounts with the registered principals, and
//! applies the differences.
//!
//! The file is read twice: first to compute the changes for all accounts, and then, except in a dry
//! run, to apply the batches that change something. Only one batch of accounts is in memory at a
//! time.

mod groups;
mod reader;

use std::{
    collections::{BTreeSet, HashMap},
    fs::File,
    io::BufReader,
    path::Path,
};

use anyhow::{Context as _, Result, bail, ensure};
use audit::foreign;
use ical::Address;
use indicatif::ProgressBar;
use projections::folded;
use schemas::principal::{MeetingsOfRetired, PrincipalState};

use self::reader::Reader;
use super::{
    Account, Passwords, report,
    request::{Action, Change, GivenPasswords, Outcome, Registered, Request},
};
use crate::{cli, config::Config, control::client::Control, out, progress};

/// The maximum number of accounts in one request. The journal stores them in one durable group if
/// its engine can do that.
const BATCH_ACCOUNTS: usize = 100;
/// The maximum number of changes, and of names in a list, that an import prints as text. A dry run
/// prints all changes.
const LISTED_CHANGES: usize = 50;

pub(super) async fn run(folder: &Path, import: &cli::Import, config: &Config) -> Result<()> {
    let passwords = match &import.passwords {
        Some(file) => Passwords::read(file)?,
        None if import.password_is_id => Passwords::Id,
        None => Passwords::Unsaid,
    };
    let mut control = Control::open(folder, config).await?;
    let mut importing = Importing { import, folder, passwords, control: &mut control, plan: Plan::default() };
    let done = importing.run().await;
    control.close();
    done
}

/// The changes that the file asks for.
#[derive(Debug, Default)]
struct Plan {
    /// The names of all accounts of the file, without differences of case and Unicode normal form
    /// ([`folded`]).
    names: BTreeSet<String>,
    /// For each address in the file, the account that has it.
    addresses: HashMap<String, String>,
    /// The names of new accounts, without differences of case and Unicode normal form ([`folded`]).
    new: BTreeSet<String>,
    changed: BTreeSet<String>,
    /// For each batch of accounts that is registered in one request, true if it changes something.
    batches: Vec<bool>,
    /// The groups for which the file lists members. After the comparison, those whose members
    /// change, each after the groups in it.
    groups: Groups,
    /// With `--retire-missing`, the registered principals that are not in the file, without retired
    /// ones.
    missing: Vec<String>,
    /// The report that is printed at the end.
    text: String,
    /// The accounts that may log in according to the file, but have no password.
    locked_out: Vec<String>,
    listed: usize,
}

struct Importing<'a> {
    import: &'a cli::Import,
    folder: &'a Path,
    passwords: Passwords,
    control: &'a mut Control,
    plan: Plan,
}

impl Importing<'_> {
    async fn run(&mut self) -> Result<()> {
        let bar = progress::bar(0).with_message("comparing");
        self.compare(&bar).await?;
        self.compare_groups().await?;
        if self.import.missing.retire_missing {
            self.find_missing().await?;
        }
        if !self.import.output.dry_run {
            self.apply(&bar.with_message("registering")).await?;
        }
        self.conclude()
    }

    fn reader(&self, bar: &ProgressBar) -> Result<Reader<BufReader<File>>> {
        let file = File::open(&self.import.file).with_context(|| self.import.file.display().to_string())?;
        bar.set_length(file.metadata().map_or(0, |metadata| metadata.len()));
        Reader::new(BufReader::new(file)).with_context(|| self.import.file.display().to_string())
    }

    /// Reads the next accounts of the file, with their passwords. The members of groups are
    /// returned separately, because they are set after all accounts are registered.
    fn batch(&self, reader: &mut Reader<BufReader<File>>, bar: &ProgressBar) -> Result<(Vec<Account>, Groups)> {
        let batch = reader.batch(BATCH_ACCOUNTS).with_context(|| self.import.file.display().to_string())?;
        bar.set_position(reader.bytes());
        let mut groups = vec![];
        let mut bare = |account: Account| {
            let mut account = self.passwords.given_to(&account);
            if let Some(members) = account.members.take() {
                groups.push((account.id.clone(), members));
            }
            account
        };
        let batch = batch.into_iter().map(&mut bare).collect();
        Ok((batch, groups))
    }

    async fn compare(&mut self, bar: &ProgressBar) -> Result<()> {
        let mut reader = self.reader(bar)?;
        loop {
            let (batch, groups) = self.batch(&mut reader, bar)?;
            if batch.is_empty() {
                bar.finish_and_clear();
                return Ok(());
            }
            batch.iter().try_for_each(|account| self.plan.claim(account))?;
            self.plan.groups.extend(groups);
            let logins: Vec<bool> = batch.iter().map(|account| account.login).collect();
            let outcomes = self.ask(true, self.registration(batch)).await?;
            self.plan.batches.push(outcomes.iter().any(|outcome| outcome.is_new || !outcome.changes.is_empty()));
            for (outcome, may_log_in) in outcomes.into_iter().zip(logins) {
                if may_log_in && !outcome.has_password {
                    self.plan.locked_out.push(outcome.name.clone());
                }
                self.note(outcome)?;
            }
        }
    }

    fn registration(&self, accounts: Vec<Account>) -> Action {
        let passwords = if self.import.set_passwords { GivenPasswords::Set } else { GivenPasswords::First };
        Action::Register { accounts, passwords }
    }

    async fn find_missing(&mut self) -> Result<()> {
        let (mut count, mut missing) = (0, vec![]);
        let take = |known: Registered| {
            if known.state != PrincipalState::Retired {
                count += 1;
                missing.extend((!self.plan.names.contains(&folded(&known.name))).then_some(known.name));
            }
        };
        self.control.registered(take).await?;
        self.plan.missing = missing;
        let missing = self.plan.missing.len();
        if missing * 2 > count && !self.import.missing.retire_many {
            bail!(
                "{} does not contain {missing} of {count} registered principals, so nothing was written: check the \
                 file, or retire them with --retire-many",
                self.import.file.display()
            );
        }
        for name in self.plan.missing.clone() {
            let outcomes = self.ask(true, change(&name, RETIRE)).await?;
            outcomes.into_iter().try_for_each(|outcome| self.note(outcome))?;
        }
        Ok(())
    }

    async fn apply(&mut self, bar: &ProgressBar) -> Result<()> {
        let mut reader = self.reader(bar)?;
        for is_changing in std::mem::take(&mut self.plan.batches) {
            let (batch, _) = self.batch(&mut reader, bar)?;
            if is_changing {
                self.ask(false, self.registration(batch)).await?;
            }
        }
        bar.finish_and_clear();
        let follow = !self.plan.groups.is_empty() || !self.plan.missing.is_empty();
        for (group, members) in std::mem::take(&mut self.plan.groups) {
            self.ask(false, set_members(&group, members)).await?;
        }
        for name in self.plan.missing.clone() {
            self.ask(false, change(&name, RETIRE)).await?;
        }
        if follow {
            self.ask(false, Action::FollowGroups).await?;
        }
        Ok(())
    }

    async fn ask(&mut self, dry_run: bool, action: Action) -> Result<Vec<Outcome>> {
        Ok(self.control.ask(Request { dry_run, action }).await?.outcomes)
    }

    /// Adds a change to the plan. A dry run prints it immediately, any other import at the end.
    fn note(&mut self, outcome: Outcome) -> Result<()> {
        if !outcome.is_new && outcome.changes.is_empty() {
            return Ok(());
        }
        let output = self.import.output;
        if output.dry_run {
            self.plan.listed += 1;
            let line =
                if output.json { report::json(&outcome, true) } else { report::text(&outcome, true, self.folder) };
            out::print(&line)?;
        } else if output.json {
            self.plan.text.push_str(&report::json(&outcome, false));
        } else if self.plan.listed < LISTED_CHANGES {
            self.plan.listed += 1;
            self.plan.text.push_str(&report::text(&outcome, false, self.folder));
        }
        if outcome.is_new {
            self.plan.new.insert(folded(&outcome.name));
        } else if !self.plan.new.contains(&folded(&outcome.name)) {
            self.plan.changed.insert(outcome.name);
        }
        Ok(())
    }

    fn conclude(&self) -> Result<()> {
        out::print(&self.plan.text)?;
        let Plan { names, new, changed, missing, locked_out, listed: shown, .. } = &self.plan;
        let (new, retired) = (new.len(), missing.len());
        let changed = changed.len() - retired;
        let same = names.len() - new - changed;
        let output = self.import.output;
        if output.json {
            let counts = serde_json::json!({
                "new": new, "changed": changed, "same": same, "retired": retired, "planned": output.dry_run,
                "without_password": locked_out,
            });
            return out::print(&foreign::json(&counts));
        }
        if !output.dry_run && new + changed + retired > *shown {
            out::print(&format!(
                "Further changes that are not listed: {}; before an import, --dry-run lists all.\n",
                new + changed + retired - shown
            ))?;
        }
        let are = match new {
            _ if output.dry_run => "would be",
            1 => "is",
            _ => "are",
        };
        let accounts = out::counted(new, "account", "accounts");
        let (file, folder) = (self.import.file.display(), self.folder.display());
        let left = if self.import.missing.retire_missing { format!(", {retired} retired") } else { String::new() };
        out::print(&format!("{file}: {accounts} {are} new, {changed} changed{left}, {same} unchanged in {folder}.\n"))?;
        if !locked_out.is_empty() {
            out::print(&format!(
                "No password is set yet for {}; `daybook principal password NAME` sets one.\n",
                listed(locked_out)
            ))?;
        }
        Ok(())
    }
}

/// Returns the names at the beginning of a list, and the number of the others.
fn listed(names: &[String]) -> String {
    let (shown, more) = names.split_at(names.len().min(LISTED_CHANGES));
    let shown = shown.join(", ");
    if more.is_empty() { shown } else { format!("{shown} and {} more", more.len()) }
}

/// Groups, each with the names of its members.
type Groups = Vec<(String, Vec<String>)>;

const RETIRE: Change = Change::Retire { meetings: MeetingsOfRetired::Keep, successor: None };

fn set_members(group: &str, members: Vec<String>) -> Action {
    change(group, Change::Members { set: Some(members), add: vec![], remove: vec![] })
}

fn change(name: &str, change: Change) -> Action {
    Action::Change { name: name.to_owned(), change, follow: false }
}

impl Plan {
    /// Adds an account to the plan; an error if another account of the file has the same name or
    /// one of its addresses.
    fn claim(&mut self, account: &Account) -> Result<()> {
        let name = &account.id;
        ensure!(self.names.insert(folded(name)), "the account `{name}` is listed twice; remove one of the two");
        for address in account.addresses() {
            let canonical = Address::parse(&address).map_or(address.clone(), |parsed| parsed.canonical().to_owned());
            let holder = self.addresses.entry(canonical).or_insert_with(|| name.clone());
            ensure!(
                holder == name,
                "the file gives the address `{address}` to both `{holder}` and `{name}`; remove it from one of them"
            );
        }
        Ok(())
    }
}
