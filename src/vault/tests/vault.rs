//! Tests that every engine behaves alike, and that a file of the vault contains nothing that was
//! removed.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use schemas::{PasswordId, PrincipalId, Timestamp};
use uuid::Uuid;
use vault::{Altered, Failure, Key, Memory, Password, Secret, Vault, sqlite};

fn password(number: u128, principal: u128, name: Option<&str>) -> Password {
    let (id, principal) = (PasswordId(Uuid::from_u128(number)), PrincipalId(Uuid::from_u128(principal)));
    let phc = format!("$argon2id$v=19$hash-{number}");
    Password::new(id, principal, name.map(str::to_owned), phc, Timestamp::from_seconds(5))
}

/// Runs a case on every engine.
fn on_every_engine(case: impl Fn(&dyn Vault)) {
    case(&Memory::new());
    let folder = tempfile::tempdir().expect("a folder");
    case(&sqlite::open(&folder.path().join("vault.sqlite")).expect("a vault"));
}

#[test]
fn passwords_are_kept_under_their_identity_and_listed_by_principal() {
    on_every_engine(|vault| {
        let (main, phone, other) = (password(1, 7, None), password(2, 7, Some("Phone")), password(3, 8, None));
        vault.keep(&[phone.clone(), main.clone(), other.clone()]).expect("kept");
        assert_eq!(vault.password(main.id).expect("read"), Some(main.clone()));
        assert_eq!(vault.passwords_of(main.principal).expect("read"), [main, phone]);
        assert_eq!(vault.password(password(4, 7, None).id).expect("read"), None);
        let again = Password { phc: "another".to_owned(), ..other.clone() };
        vault.keep(&[again]).expect("kept");
        assert_eq!(vault.password(other.id).expect("read"), Some(other), "an identity is given once");
    });
}

#[test]
fn use_and_revocation_are_noted_and_the_first_revocation_counts() {
    on_every_engine(|vault| {
        let phone = password(2, 7, Some("Phone"));
        vault.keep(std::slice::from_ref(&phone)).expect("kept");
        let at = Timestamp::from_seconds;
        vault.used(phone.id, at(10)).expect("noted");
        vault.used(phone.id, at(11)).expect("noted");
        vault.revoke(phone.id, at(12)).expect("revoked");
        vault.revoke(phone.id, at(13)).expect("revoked");
        let noted = Password { last_used_at: Some(at(11)), revoked_at: Some(at(12)), ..phone.clone() };
        assert_eq!(vault.password(phone.id).expect("read"), Some(noted));
        vault.remove(&[phone.id, password(9, 9, None).id]).expect("removed");
        assert_eq!(vault.password(phone.id).expect("read"), None);
    });
}

#[test]
fn a_subject_has_one_key_in_force_and_a_destroyed_key_is_known_but_gone() {
    on_every_engine(|vault| {
        let (anna, bert) = (PrincipalId(Uuid::from_u128(7)), PrincipalId(Uuid::from_u128(8)));
        let key = |number: u8, subject| Key::new(Uuid::from_u128(number.into()), subject, [number; 32]);
        assert_eq!(vault.key_in_force(anna, key(1, anna)).expect("kept"), key(1, anna));
        assert_eq!(vault.key_in_force(anna, key(2, anna)).expect("found"), key(1, anna));
        assert_eq!(vault.key_in_force(bert, key(3, bert)).expect("kept"), key(3, bert));
        assert_eq!(vault.key(Uuid::from_u128(2)).expect("read"), None);
        assert_eq!(vault.destroy_keys(anna, Timestamp::from_seconds(9)).expect("destroyed"), 1);
        assert_eq!(vault.destroy_keys(anna, Timestamp::from_seconds(9)).expect("destroyed"), 0);
        let gone = vault.key(Uuid::from_u128(1)).expect("read");
        assert_eq!(gone, Some(Key::destroyed(Uuid::from_u128(1), anna)));
        assert_eq!(vault.count_keys().expect("counted"), (2, 1));
        assert_eq!(vault.key_in_force(anna, key(4, anna)).expect("kept"), key(4, anna), "she may come back");
    });
}

#[test]
fn a_destroyed_key_is_in_no_file_any_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = sqlite::open(&folder.path().join("vault.sqlite")).expect("a vault");
    let (anna, secret) = (PrincipalId(Uuid::from_u128(7)), "01234567890123456789012345678901");
    let bytes = secret.as_bytes().try_into().expect("32 bytes");
    vault.key_in_force(anna, Key::new(Uuid::from_u128(1), anna, bytes)).expect("kept");
    assert!(holds(folder.path(), secret));
    vault.destroy_keys(anna, Timestamp::from_seconds(9)).expect("destroyed");
    assert!(!holds(folder.path(), secret));
}

fn bytes_of_all_files(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    files.flat_map(|file| fs::read(file).expect("a file")).collect()
}

fn holds(folder: &Path, text: &str) -> bool {
    bytes_of_all_files(folder).windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_file_is_for_its_owner_alone_and_holds_nothing_that_was_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("vault.sqlite");
    let vault = sqlite::open(&file).expect("a vault");
    let mode = fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (gone, stays) = (password(1, 7, None), password(2, 8, None));
    vault.keep(&[gone.clone(), stays.clone()]).expect("kept");
    assert!(holds(folder.path(), &gone.phc));
    vault.remove(&[gone.id]).expect("removed");
    assert!(!holds(folder.path(), &gone.phc) && holds(folder.path(), &stays.phc));
    drop(vault);
    let again = sqlite::open(&file).expect("a vault");
    assert_eq!(again.passwords_of(stays.principal).expect("read"), [stays]);
}

#[test]
fn a_copy_is_made_while_the_vault_is_used_and_overwrites_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let [file, copy] = ["vault.sqlite", "copy.sqlite"].map(|name| folder.path().join(name));
    assert!(matches!(sqlite::backup(&file, &copy), Err(Failure::Missing(_))));
    let vault = sqlite::open(&file).expect("a vault");
    let kept = password(1, 7, None);
    vault.keep(std::slice::from_ref(&kept)).expect("kept");
    sqlite::backup(&file, &copy).expect("copied");
    assert_eq!(fs::metadata(&copy).expect("a file").permissions().mode() & 0o777, 0o600);
    assert!(matches!(sqlite::backup(&file, &copy), Err(Failure::Exists(_))));
    let copied = sqlite::open(&copy).expect("a vault");
    assert_eq!(copied.password(kept.id).expect("read"), Some(kept));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2 + 1, "nothing else is left: {folder:?}");
}

#[test]
fn a_file_of_another_program_or_version_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("vault.sqlite");
    let other = rusqlite::Connection::open(&file).expect("a file");
    other.execute_batch("CREATE TABLE theirs (a)").expect("a table");
    assert!(matches!(sqlite::open(&file), Err(Failure::NotAVault(_))));
    other.execute_batch("PRAGMA application_id = 1684174452; PRAGMA user_version = 9").expect("set");
    assert!(matches!(sqlite::open(&file), Err(Failure::OtherVersion { version: 9, .. })));
}

/// Creates a vault of the principals 7 and 8. Principal 7 has password 1 and the destroyed key 1;
/// principal 8 has the revoked password 2 and the key 2.
fn filled(file: &Path) {
    let vault = sqlite::open(file).expect("a vault");
    vault.keep(&[password(1, 7, None), password(2, 8, None)]).expect("kept");
    for (number, subject) in [(1, 7), (2, 8)] {
        let subject = PrincipalId(Uuid::from_u128(subject));
        vault.key_in_force(subject, Key::new(Uuid::from_u128(number), subject, [7; 32])).expect("kept");
    }
    vault.destroy_keys(PrincipalId(Uuid::from_u128(7)), Timestamp::from_seconds(9)).expect("destroyed");
    vault.used(password(1, 7, None).id, Timestamp::from_seconds(10)).expect("noted");
    vault.revoke(password(2, 8, None).id, Timestamp::from_seconds(11)).expect("revoked");
}

#[test]
fn an_altered_row_is_named_and_the_others_are_read() {
    let eight = PrincipalId(Uuid::from_u128(8));
    let altered = |secret, principal| Altered { secret, id: Uuid::from_u128(2), principal };
    let theirs = |principal: u128| PrincipalId(Uuid::from_u128(principal));
    for (sql, expected) in [
        ("UPDATE password SET phc = replace(phc, '2', '3') WHERE phc LIKE '%2'", altered(Secret::Password, eight)),
        ("UPDATE password SET phc = CAST(x'ff' AS TEXT) WHERE phc LIKE '%2'", altered(Secret::Password, eight)),
        ("UPDATE password SET principal = zeroblob(16) WHERE phc LIKE '%2'", altered(Secret::Password, theirs(0))),
        ("UPDATE password SET check_value = NULL WHERE phc LIKE '%2'", altered(Secret::Password, eight)),
        ("UPDATE key SET secret = zeroblob(32) WHERE secret NOT NULL", altered(Secret::Key, eight)),
        ("UPDATE key SET secret = NULL WHERE secret NOT NULL", altered(Secret::Key, eight)),
        ("UPDATE key SET subject = zeroblob(16) WHERE secret NOT NULL", altered(Secret::Key, theirs(0))),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("vault.sqlite");
        filled(&file);
        let vault = sqlite::open(&file).expect("a vault");
        assert_eq!(vault.altered().expect("read"), [], "use, revocation and destruction alter nothing");
        let changed = rusqlite::Connection::open(&file).expect("a file").execute(sql, ()).expect("changed");
        assert_eq!(changed, 1, "{sql}");
        assert_eq!(vault.altered().expect("read"), std::slice::from_ref(&expected), "{sql}");
        let failure = match expected.secret {
            Secret::Password => vault.password(PasswordId(expected.id)).expect_err("altered"),
            Secret::Key => vault.key(expected.id).expect_err("altered"),
        };
        assert!(matches!(&failure, Failure::Altered { row, .. } if *row == expected), "{sql}: {failure}");
        assert!(failure.to_string().contains("vault.sqlite: the "), "{failure}");
        assert_eq!(vault.password(password(1, 7, None).id).expect("read").map(|one| one.principal), Some(theirs(7)));
    }
}

#[test]
fn a_file_of_version_1_is_lifted() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("vault.sqlite");
    filled(&file);
    let first = "ALTER TABLE password DROP COLUMN check_value; ALTER TABLE key DROP COLUMN check_value;
        PRAGMA user_version = 1;";
    let old = rusqlite::Connection::open(&file).expect("a file");
    old.execute_batch(first).expect("version 1");
    let version = || old.pragma_query_value(None, "user_version", |row| row.get::<_, i32>(0)).expect("a version");
    sqlite::backup(&file, &folder.path().join("copy.sqlite")).expect("copied as it is");
    let found = |vault: &dyn Vault| {
        assert_eq!(vault.altered().expect("read"), []);
        assert_eq!(vault.count_keys().expect("counted"), (2, 1));
        assert_eq!(
            vault.password(password(1, 7, None).id).expect("read").map(|one| one.phc),
            Some(password(1, 7, None).phc)
        );
    };
    found(&sqlite::open(&folder.path().join("copy.sqlite")).expect("lifted"));
    assert_eq!(version(), 1);
    found(&sqlite::open(&file).expect("lifted"));
    assert_eq!(version(), 2);
    found(&sqlite::open(&file).expect("opened again"));
}
