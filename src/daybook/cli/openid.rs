//! The commands of `daybook openid`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum OpenId {
    /// Read the configuration and the keys of the provider that the settings name
    #[command(after_help = "\
Works while a server is running. Prints the redirect URI, which must be registered at the provider. The exit code is 1 if the \
provider cannot be reached, or if its configuration cannot be used.

Example:
  daybook --config /etc/daybook/daybook.toml openid check")]
    Check,
}
