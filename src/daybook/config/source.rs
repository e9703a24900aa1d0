//! Where settings come from: the file first, the environment over it.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};

use super::{Config, SETTINGS};

/// Looked for in the data folder unless a file is named.
pub(crate) const FILE_NAME: &str = "daybook.toml";
/// Settings of the command line itself, not of the file.
const COMMAND_LINE: [&str; 2] = ["DAYBOOK_DATA", "DAYBOOK_CONFIG"];
/// Kubernetes sets such variables for a service named `daybook`.
const KUBERNETES: [&str; 2] = ["DAYBOOK_SERVICE_", "DAYBOOK_PORT"];

/// Reads the file named, or the one in the data folder if there is one, and the variables.
pub(crate) fn load(
    named: Option<&Path>,
    data: &Path,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config> {
    let usual = data.join(FILE_NAME);
    let file = named.or_else(|| usual.exists().then_some(usual.as_path()));
    let mut config = match file {
        None => Config::default(),
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            parse(&text).with_context(|| file.display().to_string())?
        }
    };
    overlay(&mut config, variables)?;
    config.check()?;
    Ok(config)
}

fn parse(text: &str) -> Result<Config> {
    toml::from_str(text).map_err(|error| one_line(text, &error))
}

/// `line 3: unknown field …`, without the drawing that `toml` makes.
pub(crate) fn one_line(text: &str, error: &toml::de::Error) -> anyhow::Error {
    let message = error.message().lines().collect::<Vec<_>>().join("; ");
    match error.span() {
        Some(span) => {
            let line = text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count() + 1;
            anyhow!("line {line}: {message}")
        }
        None => anyhow!(message),
    }
}

fn overlay(config: &mut Config, variables: impl IntoIterator<Item = (String, String)>) -> Result<()> {
    for (variable, value) in variables {
        let is_foreign = KUBERNETES.iter().any(|prefix| variable.starts_with(prefix));
        if !variable.starts_with("DAYBOOK_") || is_foreign || COMMAND_LINE.contains(&variable.as_str()) {
            continue;
        }
        match SETTINGS.iter().find(|setting| setting.variable() == variable) {
            Some(setting) => {
                (setting.set)(config, &value).map_err(|why| anyhow!("environment variable {variable}: {why}"))?;
            }
            None => bail!("environment variable {variable} is no setting; `daybook check-config` lists them"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LogFormat;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_environment_stands_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), "realm = 'Ours'\n[limits]\nmax_instances = 7\n").unwrap();
        let given = variables(&[("DAYBOOK_LIMITS_MAX_INSTANCES", "9"), ("DAYBOOK_LOG_FORMAT", "json"), ("HOME", "/")]);
        let config = load(None, folder.path(), given).unwrap();
        assert_eq!((config.realm.as_str(), config.limits.max_instances), ("Ours", 9));
        assert_eq!(config.log.format, LogFormat::Json);
        assert_eq!(config.listen, Config::default().listen, "what nobody said keeps its default");
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let rows = [
            ("an unknown name", "realm = 'x'\nlimts = 1\n", "line 2: unknown field `limts`"),
            ("an unknown name in a table", "[limits]\n\nmax_instanses = 1\n", "line 3: unknown field `max_instanses`"),
            ("a wrong type", "workers = 'two'\n", "line 1: invalid type: string"),
            ("not an address", "listen = 'here'\n", "line 1: invalid socket address syntax"),
            ("no network", "proxies = '10.0.0.0/8, here'\n", "line 1: `here` is neither an address nor a network"),
            ("not TOML", "listen\n", "line 1: "),
        ];
        for (title, text, expected) in rows {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{title}: {error}");
            assert!(!error.contains('\n'), "{title}: {error}");
        }
    }

    #[test]
    fn settings_that_belong_together_are_set_together() {
        let rows = [
            ("DAYBOOK_TLS_KEY", "key.pem", "tls.certificate and tls.key are set together or not at all"),
            ("DAYBOOK_PROXY_PROTOCOL", "true", "proxy_protocol needs proxies that speak it"),
        ];
        for (variable, value, expected) in rows {
            let error = load(None, Path::new("nowhere"), variables(&[(variable, value)])).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn a_misspelt_variable_is_refused() {
        let error = load(None, Path::new("nowhere"), variables(&[("DAYBOOK_LISTN", "x")])).unwrap_err();
        assert!(error.to_string().contains("DAYBOOK_LISTN"), "{error}");
    }

    #[test]
    fn a_named_file_must_exist() {
        let error = load(Some(Path::new("/nowhere/daybook.toml")), Path::new("."), []).unwrap_err();
        assert!(format!("{error:#}").starts_with("/nowhere/daybook.toml: No such file"), "{error:#}");
    }
}
