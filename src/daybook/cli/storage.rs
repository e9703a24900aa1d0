//! The commands about the files of the data folder: journal, vault and read models.

use std::path::PathBuf;

use clap::Subcommand;

use super::Format;

#[derive(Debug, Subcommand)]
pub(crate) enum Journal {
    /// Copy the journal to a new file, also while a server writes to it
    #[command(after_help = "\
The copy is one file with the state of the journal at one moment. Keep the printed hash in another place: it proves later that \
no event is missing at the end. To restore the copy: stop the server, then run `daybook journal restore`.

Example:
  daybook --data /var/lib/daybook journal backup /backup/daybook-$(date +%F).sqlite")]
    Backup { file: PathBuf },
    /// Replace the journal by a copy, while the server is stopped
    #[command(after_help = "\
The copy is verified event by event first. The old files are moved to a folder `replaced-TIME` in the data folder. Only the \
read models and the file of the outbox are deleted; the next start makes them again from the journal. If a restore was \
interrupted, run it again; until then the server refuses to start.

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
Copies and exports of the journal do not contain the vault. Keep copies of the vault apart from those of the journal, \
accessible to fewer people and for a shorter time. To restore a copy: stop the server, then replace the file of the vault by \
the copy.

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
