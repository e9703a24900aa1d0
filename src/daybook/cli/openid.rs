//! The commands of `daybook openid`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum OpenId {
    /// Read what the provider says of itself, as the settings say
    #[command(after_help = "\
Works while a server is running. Prints the address to which the provider has to send people back: it must be registered there. \
The exit code is 1 if the provider cannot be reached, or if what it says cannot be used.

Example:
  daybook --config /etc/daybook/daybook.toml openid check")]
    Check,
}
