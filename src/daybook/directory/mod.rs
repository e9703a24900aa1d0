//! The directory of an organisation (LDAP): logins of its people. docs/directory.md is the guide.

mod authority;
mod settings;

use anyhow::{Context as _, Result};

pub(crate) use self::{
    authority::authority,
    settings::{check, check_files},
};
use crate::{cli, config::Config, out};

/// `daybook directory`: what an operator asks about the directory.
pub(crate) async fn run(asked: cli::Directory, config: &Config) -> Result<()> {
    match asked {
        cli::Directory::Check => look(config).await,
    }
}

/// Connects to the directory as `serve` does, and tells what was found.
async fn look(config: &Config) -> Result<()> {
    let settings = settings::of(config)?.context("no directory is set: name its servers in directory.servers")?;
    let found = ldap::Directory::new(settings)?.look().await?;
    let (server, more) = (&found.server, if found.more { "more than " } else { "" });
    out::print(&format!("{server} answers, and finds {more}{} people who may log in.\n", found.people))
}
