//! Commands of `daybook directory`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Directory {
    /// Connect to the directory as the settings say, and count the people who may log in
    #[command(after_help = "\
Works while a server is running. The exit code is 1 if no server can be reached, or if it refuses something.

Example:
  daybook --config /etc/daybook/daybook.toml directory check")]
    Check,
}
