//! The types of settings: which values they accept, how they are described, and how they are shown.

use std::net::SocketAddr;

use tracing_subscriber::EnvFilter;

/// The type of a setting, with the range of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A whole number between two limits, both included.
    Number(u64, u64),
    Switch,
    /// One of the listed words.
    Word(&'static [&'static str]),
    Text,
    /// The name of a file; empty for none.
    File,
    /// The name of a folder.
    Folder,
    /// An IP address and a port.
    Address,
    /// An IP address and a port; empty for none.
    OptionalAddress,
    /// The URL of this server, with `http` or `https`, and perhaps with a path; empty for none.
    OptionalUrl,
    /// IP addresses and networks, separated by commas.
    Networks,
    /// The name of a request header; empty for none.
    Header,
    /// Log levels by target, in the syntax of `tracing`.
    LogFilter,
    /// The connection string of a database, which may contain a password.
    ConnectionString,
}

impl Kind {
    /// Checks a value given as text. The error describes the expected values.
    pub(crate) fn check(self, value: &str) -> Result<(), String> {
        let is_valid = match self {
            Self::Number(least, most) => value.parse().is_ok_and(|number: u64| (least..=most).contains(&number)),
            Self::Switch => value.parse::<bool>().is_ok(),
            Self::Word(words) => words.contains(&value),
            Self::Address => value.parse::<SocketAddr>().is_ok(),
            Self::OptionalAddress => value.is_empty() || value.parse::<SocketAddr>().is_ok(),
            Self::OptionalUrl => return address_of_server(value).map_err(|why| self.not(value, &why)),
            Self::Networks => return value.parse::<http::Peers>().map(drop),
            Self::Header => return value.parse::<http::LoginHeader>().map(drop),
            Self::LogFilter => EnvFilter::try_new(value).is_ok(),
            Self::Text | Self::File | Self::Folder | Self::ConnectionString => true,
        };
        if is_valid { Ok(()) } else { Err(self.not(value, "")) }
    }

    /// Returns the error for a value that is not of this type. `why` is appended to it; empty if
    /// there is nothing to add.
    fn not(self, value: &str, why: &str) -> String {
        format!("`{value}` is not {}{why}", self.description())
    }

    /// True if TOML has values of this type without quotes.
    pub(crate) fn is_bare(self) -> bool {
        matches!(self, Self::Number(..) | Self::Switch)
    }

    /// Describes the accepted values, for error messages, `check-config` and docs/configuration.md.
    pub(crate) fn description(self) -> String {
        match self {
            Self::Number(least, most) => format!("a number from {least} to {most}"),
            Self::Switch => "`true` or `false`".to_owned(),
            Self::Word(words) => {
                let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
                quoted.join(" or ")
            }
            Self::Text => "text".to_owned(),
            Self::File => "a file".to_owned(),
            Self::Folder => "a folder".to_owned(),
            Self::Address => "an IP address with a port".to_owned(),
            Self::OptionalAddress => "an IP address with a port, or empty".to_owned(),
            Self::OptionalUrl => {
                "an address like `https://cal.example.com/` or `https://example.com/cal/`, or empty".to_owned()
            }
            Self::Networks => "IP addresses and networks".to_owned(),
            Self::Header => "the name of a header, or empty".to_owned(),
            Self::LogFilter => "a list of levels (off, error, warn, info, debug, trace), alone or by target".to_owned(),
            Self::ConnectionString => "a connection string".to_owned(),
        }
    }

    /// Returns the value in TOML. The password of a connection string is left out, because the
    /// output is copied to tickets and logs.
    pub(crate) fn show(self, value: &str) -> String {
        match self {
            Self::Number(..) | Self::Switch => value.to_owned(),
            Self::ConnectionString => quoted(&journal::redacted(value)),
            _ => quoted(value),
        }
    }
}

/// Accepts an `http` or `https` URL, with or without a port and a path, and an empty value. The
/// error for any other value is empty, unless the server itself uses the first segment of the path:
/// then it names this segment.
fn address_of_server(value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Ok(());
    }
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://")).unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let segments: Vec<_> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
    let is_segment = |name: &&str| !["", ".", ".."].contains(name) && name.bytes().all(is_name);
    let is_path = path.is_empty() || segments.iter().all(is_segment);
    if authority.is_empty() || authority.starts_with(':') || !authority.bytes().all(is_host) || !is_path {
        return Err(String::new());
    }
    if http::ROOTS.contains(&segments[0]) {
        return Err(format!("; the server itself uses the path `/{}/`, so leave that path out", segments[0]));
    }
    Ok(())
}

fn quoted(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{SETTINGS, Setting};

    #[test]
    fn values_outside_of_their_type_are_refused_with_what_was_expected() {
        let rows = [
            (Kind::Number(0, 512), "513", "`513` is not a number from 0 to 512"),
            (Kind::Number(1, 2), "-1", "`-1` is not a number from 1 to 2"),
            (Kind::Number(1, 2), "two", "`two` is not a number from 1 to 2"),
            (Kind::Switch, "yes", "`yes` is not `true` or `false`"),
            (Kind::Word(&["text", "json"]), "xml", "`xml` is not `text` or `json`"),
            (Kind::Address, "localhost", "`localhost` is not an IP address with a port"),
            (Kind::OptionalAddress, "localhost", "`localhost` is not an IP address with a port, or empty"),
            (
                Kind::OptionalUrl,
                "https://cal.example.com/calendars/",
                "`https://cal.example.com/calendars/` is not an address like `https://cal.example.com/` or \
                 `https://example.com/cal/`, or empty; the server itself uses the path `/calendars/`, so leave that \
                 path out",
            ),
            (
                Kind::OptionalUrl,
                "ftp://cal.example.com/",
                "`ftp://cal.example.com/` is not an address like `https://cal.example.com/` or \
                 `https://example.com/cal/`, or empty",
            ),
            (Kind::Header, "X Remote", "`X Remote` cannot be the name of a header; write a name such as X-Remote-User"),
            (
                Kind::Networks,
                "10.0.0.0/8, here",
                "`here` is neither an IP address nor a network; write 10.0.0.1 or 10.0.0.0/8",
            ),
            (
                Kind::LogFilter,
                "info,daybook=loud",
                "`info,daybook=loud` is not a list of levels (off, error, warn, info, debug, trace), alone or by target",
            ),
        ];
        for (kind, value, expected) in rows {
            assert_eq!(kind.check(value), Err(expected.to_owned()), "{value}");
        }
    }

    #[test]
    fn a_setting_says_whether_it_names_a_file_or_a_folder() {
        let named = |kind| SETTINGS.iter().filter(move |setting| setting.kind == kind).map(Setting::name);
        assert_eq!(named(Kind::Folder).collect::<Vec<_>>(), ["read_models.memory_folder"]);
        assert_eq!(named(Kind::File).find(|name| name.ends_with("folder")), None);
        assert_eq!(Kind::Folder.description(), "a folder");
    }

    #[test]
    fn the_address_of_the_server_may_have_a_path_that_the_server_does_not_use() {
        for value in
            ["", "https://cal.example.com", "http://[::1]:8080/", "https://example.com/cal", "https://x/a/b-c/"]
        {
            assert_eq!(Kind::OptionalUrl.check(value), Ok(()), "{value}");
        }
        for path in ["/", "../", "a//b", "a?b", "a%20b", "principals/", ".well-known/"] {
            Kind::OptionalUrl.check(&format!("https://example.com/{path}")).expect_err(path);
        }
        for value in ["https://:8443/", "https://example.com?a", "https://example.com#a"] {
            Kind::OptionalUrl.check(value).expect_err(value);
        }
    }
}
