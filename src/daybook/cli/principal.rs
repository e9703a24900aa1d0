//! Commands and options of `daybook principal`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::OutputOptions;

#[derive(Debug, Subcommand)]
pub(crate) enum Principal {
    /// Register a principal, or change a registered one
    #[command(after_help = "\
An option that is not given leaves the registered value as it is. Addresses are never taken away, because meetings name \
them: --address puts new ones first and keeps the others as aliases. A server may be running.

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
that is not in the file leaves the registered value as it is. Importing a file again writes nothing. A password is given \
to accounts that have none; --set-passwords gives it to all.

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
The program logs in with the name of the account and this password. A server may be running.

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

#[derive(Debug, Args)]
pub(crate) struct NamedAppPassword {
    /// Name of the principal
    pub principal: String,
    /// What the password is for
    pub name: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    /// Name of the principal
    pub name: String,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Default, Args)]
pub(crate) struct Add {
    /// Login name, and the last part of the paths
    pub name: String,
    #[command(flatten)]
    pub about: About,
    #[command(flatten)]
    pub password: NewPassword,
    /// The password; other users of this machine can see it, so prefer --password-stdin
    #[arg(id = "password", long = "password", value_name = "PASSWORD", conflicts_with_all = ["password_stdin", "password_file"])]
    pub password_in_argument: Option<String>,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// Name of the principal
    pub name: String,
    #[command(flatten)]
    pub about: About,
    #[command(flatten)]
    pub output: OutputOptions,
}

/// The profile of a principal.
#[derive(Debug, Default, Args)]
pub(crate) struct About {
    /// Kind of the principal, which cannot change later [default: user]
    #[arg(long, value_enum)]
    pub kind: Option<Kind>,
    /// Name shown to people [default: NAME]
    #[arg(long)]
    pub display_name: Option<String>,
    #[arg(long)]
    pub first_name: Option<String>,
    #[arg(long)]
    pub last_name: Option<String>,
    /// Calendar user address, the preferred one first; can be repeated
    #[arg(long = "address", value_name = "URI")]
    pub addresses: Vec<String>,
    /// Member of a group, by name; can be repeated; replaces the registered members
    #[arg(long = "member", value_name = "NAME")]
    pub members: Vec<String>,
    /// How the server answers invitations for this principal [default: none]
    #[arg(long, value_enum)]
    pub schedule: Option<Schedule>,
    /// May read and change everything of everybody; `--administrator=false` withdraws this
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub administrator: Option<bool>,
    /// May look at the history of everybody, in place of other rights; `--auditor=false` withdraws
    /// this
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        conflicts_with = "administrator"
    )]
    pub auditor: Option<bool>,
}

/// Where a new password is read from.
#[derive(Debug, Default, Args)]
pub(crate) struct NewPassword {
    /// Read the password from the first line of standard input
    #[arg(long, conflicts_with = "password_file")]
    pub password_stdin: bool,
    /// Read the password from the first line of a file
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct PasswordOf {
    /// Name of the principal
    pub name: String,
    #[command(flatten)]
    pub password: NewPassword,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Rename {
    /// Name of the principal
    pub name: String,
    /// The new login name, and last part of the paths
    pub new_name: String,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("change").required(true).multiple(true).args(["addresses", "remove"])))]
pub(crate) struct Alias {
    /// Name of the principal
    pub name: String,
    /// Calendar user addresses to add, after the others
    #[arg(value_name = "URI")]
    pub addresses: Vec<String>,
    /// Address to remove; can be repeated
    #[arg(long, value_name = "URI")]
    pub remove: Vec<String>,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Retire {
    /// Name of the principal
    pub name: String,
    /// What happens to the meetings that they have organized and that are not over
    #[arg(long, value_enum)]
    pub meetings: MeetingsChoice,
    /// Name of the principal who takes the meetings over
    #[arg(long, value_name = "NAME", required_if_eq("meetings", "hand-over"))]
    pub to: Option<String>,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MeetingsChoice {
    /// They stay as they are
    Keep,
    /// They are cancelled, and their attendees are notified
    Cancel,
    /// Another person organizes them, and their attendees are notified
    HandOver,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("change").required(true).multiple(true).args(["set", "add", "remove"])))]
pub(crate) struct Member {
    /// Name of the group
    pub group: String,
    /// Member to add, by name; can be repeated
    #[arg(long, value_name = "NAME")]
    pub add: Vec<String>,
    /// Member to remove, by name; can be repeated
    #[arg(long, value_name = "NAME")]
    pub remove: Vec<String>,
    /// Member, by name; can be repeated; replaces all members
    #[arg(long, value_name = "NAME", conflicts_with_all = ["add", "remove"])]
    pub set: Vec<String>,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// TOML file of accounts
    pub file: PathBuf,
    /// Use the account's id as its password if the account may log in and the file gives no
    /// password
    #[arg(long, conflicts_with = "passwords")]
    pub password_is_id: bool,
    /// TOML file of passwords by account id
    #[arg(long, value_name = "FILE")]
    pub passwords: Option<PathBuf>,
    /// Set the given passwords also for accounts that have one
    #[arg(long)]
    pub set_passwords: bool,
    #[command(flatten)]
    pub missing: Missing,
    #[command(flatten)]
    pub output: OutputOptions,
}

/// What happens to principals that are not in the file.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Missing {
    /// Retire every registered principal that is not in the file, and keep the meetings they have
    /// organized
    #[arg(long)]
    pub retire_missing: bool,
    /// Retire more than half of the registered principals, which is refused otherwise
    #[arg(long, requires = "retire_missing")]
    pub retire_many: bool,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Also list principals who have left
    #[arg(long)]
    pub all: bool,
    /// Print JSON, one object per line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Name of the principal, in upper or lower case
    pub name: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `CUTYPE`, in the words of account files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    User,
    /// A room
    #[value(alias = "room")]
    #[serde(alias = "room")]
    Location,
    Resource,
    Group,
}

/// How the server answers invitations for a principal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Schedule {
    #[default]
    None,
    /// Accept if free, decline if busy
    Automatic,
    AcceptAlways,
    DeclineAlways,
    AcceptIfFree,
    DeclineIfBusy,
}
