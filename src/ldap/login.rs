//! The check of a password: it is right if the directory lets the person bind with it (RFC 4513
//! §5.1.3).

use crate::{connection::SUCCESS, directory::Directory, entry::Entry, failure::Failure, filter};

/// The result codes of a bind that mean that the login is refused: wrong password, no such entry,
/// no password, account locked or disabled.
const REFUSALS: [u32; 6] = [19, 32, 48, 49, 50, 53];
/// The first part of a distinguished name that no directory contains; the base of the search
/// follows it.
const NOBODY: &str = "cn=8f0d3a52-6f2e-4a0e-9a53-0c1f3b6a7d11";
/// The maximum number of people that a search for one name may find. A directory that ignores
/// accents may find several, of whom only one has exactly the name.
const MAX_FOUND: u8 = 20;

/// Checks a password: searches for the person and binds with the password. For an unknown name it
/// binds as an entry that does not exist, so that it sends the same kinds of requests as for a
/// known name. Returns false if the directory refuses the bind (see [`REFUSALS`]), if the name or
/// the password is empty, or if no person or several have the name.
pub(crate) async fn check(directory: &Directory, name: &str, password: &str) -> Result<bool, Failure> {
    // RFC 4513 §5.1.2: a bind without a password succeeds, but does not prove who the person is.
    if name.is_empty() || password.is_empty() {
        return Ok(false);
    }
    let people = &directory.settings.people;
    let mut connection = directory.connect().await?;
    let sought = filter::with(&people.filter, &people.id_attribute, name);
    let found = connection.search(&people.base, &sought, &[&people.id_attribute], i32::from(MAX_FOUND)).await?;
    let dn = the_only_one(&found, &people.id_attribute, name);
    let nobody = || format!("{NOBODY},{}", people.base);
    let answer = connection.bind(&dn.clone().unwrap_or_else(nobody), password).await?;
    match answer.rc {
        SUCCESS => Ok(dn.is_some()),
        code if REFUSALS.contains(&code) => Ok(false),
        code => Err(Failure::refused(&connection.server, "a login", code, &answer.text)),
    }
}

/// Returns the distinguished name of the person with this name. `None` if nobody has it or several
/// do, or if the directory found more than [`MAX_FOUND`] entries.
fn the_only_one(found: &[Entry], id_attribute: &str, name: &str) -> Option<String> {
    let mut named = found.iter().filter(|person| is_named(person, id_attribute, name));
    let (first, second) = (named.next()?, named.next());
    if second.is_some() || found.len() > usize::from(MAX_FOUND) {
        tracing::warn!(
            name,
            "the directory finds several people for this name, so none of them can log in; give each of them a name of \
             their own, or narrow directory.people_filter"
        );
        return None;
    }
    Some(first.dn.clone())
}

/// True if a value of the entry's `id_attribute` is `name`, compared without regard to case, and
/// the entry has a distinguished name, which the root of a directory lacks. A search of the
/// directory may match more: Active Directory finds `jürgen` when it is asked for `jurgen`.
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

    #[test]
    fn of_the_people_that_a_directory_finds_the_one_with_exactly_the_name_logs_in() {
        let person = |name: &str| Entry::new(&format!("uid={name},dc=example"), &[("uid", name)]);
        let twin = || Entry::new("uid=jurgen,ou=former,dc=example", &[("uid", "Jurgen")]);
        let crowd = || (0..MAX_FOUND).map(|number| person(&number.to_string()));
        let rows = [
            ("nobody", vec![], None),
            ("one", vec![person("jurgen")], Some("uid=jurgen,dc=example")),
            ("another name", vec![person("jürgen")], None),
            ("two names", vec![person("jürgen"), person("jurgen")], Some("uid=jurgen,dc=example")),
            ("the same name twice", vec![person("jurgen"), twin()], None),
            ("many", crowd().skip(1).chain([person("jurgen")]).collect(), Some("uid=jurgen,dc=example")),
            ("too many to know all", crowd().chain([person("jurgen")]).collect(), None),
        ];
        for (title, found, expected) in rows {
            assert_eq!(the_only_one(&found, "uid", "jurgen").as_deref(), expected, "{title}");
        }
    }
}
