//! Tests of the commands with which an operator registers and changes accounts.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

/// Runs `daybook principal …` with a password on standard input.
fn principal(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
    command.arg("--data").arg(folder).arg("principal").args(arguments);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // An error is ignored, because a command that does not read its input may end first.
    let _ = child.stdin.take().unwrap().write_all(b"correct horse\n");
    child.wait_with_output().unwrap()
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = principal(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = principal(folder, arguments);
    assert!(!output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// Returns the number of events in the journal.
fn events(folder: &Path) -> u64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
    let output = command.arg("--data").arg(folder).args(["journal", "stats", "--format", "json"]).output().unwrap();
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    figures["events"].as_u64().unwrap()
}

const ALICE: [&str; 8] = [
    "add",
    "alice",
    "--display-name",
    "Alice Ames",
    "--address",
    "mailto:alice@example.com",
    "--schedule",
    "automatic",
];

#[test]
fn a_new_password_leaves_everything_else_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    done(folder, &[&ALICE[..], &["--administrator"]].concat());
    let listed = done(folder, &["list"]);
    assert_eq!(done(folder, &["add", "alice", "--password-stdin"]).split(" in ").next(), Some("alice is changed"));
    assert_eq!(done(folder, &["list"]), listed);
    for word in ["Alice Ames", "mailto:alice@example.com", "automatic", "administrator"] {
        assert!(listed.contains(word), "{word}: {listed}");
    }
}

#[test]
fn the_same_registration_again_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let file = folder.join("accounts.toml");
    let text = "version = 1\n[[account]]\nid = 'alice'\nemail = 'alice@example.com'\nlogin = true\n\
                [[account]]\nid = 'team'\nkind = 'group'\nmembers = ['alice']\n";
    std::fs::write(&file, text).unwrap();
    let import = ["import", file.to_str().unwrap(), "--password-is-id"];
    assert!(done(folder, &import).contains("2 accounts are new, 0 changed, 0 unchanged"));
    let before = events(folder);
    assert!(done(folder, &import).contains("0 accounts are new, 0 changed, 2 unchanged"));
    let again = done(folder, &["add", "alice", "--address", "mailto:alice@example.com", "--password", "alice"]);
    assert!(again.contains("nothing was written"), "{again}");
    assert_eq!(events(folder), before);
}

/// Returns the names of the files in a folder and its subfolders that contain a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_with(&entry.path(), text));
        } else if std::fs::read(entry.path()).unwrap().windows(text.len()).any(|bytes| bytes == text.as_bytes()) {
            found.push(entry.file_name().into_string().unwrap());
        }
    }
    found
}

fn daybook(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
    let output = command.arg("--data").arg(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_hash_of_a_password_is_in_the_vault_and_in_no_other_file_and_no_copy_of_the_journal() {
    let place = tempfile::tempdir().unwrap();
    let (folder, copies) = (place.path().join("data"), place.path().join("copies"));
    std::fs::create_dir(&copies).unwrap();
    done(&folder, &[&ALICE[..], &["--password-stdin"]].concat());
    done(&folder, &["add", "alice", "--password", "another"]);
    assert_eq!(files_with(&folder, "argon2"), ["vault.sqlite"]);
    let copy = |name: &str| copies.join(name).to_str().unwrap().to_owned();
    daybook(&folder, &["journal", "backup", &copy("journal.sqlite")]);
    assert_eq!(files_with(&copies, "argon2"), <Vec<String>>::new());
    daybook(&folder, &["vault", "backup", &copy("vault.sqlite")]);
    assert_eq!(files_with(&copies, "argon2"), ["vault.sqlite"]);
}

#[test]
fn an_address_that_is_no_longer_given_stays_as_an_alias() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    done(folder, &ALICE);
    let said = done(folder, &["add", "alice", "--address", "mailto:ames@example.com"]);
    assert!(said.contains("mailto:alice@example.com also stays an address of alice"), "{said}");
    let listed = done(folder, &["list"]);
    assert!(listed.contains("mailto:ames@example.com, mailto:alice@example.com"), "{listed}");
    let error = refused(folder, &["add", "bob", "--address", "mailto:Alice@example.com"]);
    assert!(
        error.contains("`mailto:Alice@example.com` already belongs to `alice`, so `bob` cannot have it"),
        "{error}"
    );
}

#[test]
fn names_and_addresses_that_cannot_work_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    // The program creates the folder itself, so that only this user can access it and no warning is
    // printed.
    let folder = &folder.path().join("data");
    done(folder, &ALICE);
    let rows: [(&[&str], &str); 9] = [
        (&["add", ".."], "`..` cannot be the name of an account"),
        (&["add", "a/b"], "the name contains a slash"),
        (&["add", "a\nb"], "`a\\nb` cannot be the name of an account: the name contains a control character"),
        (&["add", "a:b"], "the name contains a colon"),
        (&["add", "principals"], "the server uses this name in its own paths"),
        (
            &["add", "bob", "--address", "bob@example.com"],
            "the address is not a URI; write a mail address with mailto: before it",
        ),
        (&["add", "alice@example.com"], "the address `alice@example.com` already belongs to `alice`"),
        (&["add", "alice", "--kind", "room"], "the kind of `alice` cannot change"),
        (&["add", "alice", "--member", "alice"], "`alice` has members but is not a group; leave the members out"),
    ];
    let before = events(folder);
    for (arguments, expected) in rows {
        let error = refused(folder, arguments);
        assert!(error.contains(expected), "{arguments:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    assert_eq!(events(folder), before);
}

#[test]
fn names_that_look_the_same_are_one_account() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (composed, decomposed) = ("j\u{fc}rgen", "ju\u{308}rgen");
    done(folder, &["add", decomposed, "--address", "mailto:j@example.com"]);
    assert!(done(folder, &["list"]).contains(composed));
    done(folder, &["add", composed, "--display-name", "J"]);
    done(folder, &["set", decomposed, "--display-name", "J"]);
    assert_eq!(done(folder, &["list", "--json"]).lines().count(), 1);
    done(folder, &["add", "team", "--kind", "group"]);
    done(folder, &["member", "team", "--add", decomposed]);
    assert!(done(folder, &["show", "team"]).contains(composed));

    let file = folder.join("people.toml");
    let people = format!(
        "version = 1\n[[account]]\nid = '{decomposed}'\naddresses = ['mailto:j@example.com']\n[[account]]\nid = 'zoe\u{308}'\n\
         [[account]]\nid = 'team'\nkind = 'group'\nmembers = ['{decomposed}', 'zoe\u{308}']\n"
    );
    std::fs::write(&file, people).unwrap();
    let import = || done(folder, &["import", file.to_str().unwrap(), "--retire-missing"]);
    let first = import();
    assert!(first.contains("1 account is new") && first.contains("0 retired"), "{first}");
    let again = import();
    assert!(again.contains("0 accounts are new, 0 changed, 0 retired, 3 unchanged"), "{again}");
}

#[test]
fn a_group_is_no_member_of_itself_and_a_taken_name_is_claimed_by_its_bearer() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    done(folder, &ALICE);
    done(folder, &["add", "bob", "--address", "mailto:bob@example.com"]);
    done(folder, &["add", "team", "--kind", "group", "--member", "bob"]);
    done(folder, &["add", "all", "--kind", "group"]);
    done(folder, &["add", "office", "--kind", "group", "--member", "all"]);
    done(folder, &["add", "staff", "--kind", "group", "--member", "office"]);
    let before = events(folder);
    let error = refused(folder, &["member", "team", "--add", "team"]);
    assert!(error.contains("`team` cannot be a member of itself"), "{error}");
    let circle = refused(folder, &["member", "all", "--add", "staff"]);
    let members = "`all` would have the member `staff`, `staff` the member `office`, `office` the member `all`";
    assert!(circle.contains(members), "{circle}");
    for command in ["add", "set"] {
        assert!(refused(folder, &[command, "all", "--member", "staff"]).contains(members));
    }
    let error = refused(folder, &["rename", "bob", "alice"]);
    assert!(error.contains("the name `alice` already belongs to `alice`, so `bob` cannot have it"), "{error}");
    assert_eq!(events(folder), before);
}

#[test]
fn an_import_whose_groups_would_be_in_a_circle_stores_nothing_and_one_that_turns_groups_round_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    done(folder, &["add", "outer", "--kind", "group"]);
    done(folder, &["add", "a", "--kind", "group"]);
    done(folder, &["add", "b", "--kind", "group", "--member", "a"]);
    done(folder, &["member", "outer", "--add", "b"]);
    done(folder, &["add", "Out", "--kind", "group", "--member", "b"]);
    let file = folder.join("people.toml");
    let import = |groups: &[(&str, &str)]| {
        let group = |(name, members): &(&str, &str)| {
            format!("[[account]]\nid = '{name}'\nkind = 'group'\nmembers = [{members}]\n")
        };
        let groups: String = groups.iter().map(group).collect();
        std::fs::write(&file, format!("version = 1\n[[account]]\nid = 'carol'\n{groups}")).unwrap();
        vec!["import", file.to_str().unwrap()]
    };
    let before = events(folder);
    let rows: [(&[(&str, &str)], &str); 6] = [
        (&[("a", "'outer'")], "`a` would have the member `outer`, `outer` the member `b`, `b` the member `a`"),
        (&[("x", "'y'"), ("y", "'carol', 'z'"), ("z", "'x'")], "`x` would have the member `y`, `y` the member `z`"),
        (
            &[("a", "'new'"), ("new", "'b'")],
            "`a` would have the member `new`, `new` the member `b`, `b` the member `a`",
        ),
        (&[("self", "'self'")], "`self` would have the member `self`"),
        (&[("One", "'TWO'"), ("Two", "'one'")], "`One` would have the member `Two`, `Two` the member `One`"),
        (
            &[("In", "'OUT'"), ("b", "'in'")],
            "`b` would have the member `In`, `In` the member `Out`, `Out` the member `b`",
        ),
    ];
    for (groups, expected) in rows {
        let arguments = import(groups);
        for error in [refused(folder, &arguments), refused(folder, &[&arguments[..], &["--dry-run"]].concat())] {
            assert!(error.contains(expected) && error.contains("nothing was written"), "{error}");
        }
    }
    assert_eq!(events(folder), before);
    let turned = done(folder, &import(&[("a", "'b'"), ("b", "'carol'")]));
    assert!(turned.contains("1 account is new, 2 changed"), "{turned}");
    assert!(done(folder, &["show", "a"]).contains('b'));
}
