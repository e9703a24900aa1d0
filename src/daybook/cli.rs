//! The command line: commands, options, defaults and help.

pub(crate) mod calendar;
mod directory;
pub(crate) mod history;
mod lazy;
pub(crate) mod moving;
mod openid;
mod output;
mod principal;
pub(crate) mod proof;
pub(crate) mod share;
mod storage;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use directory::{Directory, Sync};
use lazy::Lazy;
pub(crate) use openid::OpenId;
pub(crate) use output::OutputOptions;
pub(crate) use principal::{
    About, Add, AppPassword, Import, Kind, List, MeetingsChoice, Member, NamedAppPassword, NewPassword, Principal,
    Retire, Schedule, Show,
};
pub(crate) use storage::{Journal, Projections, Vault};

/// The data folder that is used if neither `--data` nor `DAYBOOK_DATA` names one.
const DEFAULT_DATA: &str = "./daybook-data";
/// The heading, in help texts, of the options for the location of the data, which every command
/// has.
const EVERYWHERE: &str = "Options of every command";

/// An event-sourced CalDAV scheduling server.
#[derive(Debug, Parser)]
#[command(
    name = "daybook",
    version,
    about,
    max_term_width = 110,
    after_help = "\
Examples:
  daybook demo                                    a server with demo people and a meeting's story
  daybook serve                                   a server at http://127.0.0.1:8080/
  daybook principal add alice --display-name 'Alice Ames' --address mailto:alice@example.com \\
      --password-stdin
  daybook principal import --password-is-id accounts.toml
  daybook timeline 20260105-planning@example.com  the history of a meeting, with causes
  daybook verify                                  check that no event of the journal was altered
  daybook journal backup copy.sqlite              copy the journal, also while a server is running

Exit codes: 0 success, 1 failure (the output or standard error says why), 2 wrong usage."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub place: Place,
    #[command(subcommand)]
    pub command: Command,
}

/// The options for the places of the data, the settings and the journal.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// The data folder, with the journal, the vault and the read models [default: ./daybook-data]
    #[arg(long, global = true, value_name = "DIR", env = "DAYBOOK_DATA", help_heading = EVERYWHERE)]
    pub data: Option<PathBuf>,
    /// File with the settings [default: daybook.toml in the data folder, if it exists]
    #[arg(long, global = true, value_name = "FILE", env = "DAYBOOK_CONFIG", help_heading = EVERYWHERE)]
    pub config: Option<PathBuf>,
    /// Connection string of a journal in KurrentDB [default: an SQLite file in the data folder]
    #[arg(long, global = true, value_name = "URL", help_heading = EVERYWHERE)]
    pub journal: Option<String>,
}

impl Place {
    pub(crate) fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_DATA))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server until SIGTERM or SIGINT stops it
    #[command(after_help = "\
Examples:
  daybook serve
  daybook --data /var/lib/daybook serve --listen 0.0.0.0:8008
  daybook serve --journal 'kurrentdb://daybook:secret@db.example.com:2113'
  DAYBOOK_LOG_FORMAT=json daybook serve")]
    Serve(Lazy<Serve>),
    /// Run a server with demo people, play a scheduling conversation, then keep serving
    #[cfg(feature = "demo")]
    #[command(after_help = "\
Examples:
  daybook demo            then connect a calendar program
  daybook demo --exit     stop after the conversation")]
    Demo(Lazy<Demo>),
    /// Manage people, rooms, resources and groups
    #[command(subcommand)]
    Principal(Lazy<Principal>),
    /// Manage app passwords, each for a single program
    #[command(subcommand)]
    AppPassword(Lazy<AppPassword>),
    /// Check the directory of the organisation (LDAP), or sync accounts with it
    #[command(subcommand)]
    Directory(Lazy<Directory>),
    /// Check the OpenID Connect provider at which people log in to the web page
    #[command(subcommand, name = "openid")]
    OpenId(Lazy<OpenId>),
    /// Manage the calendars of a person
    #[command(subcommand)]
    Calendar(Lazy<calendar::Calendar>),
    /// Share the calendars of a person, and name delegates
    #[command(subcommand)]
    Share(Lazy<share::Share>),
    /// Import the calendar of a person from another server, without sending messages
    #[command(after_help = "\
Invitations and answers stay as they are in the files, and no message is sent. If a meeting is imported for several people, in \
any order, its copies are made to agree. Importing the same file again right away stores none of its objects a second time; it only \
makes the copies agree again. The exit code is 1 if a file or an object was refused, or if another copy of a meeting stays \
different.

Examples:
  daybook import alice calendar alice.ics
  daybook import alice work /var/lib/radicale/collections/collection-root/alice/5f0c/ --make
  daybook import alice '{file}' takeout.zip --dry-run    one calendar for each file in the archive, named after it")]
    Import(Lazy<moving::ImportCalendar>),
    /// Write the calendars of a person as .ics files
    #[command(after_help = "\
Works while a server is running.

Examples:
  daybook export alice /mnt/alice/
  daybook export alice --zip alice.zip
  daybook export alice --calendar work --zip work.zip")]
    Export(Lazy<moving::ExportCalendars>),
    #[command(flatten)]
    History(history::History),
    /// List scheduling messages that are not delivered, with the reason
    #[command(after_help = "\
Works while a server is running. A parked message is tried again when the server starts.

Examples:
  daybook outbox
  daybook outbox --format json | jq '.messages[] | select(.standing == \"parked\")'")]
    Outbox(Lazy<Outbox>),
    #[command(flatten)]
    Proof(proof::Proof),
    /// Copy or restore the journal, or show its size
    #[command(subcommand)]
    Journal(Lazy<Journal>),
    /// Copy the vault, which holds the hashes of passwords and the keys of encryption
    #[command(subcommand)]
    Vault(Lazy<Vault>),
    /// Manage the read models, which are built from the journal
    #[command(subcommand)]
    Projections(Lazy<Projections>),
    /// Check the settings as `serve` would, and print them
    CheckConfig,
    /// Print completions for a shell
    #[command(after_help = "Example:\n  daybook completions bash > /etc/bash_completion.d/daybook")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages, one for each command
    #[command(after_help = "Example:\n  daybook manual /usr/local/share/man/man1")]
    Manual {
        /// Folder for the pages; it is made if it does not exist
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
}

#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Stop after the conversation instead of serving
    #[arg(long)]
    pub exit: bool,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
}

#[derive(Debug, Args)]
pub(crate) struct Outbox {
    /// Format of the output
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_of_each_command_begins_with_what_the_list_of_commands_says_of_it() {
        fn check(above: &clap::Command) {
            for listed in above.get_subcommands() {
                let mut command = listed.clone().term_width(0);
                let about = listed.get_about().expect("a description").to_string();
                let help = command.render_help().to_string();
                assert_eq!(help.lines().next(), Some(about.as_str()), "{} {}", above.get_name(), listed.get_name());
                check(&command);
            }
        }
        check(&Cli::command());
    }

    #[test]
    fn the_data_folder_may_stand_before_or_after_the_command() {
        for line in [["daybook", "--data", "d", "verify"], ["daybook", "verify", "--data", "d"]] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!(cli.place.data(), PathBuf::from("d"), "{line:?}");
        }
    }
}
