//! The rights on this server that members of certain groups of the LDAP directory get.

use std::collections::BTreeSet;

use ldap::Snapshot;

use crate::principal::Rights;

/// The names of the groups whose members get a right. If both are empty, the sync does not change
/// rights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::directory) struct Roles {
    pub administrators: String,
    pub auditors: String,
}

/// The people to whom the directory gives rights.
#[derive(Debug, Default)]
pub(super) struct Granted<'a> {
    administrators: BTreeSet<&'a str>,
    auditors: BTreeSet<&'a str>,
    /// True if the settings name a group. Otherwise the sync does not change rights.
    is_said: bool,
}

impl<'a> Granted<'a> {
    /// Reads the members of the groups that give rights. If the directory lacks one of these
    /// groups, an error comes back that names it, and the sync does not change rights.
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

    /// Returns the right of a person; `None` if the sync does not change rights.
    pub(super) fn of(&self, name: &str) -> Option<Rights> {
        self.is_said.then(|| match (self.administrators.contains(name), self.auditors.contains(name)) {
            (true, _) => Rights::All,
            (false, true) => Rights::Audit,
            (false, false) => Rights::None,
        })
    }
}

/// Returns the members of a group, including the members of groups in it; `None` if there is no
/// such group.
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
