//! The check of passwords by the LDAP directory. Accounts that only this server has keep their
//! passwords here.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::Result;
use futures::future::BoxFuture;
use service::authority::{Authorities, Authority, AuthorityFigures, Unavailable};

use super::settings;
use crate::config::Config;

/// Returns the authority that checks passwords in the LDAP directory. Without a directory in the
/// settings, `passwords` is `None` and this server checks all passwords.
pub(crate) fn authority(config: &Config) -> Result<Authorities> {
    let figures = Arc::<AuthorityFigures>::default();
    let Some(settings) = settings::of(config)? else { return Ok(Authorities { passwords: None, figures }) };
    let directory = ldap::Directory::new(settings)?;
    let logins = Logins {
        directory,
        local: settings::local(config),
        remembered: Duration::from_secs(config.directory.remember_seconds),
        figures: Arc::clone(&figures),
    };
    Ok(Authorities { passwords: Some(Arc::new(logins)), figures })
}

#[derive(Debug)]
struct Logins {
    directory: ldap::Directory,
    /// The names of the accounts that only this server has, in lower case.
    local: BTreeSet<String>,
    remembered: Duration,
    figures: Arc<AuthorityFigures>,
}

impl Authority for Logins {
    fn keeps(&self, name: &str) -> bool {
        !self.local.contains(&name.to_lowercase())
    }

    fn check<'a>(&'a self, name: &'a str, password: &'a str) -> BoxFuture<'a, Result<bool, Unavailable>> {
        Box::pin(async move {
            self.directory.check_password(name, password).await.map_err(|failure| {
                self.figures.unchecked_logins.fetch_add(1, Ordering::Relaxed);
                tracing::error!(%failure, name, "a login could not be checked, because the request to the directory \
                    failed");
                Unavailable
            })
        })
    }

    fn remembered(&self) -> Duration {
        self.remembered
    }
}
