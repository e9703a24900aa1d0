//! Converts the settings `openid.…` to those of the provider's client.

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use openid::Settings;

use crate::config::{Config, secret_file};

/// Checks the settings of the provider for mistakes and contradictions, without reading a file.
pub(crate) fn check(config: &Config) -> Result<()> {
    let openid = &config.openid;
    if openid.issuer.is_empty() {
        return Ok(());
    }
    openid::check_url(&openid.issuer).map_err(|why| anyhow::anyhow!("openid.issuer: `{}` {why}", openid.issuer))?;
    ensure!(
        !openid.client_id.is_empty(),
        "openid.client_id is empty: write the client id that the provider gave this server"
    );
    ensure!(!openid.name.is_empty(), "openid.name is empty: write the name of the provider as people know it");
    ensure!(
        !openid.account_claim.is_empty(),
        "openid.account_claim is empty: name the claim that holds the login or mail address of the account"
    );
    let url = &config.server.public_url;
    ensure!(
        !url.is_empty(),
        "openid.issuer is set, but public_url is empty: write the URL to which the provider sends people back"
    );
    openid::check_url(url)
        .map_err(|why| anyhow::anyhow!("public_url: `{url}` {why}; this is required because openid.issuer is set"))?;
    // If both were the same, an ID token, whose audience is the client id, would be accepted as a
    // bearer token.
    ensure!(
        openid.audience != openid.client_id,
        "openid.audience is the same as openid.client_id: write the audience that the provider puts into bearer tokens"
    );
    let are_set = !openid.administrators_group.is_empty() || !openid.auditors_group.is_empty();
    ensure!(
        !are_set || !openid.groups_claim.is_empty(),
        "openid.groups_claim is empty, but a group is set to give rights: name the claim that holds the groups"
    );
    let directory = &config.directory;
    let are_elsewhere = !directory.administrators_group.is_empty() || !directory.auditors_group.is_empty();
    ensure!(
        !are_set || !are_elsewhere,
        "both [openid] and [directory] name groups that give rights: keep administrators_group and auditors_group in \
         one of the two"
    );
    Ok(())
}

/// Returns the URL to which the provider sends browsers after a login.
pub(super) fn redirect_url(config: &Config) -> String {
    format!("{}{}", config.server.public_url.trim_end_matches('/'), http::RETURN_PATH)
}

/// Returns the settings of the provider's client; `None` if the settings name no provider.
pub(super) fn of(config: &Config) -> Result<Option<Settings>> {
    let openid = &config.openid;
    if openid.issuer.is_empty() {
        return Ok(None);
    }
    let is_public = openid.secret_file.is_empty();
    let secret = (!is_public).then(|| secret_file("openid.secret_file", &openid.secret_file)).transpose()?;
    Ok(Some(Settings {
        issuer: openid.issuer.clone(),
        client_id: openid.client_id.clone(),
        secret,
        redirect_url: redirect_url(config),
        home_url: format!("{}/", config.server.public_url.trim_end_matches('/')),
        scopes: openid.scopes.clone(),
        account_claim: openid.account_claim.clone(),
        groups_claim: openid.groups_claim.clone(),
        audience: Some(openid.audience.clone()).filter(|audience| !audience.is_empty()),
        ca_file: PathBuf::from(&openid.ca_file),
        skew: Duration::from_secs(openid.clock_skew_seconds),
        timeout: Duration::from_secs(openid.timeout_seconds),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Directory, OpenId, Server};

    fn with(change: impl FnOnce(&mut Config)) -> Config {
        let openid = OpenId {
            issuer: "https://login.example.com/realms/staff".to_owned(),
            client_id: "daybook".to_owned(),
            ..OpenId::default()
        };
        let server = Server { public_url: "https://cal.example.com".to_owned(), ..Server::default() };
        let mut config = Config { server, openid, ..Config::default() };
        change(&mut config);
        config
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        let set = |field: fn(&mut Config) -> &mut String, value: &str| {
            let value = value.to_owned();
            with(move |config| *field(config) = value)
        };
        let both = with(|config| {
            config.openid.auditors_group = "audit".to_owned();
            config.directory = Directory { administrators_group: "admins".to_owned(), ..Directory::default() };
        });
        let unread = with(|config| {
            config.openid.auditors_group = "audit".to_owned();
            config.openid.groups_claim = String::new();
        });
        let rows = vec![
            ("none", Config::default(), ""),
            ("whole", with(|_| ()), ""),
            ("bearer tokens", set(|config| &mut config.openid.audience, "https://cal.example.com/"), ""),
            ("no URL", set(|config| &mut config.openid.issuer, "login.example.com"), "must be a URL"),
            ("plain", set(|config| &mut config.openid.issuer, "http://login.example.com"), "must begin with https"),
            ("no client", set(|config| &mut config.openid.client_id, ""), "client_id is empty"),
            ("no name", set(|config| &mut config.openid.name, ""), "openid.name is empty"),
            ("no claim", set(|config| &mut config.openid.account_claim, ""), "account_claim is empty"),
            ("no address", set(|config| &mut config.server.public_url, ""), "public_url is empty"),
            ("a plain address", set(|config| &mut config.server.public_url, "http://cal.example.com"), "public_url"),
            (
                "ID tokens for calendars",
                set(|config| &mut config.openid.audience, "daybook"),
                "is the same as openid.client_id",
            ),
            ("rights by no claim", unread, "groups_claim is empty"),
            ("rights of two", both, "both [openid] and [directory]"),
        ];
        for (title, config, expected) in rows {
            let why = check(&config).err().map(|error| error.to_string()).unwrap_or_default();
            assert_eq!(why.is_empty(), expected.is_empty(), "{title}: {why}");
            assert!(why.contains(expected), "{title}: {why}");
        }
    }

    #[test]
    fn people_come_back_to_the_public_address() {
        for url in ["https://cal.example.com", "https://cal.example.com/"] {
            let config = with(|config| config.server.public_url = url.to_owned());
            let settings = of(&config).unwrap().unwrap();
            assert_eq!(settings.redirect_url, "https://cal.example.com/account/openid");
            assert_eq!((settings.home_url.as_str(), settings.audience), ("https://cal.example.com/", None));
        }
    }
}
