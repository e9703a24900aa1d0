//! Rights that members of groups of the directory have here.

use std::collections::BTreeSet;

use ldap::Snapshot;

use crate::principal::Rights;

/// Names of the groups whose members have a right. Both empty: rights are this server's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::directory) struct Roles {
    pub administrators: String,
    pub auditors: String,
}

/// Who has which right by the directory.
#[derive(Debug, Default)]
pub(super) struct Granted<'a> {
    administrators: BTreeSet<&'a str>,
    auditors: BTreeSet<&'a str>,
    /// False: nothing is said, and rights stay as they are.
    is_said: bool,
}

impl<'a> Granted<'a> {
    /// Reads the groups. `Err` names one that the directory lacks: then rights stay as they are.
    pub(super) fn read(snapshot: &'a Snapshot, roles: &Roles) -> Result<Self, String> {
        let of = |setting, group: &str| match everybody(snapshot, group) {
            _ if group.is_empty() => Ok(BTreeSet::new()),
            Some(members) => Ok(members),
            None => Err(format!("the directory has no group `{group}` ({setting}), so rights stay as they are")),
        };
        Ok(Self {
            administrators: of("directory.administrators_group", &roles.administrators)?,
            auditors: of("directory.auditors_group", &roles.auditors)?,
            is_said: *roles != Roles::default(),
        })
    }

    /// The right of a person; `None`: it stays as it is.
    pub(super) fn of(&self, name: &str) -> Option<Rights> {
        self.is_said.then(|| match (self.administrators.contains(name), self.auditors.contains(name)) {
            (true, _) => Rights::All,
            (false, true) => Rights::Audit,
            (false, false) => Rights::None,
        })
    }
}

/// Everybody in a group, also through other groups; `None`: there is no such group.
fn everybody<'a>(snapshot: &'a Snapshot, group: &str) -> Option<BTreeSet<&'a str>> {
    let named = |name: &str| snapshot.groups.iter().find(|group| group.listed.name == name);
    let (mut found, mut open) = (BTreeSet::new(), vec![named(group)?]);
    while let Some(group) = open.pop() {
        for member in &group.members {
            if found.insert(member.as_str()) {
                open.extend(named(member));
            }
        }
    }
    Some(found)
}
