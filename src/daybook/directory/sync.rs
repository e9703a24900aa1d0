//! A sync with the LDAP directory: reads the registered principals, computes the plan and executes
//! it, over the control socket or within the server.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;
use ldap::Snapshot;
use serde_json::json;

use super::plan::{self, Known, Plan, Roles};
use crate::{
    control::client::Control,
    principal::{Account, Action, Change, Difference, Done, GivenPasswords, Origin, Outcome, Request},
};

/// The maximum number of accounts in one request, and of names in one [`Action::Origins`].
const BATCH: usize = 100;

/// The options of a sync.
pub(super) struct Options<'a> {
    pub dry_run: bool,
    /// The names of accounts that only this server has, in lower case.
    pub local: &'a BTreeSet<String>,
    /// The groups whose members get rights.
    pub roles: &'a Roles,
    pub may_disable_many: bool,
}

/// The changes that a sync made, or would make in a dry run.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub outcomes: Vec<Outcome>,
    /// Texts about entries and members that were left out, and about refused changes, with the
    /// reasons.
    pub left_out: Vec<String>,
}

/// Changes the registered principals to agree with the directory. An error comes back if the plan
/// is refused as a whole, if the registered principals cannot be read, or if the meetings that
/// invite changed groups cannot be updated. The refusal of a change to one account only adds an
/// entry to `left_out`.
pub(super) async fn run(control: &mut Control, snapshot: &Snapshot, options: &Options<'_>) -> Result<Report> {
    let mut registered = vec![];
    control.registered(|known| registered.push(known)).await?;
    let mut syncing = Syncing { control, dry_run: options.dry_run, report: Report::default() };
    let origins = syncing.origins(&plan::questions(snapshot, &registered)).await?;
    let known = Known {
        registered: &registered,
        origins: &origins,
        local: options.local,
        roles: options.roles,
        may_disable_many: options.may_disable_many,
    };
    let plan = plan::plan(snapshot, &known)?;
    syncing.carry_out(plan).await?;
    Ok(syncing.report)
}

struct Syncing<'a> {
    control: &'a mut Control,
    dry_run: bool,
    report: Report,
}

impl Syncing<'_> {
    async fn origins(&mut self, names: &[String]) -> Result<HashMap<String, Origin>> {
        let mut all = HashMap::new();
        for names in names.chunks(BATCH) {
            let origins = self.ask(true, Action::Origins { names: names.to_vec() }).await?.origins;
            all.extend(names.iter().cloned().zip(origins));
        }
        Ok(all)
    }

    async fn carry_out(&mut self, plan: Plan) -> Result<()> {
        let is_following = !plan.is_empty() && !self.dry_run;
        let Plan { disabled, enabled, renamed, accounts, members, left_out } = plan;
        self.report.left_out = left_out;
        // Disables accounts first, so that people who left cannot log in even if a later step
        // fails.
        for name in disabled {
            self.change(&name, Change::Disable).await;
        }
        for name in enabled {
            self.change(&name, Change::Enable).await;
        }
        for (name, new) in &renamed {
            self.change(name, Change::Rename(new.clone())).await;
        }
        for batch in accounts.chunks(BATCH) {
            self.register(batch, &renamed).await;
        }
        for (group, names) in members {
            self.set_members(&group, names).await;
        }
        if is_following {
            self.ask(false, Action::FollowGroups).await?;
        }
        Ok(())
    }

    /// Registers accounts in one request, or one by one if that request is refused. `renamed`: the
    /// old and new names of renamed accounts.
    async fn register(&mut self, accounts: &[Account], renamed: &[(String, String)]) {
        // In a dry run no account was renamed, so the account still has its old name.
        let named = |account: &Account| {
            let before = renamed.iter().find(|(_, new)| self.dry_run && *new == account.id);
            Account { id: before.map_or_else(|| account.id.clone(), |(name, _)| name.clone()), ..account.clone() }
        };
        let accounts: Vec<_> = accounts.iter().map(named).collect();
        let action = |accounts| Action::Register { accounts, passwords: GivenPasswords::First };
        if let Ok(done) = self.ask(self.dry_run, action(accounts.clone())).await {
            return self.report.outcomes.extend(done.outcomes);
        }
        for account in accounts {
            let name = account.id.clone();
            let done = self.ask(self.dry_run, action(vec![account])).await;
            self.note(&name, done);
        }
    }

    async fn set_members(&mut self, group: &str, names: Vec<String>) {
        if self.dry_run {
            // In a dry run new members do not exist yet, so the server could not find them.
            let changes = vec![Difference { what: "members".to_owned(), before: json!(null), after: json!(names) }];
            let name = group.to_owned();
            return self.report.outcomes.push(Outcome { name, changes, ..Outcome::default() });
        }
        self.change(group, Change::Members { set: Some(names), add: vec![], remove: vec![] }).await;
    }

    async fn change(&mut self, name: &str, change: Change) {
        let done = self.ask(self.dry_run, Action::Change { name: name.to_owned(), change, follow: false }).await;
        self.note(name, done);
    }

    /// Records the result for one account. A refusal does not stop the sync of the others.
    fn note(&mut self, name: &str, done: Result<Done>) {
        match done {
            Ok(done) => self.report.outcomes.extend(done.outcomes),
            Err(error) => self.report.left_out.push(format!("`{name}`: {error:#}")),
        }
    }

    async fn ask(&mut self, dry_run: bool, action: Action) -> Result<Done> {
        self.control.ask_for_directory(Request { dry_run, action }).await
    }
}
