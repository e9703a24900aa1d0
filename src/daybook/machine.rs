//! The names of the machine and of its users, as the operating system states them.
//!
//! **Invariant:** a value that the operating system does not state is unknown. It is never guessed.

use std::{fs, os::unix::fs::MetadataExt as _};

use schemas::Operator;

/// The login id (`loginuid`) of a process that belongs to no login session.
const NOBODY_LOGGED_IN: u32 = u32::MAX;

/// Returns the name of the machine; empty if it is unknown.
pub(crate) fn name() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname").map(|name| name.trim().to_owned()).unwrap_or_default()
}

/// Returns the person who runs this program. This is the person who logged in, even if they use
/// `sudo`. If the system does not know that, it is the user of the process.
pub(crate) fn operator() -> Operator {
    of_process("self", fs::metadata("/proc/self").ok().map(|process| process.uid()))
}

/// Returns the person who runs another process. This is the person who logged in, or the user `uid`
/// if the system does not know that.
pub(crate) fn operator_of(uid: u32, process: Option<i32>) -> Operator {
    // Without a process id no login session can be looked up. Then the operator is the user `uid`.
    of_process(&process.map(|id| id.to_string()).unwrap_or_default(), Some(uid))
}

fn of_process(process: &str, user: Option<u32>) -> Operator {
    let logged_in = fs::read_to_string(format!("/proc/{process}/loginuid")).ok();
    let logged_in = logged_in.and_then(|uid| uid.trim().parse().ok()).filter(|uid| *uid != NOBODY_LOGGED_IN);
    let uid = logged_in.or(user);
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let login = uid.and_then(|uid| login(&accounts, uid)).unwrap_or_default().to_owned();
    Operator { uid, login, host: name() }
}

/// Returns the name of the user `uid` from a list in the format of passwd(5); `None` if the list
/// does not contain it.
fn login(accounts: &str, uid: u32) -> Option<&str> {
    let mut accounts = accounts.lines().map(|line| line.split(':'));
    accounts.find_map(|mut fields| {
        let (name, _, number) = (fields.next()?, fields.next()?, fields.next()?);
        (number.parse() == Ok(uid)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_number() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\nbroken\nolga:x:1000:1000:Olga:/home/olga:/bin/sh\n";
        for (uid, expected) in [(0, Some("root")), (1000, Some("olga")), (1, None)] {
            assert_eq!(login(accounts, uid), expected, "{uid}");
        }
    }

    #[test]
    fn the_user_of_this_process_is_known() {
        assert!(operator().uid.is_some());
        let own = i32::try_from(std::process::id()).ok();
        assert_eq!(operator_of(rustix::process::geteuid().as_raw(), own), operator());
        assert_eq!(operator_of(4_000_000_000, None).uid, Some(4_000_000_000));
    }
}
