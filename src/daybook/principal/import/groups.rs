//! Compares the members of groups in the file with the registered ones.

use std::collections::{BTreeMap, BTreeSet};

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
    /// The names of groups as they are registered, by their [`folded`] names.
    shown: BTreeMap<String, String>,
}

impl Importing<'_> {
    /// Removes from the plan the groups whose members do not change. Brings the others into an
    /// order in which no group contains itself while they get their members one by one.
    pub(super) async fn compare_groups(&mut self) -> Result<()> {
        let mut groups = std::mem::take(&mut self.plan.groups);
        if groups.is_empty() {
            return Ok(());
        }
        groups.sort();
        let registered = self.registered_groups().await?;
        for (group, members) in groups {
            // The server cannot look up new accounts, because they are not registered yet.
            let (coming, known): (Vec<_>, Vec<_>) =
                members.iter().cloned().partition(|member| self.plan.new.contains(&folded(member)));
            if self.plan.new.contains(&folded(&group)) {
                let is_known = |name: &str| self.plan.names.contains(name) || registered.names.contains(name);
                if let Some(unknown) = known.iter().find(|name| !is_known(&folded(name))) {
                    bail!("`{unknown}`, named as a member of `{group}`, is not registered");
                }
                self.plan.groups.push((group, members));
                continue;
            }
            let outcomes = self.ask(true, set_members(&group, known)).await?;
            let changes: Vec<Difference> = outcomes.into_iter().flat_map(|outcome| outcome.changes).collect();
            if !changes.is_empty() || !coming.is_empty() {
                let after = serde_json::json!(members);
                let before = changes.into_iter().next().map(|change| change.before).unwrap_or_default();
                let changes = vec![Difference { what: "members".to_owned(), before, after }];
                self.note(Outcome { name: group.clone(), changes, ..Outcome::default() })?;
                self.plan.groups.push((group, members));
            }
        }
        self.order(registered)
    }

    /// Brings the groups of the plan into an order in which each comes after the groups in it.
    /// `Err` names the circle if a group would contain itself.
    fn order(&mut self, registered: RegisteredGroups) -> Result<()> {
        let RegisteredGroups { mut shown, mut groups, names: _ } = registered;
        let plan = std::mem::take(&mut self.plan.groups);
        let mut changed: BTreeMap<_, _> = plan.into_iter().map(|change| (folded(&change.0), change)).collect();
        for (name, (given, members)) in &changed {
            groups.set(name.clone(), members.iter().map(|member| folded(member)).collect());
            shown.insert(name.clone(), given.clone());
        }
        if let Some(circle) = changed.keys().find_map(|group| groups.circle_of(group)) {
            let circle: Vec<_> = circle.into_iter().map(|name| shown.remove(&name).unwrap_or(name)).collect();
            let file = self.import.file.display();
            bail!("{file}: {}; nothing was written", nesting::sentence(&circle));
        }
        let order = groups.innermost_first(changed.keys().cloned());
        self.plan.groups.extend(order.iter().filter_map(|name| changed.remove(name)));
        Ok(())
    }

    async fn registered_groups(&mut self) -> Result<RegisteredGroups> {
        let mut registered =
            RegisteredGroups { names: BTreeSet::new(), groups: Nesting::of([]), shown: BTreeMap::new() };
        let take = |known: Registered| {
            if known.state == PrincipalState::Retired {
                return;
            }
            let name = folded(&known.name);
            if known.kind == PrincipalKind::Group {
                let members = known.members.iter().map(|member| folded(member)).collect();
                registered.groups.set(name.clone(), members);
                registered.shown.insert(name.clone(), known.name);
            }
            registered.names.insert(name);
        };
        self.control.registered(take).await?;
        Ok(registered)
    }
}
