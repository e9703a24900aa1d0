//! The options of `daybook share`.

use clap::{Args, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

use super::OutputOptions;

#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Share {
    /// List what a person shares, and what is shared with them
    #[command(after_help = "Works while a server is running.\n\nExample:\n  daybook share list alice --json")]
    List {
        /// Login of the person
        user: String,
        /// Print JSON, one object per line
        #[arg(long)]
        json: bool,
    },
    /// Share a calendar of a person, or all of them, with another person or a group
    #[command(after_help = "\
Without --calendar the other person becomes a delegate: all calendars are shared, also later ones. A share replaces an earlier \
one of the same calendar. With --send they also send invitations and answers in the owner's name, from every calendar they may \
write to.

Examples:
  daybook share give alice bob --calendar work
  daybook share give alice bob --level write --send       Bob is Alice's assistant
  daybook share give lake team --level free-busy --dry-run")]
    Give(Give),
    /// Withdraw a share
    #[command(after_help = "\
Without --calendar and --all-calendars every share that names the other person is withdrawn. Shares with groups and with \
everybody stay.

Examples:
  daybook share withdraw alice bob
  daybook share withdraw alice bob --calendar work")]
    Withdraw(Withdraw),
}

impl Share {
    /// Returns the options about the output of the command.
    pub(crate) fn output(&self) -> OutputOptions {
        match self {
            Self::List { json, .. } => OutputOptions { dry_run: false, json: *json },
            Self::Give(give) => give.output,
            Self::Withdraw(withdraw) => withdraw.output,
        }
    }
}

/// The rights that a share gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    /// See when the owner is busy, and nothing else
    FreeBusy,
    /// Read everything
    Read,
    /// Read, add, change and remove
    Write,
}

#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Give {
    /// Login of the owner
    pub user: String,
    /// Login of the other person, or the name of a group
    pub to: String,
    /// The calendar, by its path, the last part of its path, or its display name [default: all
    /// calendars]
    #[arg(long)]
    pub calendar: Option<String>,
    /// What the other person or group may do
    #[arg(long, value_enum, default_value = "read")]
    pub level: Level,
    /// The other person also sends invitations and answers in the owner's name
    #[arg(long)]
    pub send: bool,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Withdraw {
    /// Login of the owner
    pub user: String,
    /// Login of the other person, or the name of a group
    pub from: String,
    /// Withdraw only the share of this calendar: its path, the last part of its path, or its
    /// display name
    #[arg(long)]
    pub calendar: Option<String>,
    /// Withdraw only the share of all calendars; shares of single calendars stay
    #[arg(long, conflicts_with = "calendar")]
    pub all_calendars: bool,
    #[command(flatten)]
    pub output: OutputOptions,
}
