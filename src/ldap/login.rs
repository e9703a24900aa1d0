//! Logins: a password is right if the directory lets the person bind with it (RFC 4513 §5.1.3).

use crate::{connection::SUCCESS, directory::Directory, entry::Entry, failure::Failure, filter};

/// Result codes of a bind that mean no: wrong password, no such entry, no password, locked or
/// disabled.
const REFUSALS: [u32; 6] = [19, 32, 48, 49, 50, 53];
/// The name of an entry that no directory has.
const NOBODY: &str = "cn=8f0d3a52-6f2e-4a0e-9a53-0c1f3b6a7d11";

/// Searches for the person, and binds with their password. For an unknown name it binds
/// with a DN that does not exist, so that the answer takes as long.
pub(crate) async fn check(directory: &Directory, name: &str, password: &str) -> Result<bool, Failure> {
    // RFC 4513 §5.1.2: a bind without a password succeeds, and proves nothing.
    if name.is_empty() || password.is_empty() {
        return Ok(false);
    }
    let people = &directory.settings.people;
    let mut connection = directory.connect().await?;
    let sought = filter::with(&people.filter, &people.id_attribute, name);
    let found = connection.search(&people.base, &sought, &[&people.id_attribute], 1).await?;
    let dn = match found.as_slice() {
        [person] => Some(person.dn.clone()).filter(|_| is_named(person, &people.id_attribute, name)),
        [] => None,
        _ => {
            tracing::warn!(name, "the directory has several people of this name, so none of them can log in");
            None
        }
    };
    let nobody = || format!("{NOBODY},{}", people.base);
    let answer = connection.bind(&dn.clone().unwrap_or_else(nobody), password).await?;
    match answer.rc {
        SUCCESS => Ok(dn.is_some()),
        code if REFUSALS.contains(&code) => Ok(false),
        code => Err(Failure::refused(&connection.server, "a login", code, &answer.text)),
    }
}

/// Compares a name as accounts do. A directory may find more: Active Directory takes `jurgen` for
/// `jürgen`.
fn is_named(person: &Entry, id_attribute: &str, name: &str) -> bool {
    let names = person.values(id_attribute).iter().filter_map(|value| std::str::from_utf8(value).ok());
    !person.dn.is_empty() && names.map(str::to_lowercase).any(|found| found == name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_exactly_the_name_in_any_case() {
        let person = Entry::new("uid=Alice,dc=example", &[("uid", "Alice"), ("uid", "aames")]);
        for (name, expected) in [("alice", true), ("AAMES", true), ("álice", false), ("ali ce", false), ("", false)] {
            assert_eq!(is_named(&person, "UID", name), expected, "{name}");
        }
        assert!(!is_named(&Entry::new("", &[("uid", "alice")]), "uid", "alice"), "the root of the directory");
    }
}
