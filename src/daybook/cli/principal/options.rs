//! The options of the commands about accounts.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::OutputOptions;

#[derive(Debug, Args)]
pub(crate) struct NamedAppPassword {
    /// Name of the principal
    pub principal: String,
    /// Name of the app password, such as the device or program that uses it
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
    /// The password; other users of this machine can see it on the command line, so prefer
    /// --password-stdin
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

// The options about the profile of a principal. This is not a doc comment, because clap would show
// it as the description of each command with these options.
#[derive(Debug, Default, Args)]
pub(crate) struct About {
    /// Kind of the principal, which cannot change later [default: user]
    #[arg(long, value_enum)]
    pub kind: Option<Kind>,
    /// Name shown to people [default: NAME]
    #[arg(long)]
    pub display_name: Option<String>,
    /// First name of a person
    #[arg(long)]
    pub first_name: Option<String>,
    /// Last name of a person
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
    /// Give the right to read and change everything of everybody; `--administrator=false` withdraws
    /// it
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub administrator: Option<bool>,
    /// Give the right to look at the history of everybody, in place of other rights;
    /// `--auditor=false` withdraws it
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

// The options about the source of a new password. This is not a doc comment, because clap would
// show it as the description of each command with these options.
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
    /// What happens to the meetings that this person has organized and that are not over
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
    /// The meetings stay as they are
    Keep,
    /// The meetings are cancelled, and their attendees are notified
    Cancel,
    /// Another person organizes the meetings, and their attendees are notified
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

// The options about registered principals that are not in the imported file. This is not a doc
// comment, because clap would show it as the description of each command with these options.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Missing {
    /// Retire every registered principal that is not in the file, and keep the meetings they have
    /// organized
    #[arg(long)]
    pub retire_missing: bool,
    /// Retire missing principals even if they are more than half of the registered ones
    #[arg(long, requires = "retire_missing")]
    pub retire_many: bool,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Also list retired principals
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

/// The kind of a principal, which becomes its CUTYPE (RFC 5545 §3.2.3), in the words of files of
/// accounts.
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

/// The way in which the server answers invitations for a principal.
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
