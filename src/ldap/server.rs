//! The URL of a server of the directory (RFC 4516): scheme, host and port.

use std::{fmt, str::FromStr};

/// The default ports of LDAP and of LDAP over TLS (`ldaps`).
const PORTS: [u16; 2] = [389, 636];

/// One server of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The host name or the IP address, without brackets.
    pub host: String,
    /// The port to connect to.
    pub port: u16,
    /// True for `ldaps`: the connection uses TLS from its first byte.
    pub is_tls: bool,
}

impl Server {
    /// True if the host is `localhost` or a loopback address, so that data without TLS stays within
    /// this machine.
    pub fn is_this_machine(&self) -> bool {
        peer::is_this_machine(&self.host)
    }
}

impl FromStr for Server {
    type Err = String;

    /// Parses a URL such as `ldaps://host`, `ldap://host:389` or `ldap://[::1]`.
    fn from_str(url: &str) -> Result<Self, String> {
        let wrong = |why: &str| Err(format!("`{url}` {why}; write ldaps://HOST, ldap://HOST or ldap://HOST:PORT"));
        let (is_tls, rest) = match url.split_once("://") {
            Some(("ldaps", rest)) => (true, rest),
            Some(("ldap", rest)) => (false, rest),
            _ => return wrong("is not the URL of an LDAP server"),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#', '@']) || rest.contains(char::is_whitespace) {
            return wrong("contains more than a host and a port");
        }
        let (host, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, Some(port.strip_prefix(':').unwrap_or("?"))),
            None => match rest.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let Ok(port) = port.map_or(Ok(PORTS[usize::from(is_tls)]), str::parse) else {
            return wrong("has no valid port number after the colon");
        };
        if host.is_empty() {
            return wrong("contains no host");
        }
        Ok(Self { host: host.to_owned(), port, is_tls })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls { "ldaps" } else { "ldap" };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_scheme_a_host_and_a_port() {
        let rows = [
            ("ldap://dc.example.com", Ok("ldap://dc.example.com:389")),
            ("ldaps://dc.example.com/", Ok("ldaps://dc.example.com:636")),
            ("ldap://dc.example.com:3268", Ok("ldap://dc.example.com:3268")),
            ("ldap://[::1]:1389", Ok("ldap://[::1]:1389")),
            ("ldaps://[2001:db8::1]", Ok("ldaps://[2001:db8::1]:636")),
            ("dc.example.com", Err("is not the URL")),
            ("https://dc.example.com", Err("is not the URL")),
            ("ldap://", Err("contains no host")),
            ("ldap://dc:none", Err("has no valid port")),
            ("ldap://[::1]389", Err("has no valid port")),
            ("ldap://dc/dc=example", Err("contains more than")),
            ("ldap://dc#dc=example", Err("contains more than")),
            ("ldap://cn=admin@dc", Err("contains more than")),
        ];
        for (url, expected) in rows {
            match (url.parse::<Server>(), expected) {
                (Ok(server), Ok(shown)) => assert_eq!(server.to_string(), shown, "{url}"),
                (Err(why), Err(part)) => assert!(why.contains(part), "{url}: {why}"),
                (read, expected) => panic!("{url}: {read:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn this_machine_is_known_by_its_loopback_addresses() {
        for (url, expected) in [
            ("ldap://localhost", true),
            ("ldap://127.0.0.2", true),
            ("ldap://[::1]", true),
            ("ldap://192.0.2.1", false),
            ("ldap://localhost.example.com", false),
        ] {
            assert_eq!(url.parse::<Server>().unwrap().is_this_machine(), expected, "{url}");
        }
    }
}
