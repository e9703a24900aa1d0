//! The commands and options of `daybook principal` and `daybook app-password`.

mod options;

use clap::Subcommand;

pub(crate) use options::{
    About, Add, Alias, Import, Kind, List, MeetingsChoice, Member, NamedAppPassword, NewPassword, One, PasswordOf,
    Rename, Retire, Schedule, Set, Show,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Principal {
    /// Register a principal, or change a registered one
    #[command(after_help = "\
An option that is not given leaves the registered value as it is. Addresses are never taken away, because meetings name \
them: --address puts new ones first and keeps the others as aliases. Works while a server is running.

Examples:
  daybook principal add alice --display-name 'Alice Ames' --address mailto:alice@example.com \\
      --password-stdin
  daybook principal add lake --kind room --display-name Lake --address mailto:lake@example.com \\
      --schedule automatic")]
    Add(Add),
    /// Change a registered principal
    #[command(after_help = "\
Example:
  daybook principal set alice --display-name 'Alice Bond' --address mailto:alice.bond@example.com")]
    Set(Set),
    /// Give a principal a new password, which ends logins with the old one
    #[command(after_help = "\
Without an option the command asks for the password at the terminal.

Examples:
  daybook principal password alice
  pwgen 20 1 | daybook principal password alice --password-stdin")]
    Password(PasswordOf),
    /// Give a principal a new name; the old name stays reserved, and paths and logins with it lead
    /// to the new one
    #[command(after_help = "Example:\n  daybook principal rename alice alice.bond")]
    Rename(Rename),
    /// Add addresses to a principal, or remove them
    #[command(after_help = "\
Meetings that name a removed address no longer find the principal, and somebody else may get the address.

Examples:
  daybook principal alias alice mailto:sales@example.com
  daybook principal alias alice --remove mailto:typo@example.com")]
    Alias(Alias),
    /// End the logins of a principal at once; invitations still arrive
    Disable(One),
    /// Let a disabled or retired principal log in again
    Enable(One),
    /// End logins and scheduling of somebody who leaves; name, addresses and calendars stay
    /// reserved
    #[command(after_help = "\
--meetings says what happens to the meetings that this person has organized and that are not over. An interrupted \
command can be run again.

Examples:
  daybook principal retire bob --meetings cancel --dry-run
  daybook principal retire bob --meetings hand-over --to carol
  daybook principal retire bob --meetings keep")]
    Retire(Retire),
    /// Change the members of a group; future meetings are updated
    #[command(after_help = "\
Examples:
  daybook principal member team --add alice --remove bob
  daybook principal member team --set alice --set carol")]
    Member(Member),
    /// Register and change principals as a TOML file says
    #[command(after_help = "\
The command first checks what would change for all accounts, and writes nothing if one of them is refused. A field \
that is not in the file leaves the registered value as it is. Importing the same file twice changes nothing the second time. \
A password is given to accounts that have none; --set-passwords gives it to all.

The file:
  version = 1
  [[account]]
  id = \"alice\"                        # login name, and the last part of the paths
  kind = \"user\"                       # user, location, resource or group
  display_name = \"Alice Ames\"
  email = \"alice@example.com\"         # or: addresses = [\"mailto:…\", \"urn:uuid:…\"]
  login = true                        # needs a password: here, in --passwords, or the id
  # password_hash = \"$2y$…\"          # made by another system: bcrypt, crypt, PBKDF2, argon2, {SSHA} and the like
  # first_name, last_name, guid, password, rights = \"all\", \"audit\" or \"none\", schedule = \"automatic\", members = [\"bob\"]

The file of --passwords:
  alice = \"correct horse\"

Examples:
  daybook principal import staff.toml --dry-run
  daybook principal import staff.toml --retire-missing")]
    Import(Import),
    /// List the principals
    List(List),
    /// Show one principal
    Show(Show),
}

#[derive(Debug, Subcommand)]
pub(crate) enum AppPassword {
    /// Add a password for one program, and print it
    #[command(after_help = "\
The program logs in with the name of the account and this password. Works while a server is running.

Example:
  daybook app-password add alice 'Phone'")]
    Add(NamedAppPassword),
    /// List the app passwords of a principal, with their last use
    List {
        /// Name of the principal
        principal: String,
        /// Print JSON, one object per line
        #[arg(long)]
        json: bool,
    },
    /// End the logins of one program
    #[command(after_help = "Example:\n  daybook app-password revoke alice 'Phone'")]
    Revoke(NamedAppPassword),
}
