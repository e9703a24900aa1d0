//! The commands of `daybook directory`.

use clap::{Args, Subcommand};

use super::OutputOptions;

#[derive(Debug, Subcommand)]
pub(crate) enum Directory {
    /// Read the directory as the settings say, and count people, groups and rooms
    #[command(after_help = "\
Works while a server is running. The exit code is 1 if no server can be reached, or if it refuses something.

Example:
  daybook --config /etc/daybook/daybook.toml directory check")]
    Check,
    /// Register, change and disable people, groups and rooms as the directory says
    #[command(after_help = "\
A running server syncs by itself every directory.sync_seconds. People who are missing in the directory are \
disabled, and never retired. If more than half of the people are missing, nothing is changed without --disable-many. The exit code \
is 1 if an entry of the directory was left out, or a change was refused.

Examples:
  daybook directory sync --dry-run
  daybook directory sync --json | jq .name")]
    Sync(Sync),
}

#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Disable missing people even if they are more than half of all people
    #[arg(long)]
    pub disable_many: bool,
    #[command(flatten)]
    pub output: OutputOptions,
}
