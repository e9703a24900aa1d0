//! Compares the members of groups in the file with the registered ones.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use projections::folded;
use schemas::principal::{PrincipalKind, PrincipalState};

use super::{Importing, set_members};
use crate::{
    nesting::{self, Nesting},
    principal::request::{Difference, Outcome, Registered},
};

/// The registered principals without retired ones, with [`folded`] names.
struct RegisteredGroups {
    /// The names of all principals.
    names: BTreeSet<String>,
    groups: Nesting<String>,
}

impl Importing<'_> {
    /// Removes from the plan the groups whose members do not change. Returns the others in an order
    /// in which no group contains itself while they get their members one by one.
    pub(super) async fn compare_groups(&mut self) -> Result<Vec<String>> {
        if self.plan.groups.is_empty() {
            return Ok(vec![]);
        }
        let registered = self.registered_groups().await?;
        for (group, members) in std::mem::take(&mut self.plan.groups) {
            // The server cannot look up new accounts, because they are not registered yet.
            let (coming, known): (Vec<_>, Vec<_>) =
                members.iter().cloned().partition(|member| self.plan.new.contains(&folded(member)));
            if self.plan.new.contains(&folded(&group)) {
                let is_known = |name: &str| self.plan.names.contains(name) || registered.names.contains(name);
                if let Some(unknown) = known.iter().find(|name| !is_known(&folded(name))) {
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
        self.in_order(registered.groups)
    }

    /// Returns the groups of the plan, each after the groups in it. `Err` names the circle if a
    /// group would contain itself.
    fn in_order(&self, mut nesting: Nesting<String>) -> Result<Vec<String>> {
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

    async fn registered_groups(&mut self) -> Result<RegisteredGroups> {
        let mut registered = RegisteredGroups { names: BTreeSet::new(), groups: Nesting::of([]) };
        let take = |known: Registered| {
            if known.state == PrincipalState::Retired {
                return;
            }
            let name = folded(&known.name);
            if known.kind == PrincipalKind::Group {
                let members = known.members.iter().map(|member| folded(member)).collect();
                registered.groups.set(name.clone(), members);
            }
            registered.names.insert(name);
        };
        self.control.registered(take).await?;
        Ok(registered)
    }
}
