//! The command line: commands, options, defaults and help.

pub(crate) mod calendar;
mod directory;
pub(crate) mod history;
mod lazy;
pub(crate) mod moving;
mod openid;
mod output;
mod principal;
pub(crate) mod share;

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

/// The data folder if none is named.
const DEFAULT_DATA: &str = "./daybook-data";
/// The heading of the options that say where the data is, apart from those of the command.
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

Exit codes: 0 success, 1 failure (one line on standard error says why), 2 wrong usage."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub place: Place,
    #[command(subcommand)]
    pub command: Command,
}

/// Where the data and the settings are.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// Folder of the journal and the read models [default: ./daybook-data]
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
    /// Manage the passwords that people give to single programs
    #[command(subcommand)]
    AppPassword(Lazy<AppPassword>),
    /// Check the directory of the organisation (LDAP), or sync accounts with it
    #[command(subcommand)]
    Directory(Lazy<Directory>),
    /// Ask the OpenID Connect provider, at which people log in for the page
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
any order, its copies are made to agree. Importing a file again writes nothing. The exit code is 1 if an object was refused.

Examples:
  daybook import alice calendar alice.ics
  daybook import alice work /var/lib/radicale/collections/collection-root/alice/5f0c/ --make
  daybook import alice '{file}' takeout.zip --dry-run")]
    Import(Lazy<moving::ImportCalendar>),
    /// Write the calendars of a person as .ics files
    #[command(after_help = "\
Works while a server is running.

Examples:
  daybook export alice /mnt/alice/
  daybook export alice --zip alice.zip
  daybook export alice --calendar work --zip work.zip")]
    Export(Lazy<moving::ExportCalendars>),
    /// Find meetings by words, people, days, programs, and identifiers from the logs of clients
    #[command(after_help = "\
Qualifiers; a meeting is listed if all of them hold:
  who:PERSON      somebody with this login, address or name has a copy, changed it, or is invited
  client:PROGRAM  a program whose name contains this changed it
  on:DAY          it takes place on this day, or did before it was moved: 2026-12-14
  from:WHEN       a person changed it at this time or later: 2026-12-01, '2026-12-01 10:00'
  to:WHEN         a person changed it before this time
  etag:TAG        a copy had this entity tag
  tag:TAG         a copy had this Schedule-Tag
  request:ID      this request changed it; the answer's X-Request-Id and the access log have the ID
  message:ID      this scheduling message was about it
  href:PATH       a copy was at this path, now or earlier

Examples:
  daybook find project review
  daybook find who:bob client:thunderbird from:2026-12-01
  daybook find href:/calendars/bob/calendar/review.ics")]
    Find(Lazy<history::Find>),
    /// Show the history of a meeting: who changed it, which messages followed, and why
    #[command(after_help = "\
An act is one request of a person, with everything it led to. The exit code is 1 if an event of the story is not what was \
stored; it is marked ALTERED.

Examples:
  daybook timeline 20260105-planning@example.com
  daybook timeline 'project review' --who bob --since '2026-12-01 10:00' --zone Europe/Berlin
  daybook timeline 20260105-planning@example.com --all               every event below its cause
  daybook timeline 20260105-planning@example.com --with refused,reads
  daybook timeline 20260105-planning@example.com --dot | dot -Tsvg > causes.svg
  daybook timeline 'project review' --changed VALARM                 which program lost the alarm?
  daybook timeline 'project review'                                  words that only one meeting has
  daybook timeline request:01a2241b-533f-7c1e-8d55-0a4c4b4b6f2e      all that one request led to
  daybook timeline /calendars/bob/calendar/review.ics
  daybook timeline 20260105-planning@example.com --format json | jq .events[0]")]
    Timeline(Lazy<history::Timeline>),
    /// Explain why a meeting differs from what a person expects
    #[command(after_help = "\
Examples:
  daybook explain 'project review' --for bob
  daybook explain 'project review' --for bob --why missing
  daybook explain 20260105-planning@example.com --why moved --zone Europe/Berlin")]
    Explain(Lazy<history::Explain>),
    /// Show one event, with everything that is recorded of it
    #[command(after_help = "\
Examples:
  daybook show '#136'
  daybook show 136 --diff
  daybook show 136 --stored > version.ics")]
    Show(Lazy<history::Show>),
    /// Compare all copies of a meeting, now or at an earlier time
    #[command(after_help = "\
Examples:
  daybook copies 'project review'
  daybook copies 20260105-planning@example.com --at '2026-12-01 10:00' --zone Europe/Berlin
  daybook copies 'project review' --repair --dry-run          repair copies that differ")]
    Copies(Lazy<history::Copies>),
    /// Show a home, a collection or a resource as it was
    #[command(after_help = "\
A running server shows the same to calendar programs, below /asof/TIME/ or /asof/POSITION/.

Examples:
  daybook as-of '2026-12-01 10:00' /calendars/alice/calendar/ --zone Europe/Berlin
  daybook as-of '#136' /calendars/bob/calendar/review.ics --format ics
  daybook as-of 2026-12-01 /calendars/alice/ --diff now")]
    AsOf(Lazy<history::AsOf>),
    /// Restore a resource, a collection or a home to an earlier state
    #[command(after_help = "\
Works while a server is running, or stopped. Each step is an ordinary change of today, so the history is kept, and attendees \
are notified as after any change. Objects and collections that got another path are moved back, and resources \
that were created later are deleted. Properties, access control lists and collections that came later stay as they are. The exit code is 1 if a step was refused.

Examples:
  daybook restore /calendars/bob/calendar/ --to '2026-12-01 10:00' --dry-run
  daybook restore /calendars/bob/private/ --to '#143'
  daybook restore /calendars/bob/calendar/review.ics --to '#143' --silently")]
    Restore(Lazy<history::RestoreTo>),
    /// Repeat the decisions of recorded acts with the rules of this program, in memory
    #[command(after_help = "\
Works while a server is running; nothing is written or sent. The command names each act that is decided in another way, and \
then exits with 1. Run it with the new program before an upgrade, on a copy of the journal.

Examples:
  daybook replay
  daybook replay --from 1000 --to 2000
  daybook replay --uid 20260105-planning@example.com
  daybook replay --request 01a2241b-533f-7c1e-8d55-0a4c4b4b6f2e
  daybook replay --setting limits.max_attendees_per_instance=50      what if?
  daybook replay --uid 20260105-planning@example.com --export texts/")]
    Replay(Lazy<history::Replay>),
    /// Show the privileges on a resource, and their changes
    #[command(after_help = "\
Examples:
  daybook permissions /calendars/alice/calendar/
  daybook permissions /calendars/alice/calendar/ --at '2026-12-01 10:00'
  daybook permissions /calendars/alice/ --from 2026-11-01 --to 2026-12-01")]
    Permissions(Lazy<history::Permissions>),
    /// List the requests and logins that were refused, with their reasons
    #[command(after_help = "\
Examples:
  daybook refusals --who carol
  daybook refusals --since '2026-12-01 10:00' --format json")]
    Refusals(Lazy<history::Refusals>),
    /// List which versions of a meeting each person's clients have received
    #[command(after_help = "\
Examples:
  daybook readers 20260105-planning@example.com
  daybook readers 'Project review' --who carol")]
    Readers(Lazy<history::Readers>),
    /// List scheduling messages that are not delivered, with the reason
    #[command(after_help = "\
Works while a server is running. A parked message is tried again when the server starts.

Examples:
  daybook outbox
  daybook outbox --format json | jq '.messages[] | select(.standing == \"parked\")'")]
    Outbox(Lazy<Outbox>),
    /// Check the journal's hash chain, event by event, the vault, and the read models
    #[command(after_help = "\
Works while a server is running. The exit code is 1 if an event was altered, if the vault lacks what the journal needs, or if a
read model differs from the journal.

Examples:
  daybook verify
  daybook verify --read-models
  daybook verify --against /mnt/vault/heads/ --key 'calendar.example.com/journal+5a6f1c2e+ARpc…'")]
    Verify(Lazy<history::Verify>),
    /// Show the head of the journal, or sign it
    #[command(after_help = "\
Works while a server is running. Keep signed heads outside of this server: see docs/history.md.

Examples:
  daybook head
  daybook head --sign --to /mnt/vault/heads")]
    Head(Lazy<history::Head>),
    /// Manage the keys that sign heads
    #[command(subcommand)]
    Key(Lazy<history::Key>),
    /// Prove one event, or that nothing was rewritten since an earlier signed head
    #[command(after_help = "\
Examples:
  daybook prove '#213' > proof.txt
  daybook prove --since /mnt/vault/heads/000000001024.head > consistency.txt")]
    Prove(Lazy<history::Prove>),
    /// Check a proof, without the journal
    #[command(after_help = "\
Example:
  daybook check-proof proof.txt --key 'calendar.example.com/journal+5a6f1c2e+ARpc…'")]
    CheckProof(Lazy<history::CheckProof>),
    /// Copy the journal, or show its size
    #[command(subcommand)]
    Journal(Lazy<Journal>),
    /// Copy the vault, which holds the hashes of passwords
    #[command(subcommand)]
    Vault(Lazy<Vault>),
    /// Manage the read models, which are built from the journal
    #[command(subcommand)]
    Projections(Lazy<Projections>),
    /// Check the settings as `serve` would, and print them
    CheckConfig,
    /// Print completions for a shell
    #[command(after_help = "Example:\n  daybook completions bash > /etc/bash_completion.d/daybook")]
    Completions { shell: Shell },
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
    /// Form of the answer
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Journal {
    /// Copy the journal to a new file, also while a server writes to it
    #[command(after_help = "\
The copy is one file with the journal of one moment. Keep the printed hash in another place: it proves later that no \
event is missing at the end. To restore the copy: stop the server, then run `daybook journal restore`.

Example:
  daybook --data /var/lib/daybook journal backup /backup/daybook-$(date +%F).sqlite")]
    Backup { file: PathBuf },
    /// Replace the journal by a copy, while the server is stopped
    #[command(after_help = "\
The copy is verified event by event first. The files that were there are moved to a folder `replaced-TIME` in the data \
folder. Nothing is deleted but the read models, which the next start builds again from the journal. A restore that was \
interrupted can be run again; until then the server refuses to start.

Example:
  systemctl stop daybook
  daybook --data /var/lib/daybook journal restore /backup/daybook-2026-11-28.sqlite
  systemctl start daybook")]
    Restore { file: PathBuf },
    /// Show the size of the journal, by type of event
    #[command(after_help = "\
Works while a server is running. Reads the size of every event: about one second per million events.")]
    Stats {
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Vault {
    /// Copy the vault to a new file, also while a server uses it
    #[command(after_help = "\
No copy or export of the journal holds what is in the vault. Keep its copies apart from those of the journal, for fewer \
people and for a shorter time. To restore a copy: stop the server, then put it in the place of the vault.

Example:
  daybook --data /var/lib/daybook vault backup /secret/vault-$(date +%F).sqlite
  install -o daybook -g daybook -m 600 /secret/vault-2026-11-28.sqlite /var/lib/daybook/vault.sqlite")]
    Backup { file: PathBuf },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Projections {
    /// Delete the read models and build them again from the journal
    Rebuild,
    /// List the read models, or show the table of one of them
    #[command(after_help = "\
Examples:
  daybook projections show
  daybook projections show room_utilisation        hours booked and refused, by room and week")]
    Show {
        /// The read model [default: list all of them]
        name: Option<String>,
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
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
    fn the_data_folder_may_stand_before_or_after_the_command() {
        for line in [["daybook", "--data", "d", "verify"], ["daybook", "verify", "--data", "d"]] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!(cli.place.data(), PathBuf::from("d"), "{line:?}");
        }
    }
}
