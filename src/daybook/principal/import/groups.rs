//! Compares the members of groups in the file with the registered ones.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use projections::folded;
use schemas::principal::{PrincipalKind, PrincipalState};

use super::{Importing, set_members};
use crate::{
    nesting::{self, Nesting},
    principal::request::{Action, Difference, Outcome, Registered, Request},
};

impl Importing<'_> {
    /// Removes from the plan the groups whose members do not change. Returns the others in an order
    /// in which no group contains itself while they get their members one by one.
    pub(super) async fn compare_groups(&mut self) -> Result<Vec<String>> {
        for (group, members) in std::mem::take(&mut self.plan.groups) {
            // The server cannot look up new accounts, because they are not registered yet.
            let (coming, known): (Vec<_>, Vec<_>) =
                members.iter().cloned().partition(|member| self.plan.new.contains(&folded(member)));
            if self.plan.new.contains(&folded(&group)) {
                if let Some(unknown) = self.unregistered(&known).await? {
                    bail!("`{unknown}`, named as a member of `{group}`, is not registered");
                }
                self.plan.groups.insert(group, members);
                continue;
            }
            let outcomes = self.ask(true, set_members(&group, known)).await?;
            let changes: Vec<Difference> = outcomes.into_iter().flat_map(|outcome| outcome.changes).collect();
            if !changes.is_empty() || !coming.is_empty() {
                let after = serde_json::json!(members);
                let before = changes.into_iter().next().map(|change| change.before).unwrap_or_default();
                let changes = vec![Difference { what: "members".to_owned(), before, after }];
                self.note(Outcome { name: group.clone(), changes, ..Outcome::default() })?;
                self.plan.groups.insert(group, members);
            }
        }
        self.in_order().await
    }

    /// Returns the groups of the plan, each after the groups in it. `Err` names the circle if a
    /// group would contain itself.
    async fn in_order(&mut self) -> Result<Vec<String>> {
        if self.plan.groups.is_empty() {
            return Ok(vec![]);
        }
        let registered = self.registered_accounts().await?;
        let groups = registered
            .iter()
            .filter(|known| known.kind == PrincipalKind::Group && known.state != PrincipalState::Retired)
            .map(|group| (folded(&group.name), group.members.iter().map(|member| folded(member)).collect()));
        let mut nesting = Nesting::of(groups);
        for (group, members) in &self.plan.groups {
            nesting.set(folded(group), members.iter().map(|member| folded(member)).collect());
        }
        let own: Vec<_> = self.plan.groups.keys().map(|group| folded(group)).collect();
        if let Some(circle) = own.iter().find_map(|group| nesting.circle_of(group)) {
            let file = self.import.file.display();
            bail!("{file}: {}; nothing was written", nesting::sentence(&circle));
        }
        let mut names: Vec<_> = nesting.innermost_first(own);
        for name in &mut names {
            if let Some(given) = self.plan.groups.keys().find(|group| folded(group) == *name) {
                name.clone_from(given);
            }
        }
        Ok(names)
    }

    /// Returns one of the names that is neither in the file nor registered; `None` if there is
    /// none.
    async fn unregistered(&mut self, names: &[String]) -> Result<Option<String>> {
        let elsewhere: Vec<_> = names.iter().filter(|name| !self.plan.names.contains(&folded(name))).cloned().collect();
        if elsewhere.is_empty() {
            return Ok(None);
        }
        let registered: BTreeSet<String> = self.registered().await?.iter().map(|name| folded(name)).collect();
        Ok(elsewhere.into_iter().find(|name| !registered.contains(&folded(name))))
    }

    async fn registered_accounts(&mut self) -> Result<Vec<Registered>> {
        let mut all: Vec<Registered> = vec![];
        loop {
            let after = all.last().map(|known| known.name.clone()).unwrap_or_default();
            let action = Action::Registered { after };
            let page = self.control.ask(Request { dry_run: true, action }).await?.registered;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }
}
