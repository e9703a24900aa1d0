//! The addresses of trusted reverse proxies, and how the client's address behind them is found.
//!
//! **Invariant:** `X-Forwarded-For` counts only if a trusted proxy sent the request.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// A set of networks and single IP addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Peers(Vec<IpNet>);

impl Peers {
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns the client's address: the peer's address, or the address that a trusted proxy names.
    ///
    /// `X-Forwarded-For` is read from the right, up to the first address that is not a trusted
    /// proxy, or up to a malformed entry or the left end. The last address read, if any, is the
    /// client's; everything left of it can be forged.
    pub(crate) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.ip().to_canonical();
        if self.0.is_empty() || !self.contains(client) {
            return client;
        }
        let lines: Vec<&str> = headers.get_all(X_FORWARDED_FOR).filter_map(|line| line.to_str().ok()).collect();
        for named in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            let Some(named) = address(named.trim()) else { break };
            client = named;
            if !self.contains(client) {
                break;
            }
        }
        client
    }
}

/// Parses an IP address. Accepts the port, and the brackets around IPv6, that some proxies add.
/// `None` if the text is malformed.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()));
    parsed.map(|address: IpAddr| address.to_canonical())
}

impl FromStr for Peers {
    type Err = String;

    /// Parses a list such as `127.0.0.1, 10.0.0.0/8`. `Err` with the reason if an entry is neither
    /// an IP address nor a network.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let network = |entry: &str| {
            let network = entry.parse::<IpNet>().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from));
            network
                .map_err(|_| format!("`{entry}` is neither an IP address nor a network; write 10.0.0.1 or 10.0.0.0/8"))
        };
        entries.map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Peers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&shown.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_a_configured_proxy_is_believed() {
        let proxies: Peers = "127.0.0.1, 10.0.0.0/8, fd00::/8".parse().expect("peers");
        let rows = [
            ("nothing is said", "127.0.0.1:1", &[][..], "127.0.0.1"),
            ("by a proxy", "127.0.0.1:1", &["192.0.2.7"], "192.0.2.7"),
            ("by somebody", "198.51.100.1:1", &["192.0.2.7"], "198.51.100.1"),
            ("through two proxies", "127.0.0.1:1", &["192.0.2.7, 10.1.1.1"], "192.0.2.7"),
            ("in two lines", "127.0.0.1:1", &["192.0.2.7", "10.1.1.1"], "192.0.2.7"),
            ("by the client before the proxy", "127.0.0.1:1", &["203.0.113.9, 192.0.2.7"], "192.0.2.7"),
            ("proxies only", "127.0.0.1:1", &["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
            ("nonsense", "127.0.0.1:1", &["192.0.2.7, unknown"], "127.0.0.1"),
            ("with a port", "127.0.0.1:1", &["192.0.2.7:4711"], "192.0.2.7"),
            ("IPv6 in brackets", "[fd00::1]:1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("IPv4 in the clothes of IPv6", "[::ffff:127.0.0.1]:1", &["::ffff:192.0.2.7"], "192.0.2.7"),
        ];
        for (title, peer, lines, expected) in rows {
            let mut headers = HeaderMap::new();
            for line in lines {
                let name = HeaderName::from_static(X_FORWARDED_FOR);
                headers.append(name, HeaderValue::from_str(line).expect("a header"));
            }
            let client = proxies.client(peer.parse().expect("an address"), &headers);
            assert_eq!(client.to_string(), expected, "{title}");
        }
    }

    #[test]
    fn peers_are_read_as_they_are_shown() {
        let shown = |text: &str| text.parse::<Peers>().map(|peers| peers.to_string());
        assert_eq!(shown("::1,10.0.0.0/8 "), Ok("::1/128, 10.0.0.0/8".to_owned()));
        assert_eq!(shown(""), Ok(String::new()));
        assert_eq!(
            shown("here"),
            Err("`here` is neither an IP address nor a network; write 10.0.0.1 or 10.0.0.0/8".to_owned())
        );
    }
}
