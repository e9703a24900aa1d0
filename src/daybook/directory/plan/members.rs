//! The members of groups after a sync.

use std::collections::{BTreeMap, BTreeSet};

use ldap::Group;
use schemas::principal::{PrincipalKind, PrincipalState};

use super::Planning;
use crate::nesting::Nesting;

impl Planning<'_> {
    /// Plans the changes of members of groups, each after the groups in it. Members without an
    /// account here are left out, and members of the directory by which a group would contain
    /// itself. Accounts that only this server has are neither added nor removed.
    pub(super) fn members(&mut self, groups: &[Group]) {
        let mut nesting = self.nesting(groups);
        for group in groups {
            let Some(name) = self.names.get(&group.listed.name) else { continue };
            let before = self.members_before(group);
            let listed: BTreeSet<_> = group.members.iter().filter_map(|member| self.names.get(member)).collect();
            let (mut members, closing): (BTreeSet<_>, BTreeSet<_>) =
                listed.into_iter().cloned().partition(|member| nesting.add(name, member.clone()));
            members.extend(before.iter().filter(|name| self.is_local(name)).cloned());
            let why = |member| {
                format!(
                    "`{member}` is left out of `{name}`, because `{name}` is in `{member}`, directly or through other \
                     groups"
                )
            };
            self.plan.left_out.extend(closing.into_iter().map(why));
            if members != before {
                self.plan.members.push((name.clone(), members.into_iter().collect()));
            }
        }
        let mut changed: BTreeMap<_, _> = std::mem::take(&mut self.plan.members).into_iter().collect();
        let order = nesting.innermost_first(changed.keys().cloned());
        self.plan.members.extend(order.iter().filter_map(|group| changed.remove_entry(group)));
    }

    /// Returns the registered members of a group of the directory, by their names after the sync.
    fn members_before(&self, group: &Group) -> BTreeSet<String> {
        let known = self.index.of(&group.listed).map(|(known, _)| &known.members);
        known.into_iter().flatten().map(|name| self.renamed(name)).collect()
    }

    /// Returns the groups after the sync: those of the directory with those of their members that
    /// only this server has, and all others with their registered members.
    fn nesting(&self, groups: &[Group]) -> Nesting<String> {
        let is_group = |kind: PrincipalKind, state| kind == PrincipalKind::Group && state != PrincipalState::Retired;
        let registered = self.known.registered.iter().filter(|known| is_group(known.kind, known.state));
        let mut nesting = Nesting::of(registered.map(|group| {
            let members = group.members.iter().map(|member| self.renamed(member)).collect();
            (self.renamed(&group.name), members)
        }));
        for group in groups {
            if let Some(name) = self.names.get(&group.listed.name) {
                let local = self.members_before(group).into_iter().filter(|member| self.is_local(member));
                nesting.set(name.clone(), local.collect());
            }
        }
        nesting
    }

    /// Returns the name of a principal after the sync.
    fn renamed(&self, name: &str) -> String {
        let found = self.plan.renamed.iter().find(|(before, _)| before == name);
        found.map_or(name, |(_, after)| after).to_owned()
    }
}
