//! The options of `daybook calendar`.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::OutputOptions;

#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Calendar {
    /// List the calendars of a person
    #[command(after_help = "Works while a server is running.\n\nExample:\n  daybook calendar list alice --json")]
    List {
        /// Login of the person
        user: String,
        /// Print JSON, one object per line
        #[arg(long)]
        json: bool,
    },
    /// Make a calendar
    #[command(after_help = "\
Examples:
  daybook calendar make alice work --display-name 'Work' --color '#1badf8'
  daybook calendar make alice errands --component VTODO")]
    Make(Make),
    /// Give a calendar another display name, and perhaps another colour; its path stays
    #[command(after_help = "Example:\n  daybook calendar rename alice work 'Work of Alice' --color '#ff8800'")]
    Rename(Rename),
    /// Move a calendar to another path of its home, or to another person
    #[command(after_help = "\
Only events, tasks and notes go to another person. Meetings with others stay and are listed, because they name an \
address of the first person. No message is sent. A calendar that is empty afterwards is removed, unless it receives invitations.

Examples:
  daybook calendar move alice work archive
  daybook calendar move alice work work --to bob")]
    Move(Move),
    /// Show or set the quota of a person: the bytes that everything in their home may use together
    #[command(after_help = "\
Without BYTES the quota is shown. `none` removes the quota, and `default` sets it to limits.quota_bytes.

Examples:
  daybook calendar quota alice
  daybook calendar quota alice 1073741824
  daybook calendar quota alice default")]
    Quota(Quota),
    /// Remove a calendar with everything in it
    #[command(after_help = "\
Meetings are cancelled or declined, and the other participants are notified, as if the owner had removed the calendar. \
--dry-run prints how many meetings there are.

Example:
  daybook calendar remove alice work --dry-run")]
    Remove(One),
    /// Put a removed calendar back as it was before it was removed
    #[command(after_help = "\
Each step is an ordinary change of today, so attendees are notified of meetings that come back. With --silently the steps that \
would send a message are refused. The exit code is 1 if a step was refused.

Example:
  daybook calendar restore alice work --dry-run")]
    Restore(Restore),
}

impl Calendar {
    /// Returns the options about the output of the command.
    pub(crate) fn output(&self) -> OutputOptions {
        match self {
            Self::List { json, .. } => OutputOptions { dry_run: false, json: *json },
            Self::Make(make) => make.output,
            Self::Rename(rename) => rename.output,
            Self::Move(moving) => moving.output,
            Self::Quota(quota) => quota.output,
            Self::Remove(one) => one.output,
            Self::Restore(restore) => restore.output,
        }
    }
}

#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Make {
    /// Login of the person
    pub user: String,
    /// Path of the calendar below the home of the person, such as `work`
    pub name: String,
    /// The display name [default: NAME]
    #[arg(long)]
    pub display_name: Option<String>,
    /// Colour of the calendar, #rrggbb
    #[arg(long)]
    pub color: Option<String>,
    /// A component that the calendar accepts, such as VEVENT, VTODO or VJOURNAL; can be repeated
    /// [default: all]
    #[arg(long = "component", value_name = "NAME")]
    pub components: Vec<String>,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Rename {
    /// Login of the person
    pub user: String,
    /// The calendar, by its path, the last part of its path, or its display name
    pub calendar: String,
    /// The new display name
    pub display_name: String,
    /// Colour of the calendar, #rrggbb
    #[arg(long)]
    pub color: Option<String>,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Move {
    /// Login of the person
    pub user: String,
    /// The calendar, by its path, the last part of its path, or its display name
    pub calendar: String,
    /// The new path of the calendar below the home, such as `archive`
    pub name: String,
    /// Login of the person who gets the calendar
    #[arg(long, value_name = "USER")]
    pub to: Option<String>,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Quota {
    /// Login of the person
    pub user: String,
    /// Bytes, `none` or `default`
    #[arg(value_parser = quota)]
    pub bytes: Option<NewQuota>,
    #[command(flatten)]
    pub output: OutputOptions,
}

/// The new quota of a person: a number of bytes, no limit, or the default of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum NewQuota {
    Bytes(u64),
    None,
    Default,
}

fn quota(text: &str) -> Result<NewQuota, String> {
    match text {
        "none" => Ok(NewQuota::None),
        "default" => Ok(NewQuota::Default),
        bytes => match bytes.parse() {
            Ok(0) | Err(_) => Err("write a number of bytes above 0, `none` or `default`".to_owned()),
            Ok(bytes) => Ok(NewQuota::Bytes(bytes)),
        },
    }
}

#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct One {
    /// Login of the person
    pub user: String,
    /// The calendar, by its path, the last part of its path, or its display name
    pub calendar: String,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Restore {
    /// Login of the person
    pub user: String,
    /// The path below the home that the calendar had
    pub calendar: String,
    /// Refuse the steps that would send a scheduling message
    #[arg(long)]
    pub silently: bool,
    #[command(flatten)]
    pub output: OutputOptions,
}
