//! The OpenID Connect provider of the settings, at which people log in. docs/openid.md is the
//! guide.

mod settings;

use anyhow::{Context as _, Result};
use service::clock;

pub(crate) use self::settings::check;
use crate::{cli, config::Config, out};

/// Checks that the files that the settings name can be read.
pub(crate) fn check_files(config: &Config) -> Result<()> {
    provider(config).map(drop)
}

/// Returns the client of the provider, for the HTTP server; `None` if the settings name no
/// provider.
pub(crate) fn provider(config: &Config) -> Result<Option<http::OpenId>> {
    let Some(settings) = settings::of(config)? else { return Ok(None) };
    let provider = openid::Provider::new(settings).context("the settings of [openid] cannot be used")?;
    let openid = &config.openid;
    let roles =
        http::Roles { administrators: openid.administrators_group.clone(), auditors: openid.auditors_group.clone() };
    Ok(Some(http::OpenId { provider, name: openid.name.clone(), roles }))
}

/// Executes `daybook openid`.
pub(crate) async fn run(asked: cli::OpenId, config: &Config) -> Result<()> {
    match asked {
        cli::OpenId::Check => look(config).await,
    }
}

/// Reads the provider's metadata as `serve` does, and prints a summary.
async fn look(config: &Config) -> Result<()> {
    let found = provider(config)?.context("no OpenID provider is configured: write its URL as openid.issuer")?;
    found.provider.read(clock::now().seconds()).await?;
    let tokens = if found.provider.takes_tokens() { "are" } else { "are not" };
    let logout =
        if found.provider.logout_address().is_some() { "also logs out there" } else { "does not log out there" };
    out::print(&format!(
        "The provider {} answers. Register {} there as the redirect URI. Logging out here {logout}. Bearer tokens \
         {tokens} accepted.\n",
        config.openid.issuer,
        settings::redirect_url(config)
    ))
}
