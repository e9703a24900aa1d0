//! The options of the commands about history.

use std::path::PathBuf;

use clap::{Args, ValueEnum, builder::RangedU64ValueParser};

// The options about the time zone. This is not a doc comment, because clap would show it as the
// description of each command with these options.
#[derive(Debug, Clone, Args)]
pub(crate) struct Zoned {
    /// Time zone in which times are shown and options are read, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub zone: String,
}

/// Returns a parser for the maximum length of a list, which must be at least 1.
fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimelineFormat {
    /// Text for people
    Text,
    /// One JSON object with everything that is recorded
    Json,
    /// One JSON object per act, each on its own line
    Jsonl,
    /// One row for each act, for spreadsheets
    Csv,
    /// A graph of causes, for Graphviz
    Dot,
}

/// The information that a timeline can show in addition to the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Addition {
    /// Requests about the meeting that the server refused
    Refused,
    /// Versions of the meeting that programs received
    Reads,
}

#[derive(Debug, Args)]
pub(crate) struct Timeline {
    /// The meeting's iCalendar UID, words that only one meeting has, `request:ID`, or a path
    #[arg(value_name = "MEETING")]
    pub subject: String,
    /// Show every event below its cause, with all changes
    #[arg(long)]
    pub all: bool,
    /// Only acts that concern people with this login, address or name; a word of the name is enough
    #[arg(long, value_name = "PERSON")]
    pub who: Option<String>,
    /// Only acts of people with this login, address or name, or of others in their name
    #[arg(long, value_name = "PERSON")]
    pub by: Option<String>,
    /// Only acts that changed this property or component, by its iCalendar name: DTSTART, VALARM;
    /// can be repeated
    #[arg(long, value_name = "NAME")]
    pub changed: Vec<String>,
    /// Only acts about the instance with this date in its RECURRENCE-ID, which stays when the
    /// instance moves; acts about the whole series, or about no instance, are shown too
    #[arg(long, value_name = "DATE")]
    pub instance: Option<String>,
    /// Only acts at this time or later: `2026-12-01 10:00`, or in the form of RFC 3339
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only acts before this time
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Also show, from the access journal, the requests that were refused (`refused`), the versions
    /// that programs received (`reads`), or both (`refused,reads`); not with --all, --dot or
    /// --format
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',', conflicts_with_all = ["all", "format"])]
    pub with: Vec<Addition>,
    /// Print the graph of causes for Graphviz, as --format dot does
    #[arg(long, conflicts_with_all = ["format", "with"])]
    pub dot: bool,
    #[command(flatten)]
    pub zoned: Zoned,
    /// Format of the output
    #[arg(long, value_enum, default_value = "text")]
    pub format: TimelineFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Find {
    /// Words of titles, places and people's names, and words with a qualifier
    #[arg(required = true, value_name = "WORD")]
    pub words: Vec<String>,
    /// Largest number of meetings to list
    #[arg(long, default_value_t = 20, value_parser = at_least_one())]
    pub limit: usize,
    /// Search all meetings, even if this takes long
    #[arg(long)]
    pub thorough: bool,
    #[command(flatten)]
    pub zoned: Zoned,
    /// Format of the output
    #[arg(long, value_enum, default_value = "text")]
    pub format: super::super::Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Question {
    /// Why is the meeting not in the calendar?
    Missing,
    /// Who moved the meeting?
    Moved,
    /// Why was the person not notified?
    NotTold,
    /// Why was the meeting declined?
    Declined,
    /// Which version did the person's programs receive?
    Seen,
    /// Which requests about the meeting were refused?
    Refused,
}

impl Question {
    pub(crate) fn asked(self) -> audit::explain::Why {
        match self {
            Self::Missing => audit::explain::Why::Missing,
            Self::Moved => audit::explain::Why::Moved,
            Self::NotTold => audit::explain::Why::NotTold,
            Self::Declined => audit::explain::Why::Declined,
            Self::Seen => audit::explain::Why::Seen,
            Self::Refused => audit::explain::Why::Refused,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The meeting's iCalendar UID, words that only one meeting has, or a path
    #[arg(value_name = "MEETING")]
    pub subject: String,
    /// The person whose calendar the question is about: login, address, name, or a word of the name
    #[arg(long = "for", value_name = "PERSON")]
    pub for_whom: Option<String>,
    /// The question to answer [default: `missing` and `not-told`, with --for also `seen`; acts of
    /// every kind are listed below the answers]
    #[arg(long, value_enum)]
    pub why: Option<Question>,
    #[command(flatten)]
    pub zoned: Zoned,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Position of the event, as other commands show it
    #[arg(value_name = "#POSITION")]
    pub position: String,
    /// Print the body that the client sent, byte for byte; to a terminal, with control characters
    /// made visible
    #[arg(long, conflicts_with_all = ["stored", "diff"])]
    pub sent: bool,
    /// Print the stored text byte for byte; to a terminal, with control characters made visible
    #[arg(long, conflicts_with = "diff")]
    pub stored: bool,
    /// Print the lines that differ from the version before
    #[arg(long)]
    pub diff: bool,
    #[command(flatten)]
    pub zoned: Zoned,
}

#[derive(Debug, Args)]
pub(crate) struct Copies {
    /// The meeting's iCalendar UID, words that only one meeting has, or a path
    #[arg(value_name = "MEETING")]
    pub subject: String,
    /// Compare the copies as they were at this time, or after the event at this position:
    /// `2026-12-01 10:00`, `#136`
    #[arg(long, value_name = "WHEN")]
    pub at: Option<String>,
    /// Make the copies agree: apply lost answers, update copies, and send the invitation again to
    /// attendees who have no copy
    #[arg(long, conflicts_with = "at")]
    pub repair: bool,
    /// Print what a repair would do
    #[arg(long, requires = "repair")]
    pub dry_run: bool,
    #[command(flatten)]
    pub zoned: Zoned,
}

#[derive(Debug, Args)]
pub(crate) struct Permissions {
    /// Path of a home, collection or resource
    #[arg(value_name = "PATH")]
    pub href: String,
    /// The permissions that held at this time, or after the event at this position
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["from", "to"])]
    pub at: Option<String>,
    /// Only changes at this time or later
    #[arg(long, value_name = "WHEN")]
    pub from: Option<String>,
    /// Only changes before this time
    #[arg(long, value_name = "WHEN")]
    pub to: Option<String>,
    #[command(flatten)]
    pub zoned: Zoned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AsOfFormat {
    /// Path, title and time of each resource
    List,
    /// The bytes of each resource, one after the other
    Ics,
    /// JSON with everything that is recorded
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct AsOf {
    /// A time, or the position of an event: `2026-12-01 10:00`, `#136`
    #[arg(value_name = "WHEN")]
    pub when: String,
    /// Path of a home, collection or resource
    #[arg(value_name = "PATH")]
    pub href: String,
    /// Show the differences to this later time instead; `now` for the present
    #[arg(long, value_name = "WHEN")]
    pub diff: Option<String>,
    /// Largest number of resources in a list
    #[arg(long, default_value_t = 1_000, value_parser = at_least_one())]
    pub limit: usize,
    #[command(flatten)]
    pub zoned: Zoned,
    /// Format of the output
    #[arg(long, value_enum, default_value = "list")]
    pub format: AsOfFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Refusals {
    /// Only requests of people with this login, address or name; a word of the name is enough
    #[arg(long, value_name = "PERSON")]
    pub who: Option<String>,
    /// Only refusals at this time or later: `2026-12-01 10:00`, or in the form of RFC 3339
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only refusals before this time
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Largest number of refusals to list; the latest are shown
    #[arg(long, default_value_t = 100, value_parser = at_least_one())]
    pub limit: usize,
    #[command(flatten)]
    pub zoned: Zoned,
    /// Format of the output
    #[arg(long, value_enum, default_value = "text")]
    pub format: super::super::Format,
}

#[derive(Debug, Args)]
pub(crate) struct Readers {
    /// The meeting's iCalendar UID, words that only one meeting has, or a path
    #[arg(value_name = "MEETING", required_unless_present = "history")]
    pub subject: Option<String>,
    /// List instead the people who looked at the history, with a command or at /asof/
    #[arg(long, conflicts_with = "subject")]
    pub history: bool,
    /// Only versions that people with this login, address or name received, or history that they
    /// looked at; a word of the name is enough
    #[arg(long, value_name = "PERSON")]
    pub who: Option<String>,
    #[command(flatten)]
    pub zoned: Zoned,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreTo {
    /// Path of a home, collection or resource
    #[arg(value_name = "PATH")]
    pub href: String,
    /// The time to go back to, or the position of an event: `2026-12-01 10:00`, `#136`
    #[arg(long, value_name = "WHEN")]
    pub to: String,
    /// Print the changes without making them
    #[arg(long)]
    pub dry_run: bool,
    /// Notify attendees as after a change by the owner (this is the default)
    #[arg(long, conflicts_with = "silently")]
    pub tell: bool,
    /// Restore only resources for which no scheduling message is sent; list the others
    #[arg(long)]
    pub silently: bool,
    #[command(flatten)]
    pub zoned: Zoned,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Begin with the act of the event at this position
    #[arg(long, value_name = "POSITION")]
    pub from: Option<String>,
    /// End with the act of the event at this position
    #[arg(long, value_name = "POSITION")]
    pub to: Option<String>,
    /// Only acts on the meeting with this iCalendar UID
    #[arg(long, value_name = "UID")]
    pub uid: Option<String>,
    /// Only the act of this request, with everything that followed from it
    #[arg(long, value_name = "ID")]
    pub request: Option<uuid::Uuid>,
    /// Decide as if this setting had this value; `check-config` prints the names. Can be repeated
    #[arg(long = "setting", value_name = "NAME=VALUE")]
    pub settings: Vec<String>,
    /// Also write the acts on each meeting to this folder as a text for tests/scheduling, with
    /// invented people, addresses and words
    #[arg(long, value_name = "DIR")]
    pub export: Option<PathBuf>,
}
