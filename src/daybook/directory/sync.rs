//! A sync: reads what is registered, plans, and carries the plan out over the control socket or
//! within the server.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;
use ldap::Snapshot;
use serde_json::json;

use super::plan::{self, Known, Plan, Roles};
use crate::{
    control::client::Control,
    principal::{Account, Action, Change, Difference, Done, GivenPasswords, Origin, Outcome, Registered, Request},
};

/// Accounts in one request, and in one durable group; names in one question.
const BATCH: usize = 100;

/// How a sync is to go.
pub(super) struct Options<'a> {
    pub dry_run: bool,
    /// Names of accounts that are this server's alone, in lower case.
    pub local: &'a BTreeSet<String>,
    /// Whose members have which right.
    pub roles: &'a Roles,
    pub may_disable_many: bool,
}

/// What a sync changed, or would.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub outcomes: Vec<Outcome>,
    /// Entries and accounts that were left out, each with the reason.
    pub left_out: Vec<String>,
}

/// Brings what is registered to what the directory says. A plan that is held back is an error.
pub(super) async fn run(control: &mut Control, snapshot: &Snapshot, options: &Options<'_>) -> Result<Report> {
    let mut syncing = Syncing { control, dry_run: options.dry_run, report: Report::default() };
    let registered = syncing.registered().await?;
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
    async fn registered(&mut self) -> Result<Vec<Registered>> {
        let mut all: Vec<Registered> = vec![];
        loop {
            let after = all.last().map(|known| known.name.clone()).unwrap_or_default();
            let page = self.ask(true, Action::Registered { after }).await?.registered;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

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
        // Disables first, so that people who left are locked out even if a later step fails.
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

    /// Registers accounts together, or one by one if some of them are refused.
    async fn register(&mut self, accounts: &[Account], renamed: &[(String, String)]) {
        // A dry run has renamed no account: the former name is the one that exists.
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
            // New members cannot be looked up yet.
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

    /// A refusal for one account does not stop the others.
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
