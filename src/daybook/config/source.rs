//! The sources of settings: first the file, then the environment variables, which override it.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Config, SETTINGS, Setting};

/// The name of the file in the data folder that is read if the command line names no other.
pub(crate) const FILE_NAME: &str = "daybook.toml";
/// The environment variables that belong to the command line and are no settings.
const COMMAND_LINE: [&str; 2] = ["DAYBOOK_DATA", "DAYBOOK_CONFIG"];
/// The beginnings of environment variables that Kubernetes sets for a service named `daybook`. They
/// are ignored.
const KUBERNETES: [&str; 2] = ["DAYBOOK_SERVICE_", "DAYBOOK_PORT"];

/// Reads the file `named`, or else the one in the data folder if it exists, and then the
/// environment variables.
pub(crate) fn load(
    named: Option<&Path>,
    data: &Path,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config> {
    let usual = data.join(FILE_NAME);
    let file = named.or_else(|| usual.exists().then_some(usual.as_path()));
    let mut config = Config::default();
    if let Some(file) = file {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        parse(&mut config, &text).with_context(|| file.display().to_string())?;
    }
    overlay(&mut config, variables)?;
    config.check()?;
    Ok(config)
}

/// Changes one setting. `text` has the form `limits.max_instances=7`.
pub(crate) fn change(config: &mut Config, text: &str) -> Result<()> {
    let (name, value) =
        text.split_once('=').with_context(|| format!("`{text}` is not a setting in the form NAME=VALUE"))?;
    let setting = SETTINGS.iter().find(|setting| setting.name() == name.trim());
    let setting =
        setting.with_context(|| format!("there is no setting `{name}`; `daybook check-config` lists all settings"))?;
    store(config, setting, value.trim())?;
    config.check()
}

/// Reads the text of a settings file into `config`.
fn parse(config: &mut Config, text: &str) -> Result<()> {
    let file = DeTable::parse(text).map_err(|error| one_line(text, &error))?;
    for (key, value) in file.get_ref() {
        let DeValue::Table(table) = value.get_ref() else {
            assign(config, text, "", key, value)?;
            continue;
        };
        if !SETTINGS.iter().any(|setting| setting.table == key.get_ref()) {
            return Err(unknown(text, key));
        }
        for (inner, value) in table {
            assign(config, text, key.get_ref(), inner, value)?;
        }
    }
    Ok(())
}

fn assign(
    config: &mut Config,
    text: &str,
    table: &str,
    key: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
) -> Result<()> {
    let setting = SETTINGS.iter().find(|setting| setting.table == table && setting.key == key.get_ref());
    let Some(setting) = setting else { return Err(unknown(text, key)) };
    let is_bare = setting.kind.is_bare();
    let written = match value.get_ref() {
        DeValue::String(value) if !is_bare => Some(value.to_string()),
        DeValue::Integer(value) if is_bare => Some(value.to_string()),
        DeValue::Boolean(value) if is_bare => Some(value.to_string()),
        _ => None,
    };
    let set = if let Some(value) = written {
        store(config, setting, &value)
    } else {
        let quotes = if is_bare { "without quotes" } else { "in quotes" };
        Err(anyhow!("{} must be {}, written {quotes}", setting.name(), setting.kind.description()))
    };
    set.map_err(|error| anyhow!("line {}: {error}", line(text, value.span().start)))
}

/// Checks a value against the setting's type and range, and stores it.
fn store(config: &mut Config, setting: &Setting, value: &str) -> Result<()> {
    let stored = setting.kind.check(value).and_then(|()| (setting.set)(config, value));
    stored.map_err(|why| anyhow!("{}: {why}", setting.name()))
}

fn unknown(text: &str, key: &Spanned<std::borrow::Cow<'_, str>>) -> anyhow::Error {
    let (line, key) = (line(text, key.span().start), key.get_ref());
    anyhow!("line {line}: there is no setting or table `{key}` here; `daybook check-config` lists all settings")
}

/// Shortens an error of the TOML parser to the form `line 3: …`.
pub(crate) fn one_line(text: &str, error: &toml::de::Error) -> anyhow::Error {
    let message = error.message().lines().collect::<Vec<_>>().join("; ");
    match error.span() {
        Some(span) => anyhow!("line {}: {message}", line(text, span.start)),
        None => anyhow!(message),
    }
}

/// Returns the number of the line with the byte at `offset`, counted from 1.
fn line(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

fn overlay(config: &mut Config, variables: impl IntoIterator<Item = (String, String)>) -> Result<()> {
    for (variable, value) in variables {
        let is_foreign = KUBERNETES.iter().any(|prefix| variable.starts_with(prefix));
        if !variable.starts_with("DAYBOOK_") || is_foreign || COMMAND_LINE.contains(&variable.as_str()) {
            continue;
        }
        match SETTINGS.iter().find(|setting| setting.variable() == variable) {
            Some(setting) => {
                store(config, setting, &value).with_context(|| format!("the environment variable {variable}"))?;
            }
            None => bail!(
                "the environment variable {variable} belongs to no setting; `daybook check-config` lists the \
                 variables of all settings"
            ),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LogFormat;

    fn variables(given: &[(&str, &str)]) -> Vec<(String, String)> {
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), "realm = 'Ours'\n[limits]\nmax_instances = 7\n").unwrap();
        let given = variables(&[("DAYBOOK_LIMITS_MAX_INSTANCES", "9"), ("DAYBOOK_LOG_FORMAT", "json"), ("HOME", "/")]);
        let config = load(None, folder.path(), given).unwrap();
        assert_eq!((config.server.realm.as_str(), config.limits.max_instances), ("Ours", 9));
        assert_eq!(config.log.format, LogFormat::Json);
        assert_eq!(config.server.listen, Config::default().server.listen, "a setting that is not given");
    }

    #[test]
    fn mistakes_in_the_file_are_named_with_their_line() {
        let rows = [
            ("an unknown name", "realm = 'x'\nlimts = 1\n", "line 2: there is no setting or table `limts` here"),
            ("an unknown table", "\n[limts]\nmax_instances = 1\n", "line 2: there is no setting or table `limts` here"),
            (
                "an unknown name in a table",
                "[limits]\n\nmax_instanses = 1\n",
                "line 3: there is no setting or table `max_instanses` here",
            ),
            (
                "a table's setting outside of it",
                "max_instances = 1\n",
                "line 1: there is no setting or table `max_instances` here",
            ),
            (
                "a wrong type",
                "workers = 'two'\n",
                "line 1: workers must be a number from 0 to 512, written without quotes",
            ),
            ("no text", "\nrealm = 7\n", "line 2: realm must be text, written in quotes"),
            ("a list", "proxies = ['10.0.0.1']\n", "line 1: proxies must be IP addresses and networks, written in"),
            ("beyond the range", "workers = 513\n", "line 1: workers: `513` is not a number from 0 to 512"),
            ("no boolean", "compression = 1\n", "line 1: compression: `1` is not `true` or `false`"),
            ("not an address", "listen = 'here'\n", "line 1: listen: `here` is not an IP address with a port"),
            ("no network", "proxies = '10.0.0.0/8, here'\n", "line 1: proxies: `here` is neither an IP address nor"),
            (
                "a log filter",
                "[log]\nfilter = 'daybook=loud'\n",
                "line 2: log.filter: `daybook=loud` is not a list of levels",
            ),
            ("not TOML", "listen\n", "line 1: "),
        ];
        for (title, text, expected) in rows {
            let error = parse(&mut Config::default(), text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{title}: {error}");
            assert!(!error.contains('\n'), "{title}: {error}");
        }
    }

    #[test]
    fn mistakes_in_the_environment_are_named_with_their_variable() {
        let rows = [
            ("DAYBOOK_TLS_KEY", "key.pem", "set both tls.certificate and tls.key, or neither"),
            ("DAYBOOK_PROXY_PROTOCOL", "true", "proxy_protocol is on, but `proxies` names no proxy"),
            ("DAYBOOK_LOGIN_HEADER", "X-Remote-User", "login_header is set, but `proxies` names no proxy"),
            ("DAYBOOK_LISTN", "x", "the environment variable DAYBOOK_LISTN belongs to no setting"),
            (
                "DAYBOOK_WORKERS",
                "513",
                "the environment variable DAYBOOK_WORKERS: workers: `513` is not a number from 0 to 512",
            ),
        ];
        for (variable, value, expected) in rows {
            let error = load(None, Path::new("nowhere"), variables(&[(variable, value)])).unwrap_err();
            assert!(format!("{error:#}").starts_with(expected), "{error:#}");
        }
    }

    #[test]
    fn a_named_file_must_exist() {
        let error = load(Some(Path::new("/nowhere/daybook.toml")), Path::new("."), []).unwrap_err();
        assert!(format!("{error:#}").starts_with("/nowhere/daybook.toml: No such file"), "{error:#}");
    }
}
