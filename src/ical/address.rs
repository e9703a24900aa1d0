//! Calendar user addresses (RFC 5545 §3.3.3, RFC 6638 §2.4.1).
//!
//! **Invariant:** addresses are compared by a canonical form, in which `MAILTO:Anna@x` and
//! `mailto:anna@x` are equal. The original spelling is kept as well. Mailboxes are compared without
//! regard to case, although RFC 5321 §2.4 permits servers to distinguish it.

use crate::text::Property;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A calendar user address with its canonical form. Cloning copies no text, because many parts of
/// the program share the addresses of a meeting.
#[derive(Debug, Clone)]
pub struct Address {
    written: Arc<str>,
    /// The canonical form. It shares the text of `written` if [`is_canonical_mailbox`] is true of
    /// it.
    canonical: Arc<str>,
    /// The mailbox that [`with_email`](Self::with_email) added, as a canonical `mailto:` address;
    /// `None` without one.
    mail: Option<Arc<str>>,
}

impl Address {
    /// Parses a calendar user address.
    ///
    /// Returns `None` if `written` is blank, as the ORGANIZERs that Exchange sends sometimes are,
    /// or is a `mailto:` without a mailbox.
    pub fn parse(written: &str) -> Option<Self> {
        if is_canonical_mailbox(written) {
            let canonical = Arc::from(written);
            return Some(Self { written: Arc::clone(&canonical), canonical, mail: None });
        }
        let canonical = canonical(written.trim())?.into();
        Some(Self { written: written.into(), canonical, mail: None })
    }

    /// Sets the mailbox of the EMAIL parameter (RFC 7986 §6.2). With it, the user can be reached
    /// even if a `urn:uuid` or the URL of another server cannot be resolved. Comparison ignores the
    /// mailbox. An address that has a [`mailbox`](Self::mailbox) itself stays as it is.
    #[must_use]
    pub fn with_email(self, email: Option<&str>) -> Self {
        if self.mailbox().is_some() {
            return self;
        }
        Self { mail: email.and_then(mailbox).map(Arc::from), ..self }
    }

    /// Returns the mailbox that [`with_email`](Self::with_email) set, as a `mailto:` address;
    /// `None` if there is none.
    pub fn email(&self) -> Option<Self> {
        self.mail.as_ref().map(|mail| Self { written: Arc::clone(mail), canonical: Arc::clone(mail), mail: None })
    }

    /// Returns the address in its original spelling.
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// Returns the canonical form, by which addresses are compared.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Returns the mailbox of a `mailto:` address in lower case, such as `anna@example.org`.
    ///
    /// Returns `None` if the address is not a `mailto:` with a local part and a domain.
    pub fn mailbox(&self) -> Option<&str> {
        let mailbox = self.canonical.strip_prefix("mailto:")?;
        let (local, domain) = mailbox.rsplit_once('@')?;
        (!local.is_empty() && !domain.is_empty()).then_some(mailbox)
    }

    /// Returns the path of an address that is a path, a reference that starts with `//`, or an
    /// http(s) URL: absolute and percent-encoded, with the query and the fragment. Returns `None`
    /// for other addresses, and for a URL or reference with an empty host (RFC 9110 §4.2.1).
    pub fn path(&self) -> Option<&str> {
        let Some(behind) = self.behind_scheme() else {
            return self.canonical.starts_with('/').then_some(&*self.canonical);
        };
        let (_, path) = at_end_of_authority(behind);
        self.host().map(|_| path)
    }

    /// Returns the host, without user and port, of an address that is an http(s) URL, or a
    /// reference that starts with `//` and the host (RFC 3986 §4.2), in lower case. Returns `None`
    /// for other addresses, and for an empty host.
    pub fn host(&self) -> Option<&str> {
        let (authority, _) = at_end_of_authority(self.behind_scheme()?);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        let host = host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(host, _)| host);
        (!host.is_empty()).then_some(host)
    }

    fn behind_scheme(&self) -> Option<&str> {
        ["https://", "http://", "//"].into_iter().find_map(|scheme| self.canonical.strip_prefix(scheme))
    }
}

impl Property<'_> {
    /// Returns the property's value as a calendar user address, with the mailbox of its EMAIL
    /// parameter if it has one.
    ///
    /// Returns `None` if the value is blank, or is a `mailto:` without a mailbox.
    pub fn address(self) -> Option<Address> {
        let address = Address::parse(self.value())?;
        Some(if address.mailbox().is_some() { address } else { address.with_email(self.param("EMAIL").as_deref()) })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.canonical)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Address {}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Address {
    fn cmp(&self, other: &Self) -> Ordering {
        self.canonical.cmp(&other.canonical)
    }
}

impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

/// True for a `mailto:` address of lower-case ASCII letters, digits and `@.-_+`, which is in
/// canonical form already.
fn is_canonical_mailbox(written: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"@.-_+".contains(&byte);
    written.strip_prefix("mailto:").is_some_and(|mailbox| !mailbox.is_empty() && mailbox.bytes().all(plain))
}

fn canonical(written: &str) -> Option<String> {
    if let Some(behind) = written.strip_prefix("//") {
        let (authority, behind) = at_end_of_authority(behind);
        return Some(format!("//{}{}", authority.to_lowercase(), path(&rooted(behind))));
    }
    if written.starts_with('/') {
        return Some(path(written));
    }
    let Some((scheme, rest)) = written.split_once(':') else {
        // Some clients leave out the scheme `mailto:`.
        return if written.contains('@') {
            mailbox(written)
        } else {
            Some(written.to_lowercase()).filter(|name| !name.is_empty())
        };
    };
    match scheme.to_ascii_lowercase().as_str() {
        "mailto" => mailbox(rest),
        scheme @ ("http" | "https") => Some(url(scheme, rest)),
        // Any other address, such as a URN (RFC 8141 §3.1, RFC 9562 §4) or `invalid:nomail`, is
        // compared in lower case.
        _ => Some(written.to_lowercase()),
    }
}

/// Returns the canonical `mailto:` address for `rest`, the text after the scheme (RFC 6068): in
/// lower case, octets decoded, header fields removed, and `Anna <anna@example.org>` reduced to the
/// mailbox. Returns `None` if nothing is left.
fn mailbox(rest: &str) -> Option<String> {
    let to = rest.split_once('?').map_or(rest, |(to, _)| to);
    let decoded = decode(to).unwrap_or_else(|| to.to_owned());
    let inside = decoded.rsplit_once('<').and_then(|(_, behind)| behind.split_once('>')).map(|(inside, _)| inside);
    // Keep `%` and `?` encoded, or they would be decoded again when the canonical form is parsed.
    let mailbox = inside.unwrap_or(&decoded).trim().to_lowercase().replace('%', "%25").replace('?', "%3f");
    (!mailbox.is_empty()).then(|| format!("mailto:{mailbox}"))
}

fn url(scheme: &str, rest: &str) -> String {
    let rest = rest.trim_start_matches('/');
    let (authority, behind) = at_end_of_authority(rest);
    if authority.is_empty() {
        return format!("{scheme}://{behind}");
    }
    let authority = authority.to_lowercase();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    // Remove the default port, even if it is repeated. Without a host the port stays, or the path
    // would be read as the host.
    let host = authority.trim_end_matches(default_port);
    let authority = if host.is_empty() { authority.as_str() } else { host };
    format!("{scheme}://{authority}{}", path(&rooted(behind)))
}

/// Splits the text behind `//` before the first `/`, `?` or `#`, where the authority ends (RFC 3986
/// §3.2).
fn at_end_of_authority(behind: &str) -> (&str, &str) {
    behind.split_at(behind.find(['/', '?', '#']).unwrap_or(behind.len()))
}

/// Returns the text behind an authority. Inserts the path `/` before a query or a fragment, because
/// an empty path means the same (RFC 3986 §6.2.3).
fn rooted(behind: &str) -> Cow<'_, str> {
    if behind.starts_with(['?', '#']) { Cow::Owned(format!("/{behind}")) } else { Cow::Borrowed(behind) }
}

/// Normalizes a path: the characters of [`is_pchar`] are decoded, slashes between segments stay,
/// all other octets, also a slash that is written as `%2F`, are written as `%XX`, and trailing
/// slashes are removed. An empty path becomes `/`.
fn path(written: &str) -> String {
    let bytes = written.trim_end_matches('/').as_bytes();
    let mut path = String::with_capacity(bytes.len() + 1);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let octet = encoded_octet(bytes, at);
        at += if octet.is_some() { 3 } else { 1 };
        let stands_for_itself = is_pchar(octet.unwrap_or(byte)) || byte == b'/';
        if stands_for_itself {
            path.push(char::from(octet.unwrap_or(byte)));
        } else {
            let octet = octet.unwrap_or(byte);
            path.extend(['%', hex_digit(octet >> 4), hex_digit(octet & 0xf)]);
        }
    }
    if path.is_empty() { "/".to_owned() } else { path }
}

/// True for the characters that a path segment may contain without percent-encoding (RFC 3986
/// §3.3).
fn is_pchar(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&octet)
}

/// Returns the octet that the `%XX` at this offset encodes; `None` if there is no such escape.
fn encoded_octet(bytes: &[u8], at: usize) -> Option<u8> {
    let [b'%', high, low] = bytes.get(at..at + 3)? else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? * 16 + digit(low)?)
}

fn hex_digit(digit: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(digit)])
}

/// Decodes every `%XX` of a text.
///
/// Returns `None` if the result is not UTF-8.
fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let octet = encoded_octet(bytes, at);
        at += if octet.is_some() { 3 } else { 1 };
        decoded.push(octet.unwrap_or(byte));
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_has_one_canonical_form() {
        let rows = [
            ("mailbox", "mailto:anna@example.org", "mailto:anna@example.org"),
            ("case", "MAILTO:Anna@Example.ORG", "mailto:anna@example.org"),
            ("encoded", "mailto:anna%40example.org", "mailto:anna@example.org"),
            ("encoded, not ASCII", "mailto:J%C3%BCrgen@example.org", "mailto:jürgen@example.org"),
            ("encoded, but not UTF-8", "mailto:%ff@example.org", "mailto:%25ff@example.org"),
            ("a lone percent sign", "mailto:100%@example.org", "mailto:100%25@example.org"),
            ("header fields", "mailto:anna@example.org?subject=x", "mailto:anna@example.org"),
            ("display name", "mailto:Anna%20%3Canna@example.org%3E", "mailto:anna@example.org"),
            ("no scheme", " anna@example.org ", "mailto:anna@example.org"),
            ("blank behind the scheme", "mailto: anna@example.org", "mailto:anna@example.org"),
            ("rubbish", "mailto:iCloud", "mailto:icloud"),
            ("a bare name", "Anna", "anna"),
            ("made up", "invalid:nomail", "invalid:nomail"),
            ("UUID", "URN:UUID:1F2E-ABCD", "urn:uuid:1f2e-abcd"),
            ("path", "/principals/anna/", "/principals/anna"),
            ("path, encoded", "/principals/%61nna%20b", "/principals/anna%20b"),
            ("path, case of the digits", "/p/%c3%a4", "/p/%C3%A4"),
            ("path, not encoded", "/p/ä b", "/p/%C3%A4%20b"),
            ("path, a slash in a name", "/p/a%2fb", "/p/a%2Fb"),
            ("path, a slash at the end of a name", "/p/a%2f/", "/p/a%2F"),
            ("path, case counts", "/P/Anna", "/P/Anna"),
            ("root", "/", "/"),
            ("URL", "HTTPS://Example.org:443/P/anna/", "https://example.org/P/anna"),
            ("URL, its port twice", "https://example.org:443:443/p", "https://example.org/p"),
            ("URL, a port and no host", "https:/:443/p", "https://:443/p"),
            ("URL, another port", "http://example.org:8080/p", "http://example.org:8080/p"),
            ("URL without path", "http://example.org", "http://example.org/"),
            ("URL without path, a query", "http://Example.org?X=1/", "http://example.org/%3FX=1"),
            ("URL without path, a fragment", "http://Example.org#X", "http://example.org/%23X"),
            ("URL, a query and no host", "http:///?X", "http://?X"),
            ("reference", "//Example.org/P/", "//example.org/P"),
            ("reference without path", "//example.org", "//example.org/"),
            ("reference, a query", "//example.org?x", "//example.org/%3Fx"),
            ("reference, a query and no host", "//?x", "///%3Fx"),
        ];
        for (title, written, expected) in rows {
            let address = Address::parse(written).unwrap_or_else(|| panic!("{title}"));
            assert_eq!(address.canonical(), expected, "{title}");
            assert_eq!(address.to_string(), expected, "{title}");
            assert_eq!(address.as_written(), written, "{title}");
            assert_eq!(Address::parse(expected), Some(address), "{title}");
        }
        for nobody in ["", " ", "mailto:", "MAILTO: ", "mailto:?subject=x"] {
            assert_eq!(Address::parse(nobody), None, "{nobody:?}");
        }
    }

    #[test]
    fn an_address_has_a_mailbox_or_a_path() {
        let rows = [
            ("mailto:Anna@example.org", Some("anna@example.org"), None),
            ("mailto:iCloud", None, None),
            ("mailto:@example.org", None, None),
            ("mailto:anna@", None, None),
            ("urn:uuid:1", None, None),
            ("/p/anna/", None, Some("/p/anna")),
            ("https://example.org/p/anna", None, Some("/p/anna")),
        ];
        for (written, mailbox, path) in rows {
            let address = Address::parse(written).expect("there is an address");
            assert_eq!((address.mailbox(), address.path()), (mailbox, path), "{written}");
        }
    }

    #[test]
    fn the_host_of_a_url_ends_with_its_authority() {
        let rows = [
            ("https://Anna@Example.org:8443/p", Some("example.org"), Some("/p")),
            ("http://[::1]:8080/p", Some("[::1]"), Some("/p")),
            ("http://example.org?x=1", Some("example.org"), Some("/%3Fx=1")),
            ("http://example.org:80#x", Some("example.org"), Some("/%23x")),
            ("http://elsewhere.example?@example.org/p", Some("elsewhere.example"), Some("/%3F@example.org/p")),
            ("//elsewhere.example#@example.org/p", Some("elsewhere.example"), Some("/%23@example.org/p")),
            ("//elsewhere%40example.org/p", Some("elsewhere%40example.org"), Some("/p")),
            ("//[::1]:8080", Some("[::1]"), Some("/")),
            ("///p", None, None),
            ("//:80/p", None, None),
            ("http://anna@/p", None, None),
            ("http://?/p", None, None),
            ("http://", None, None),
            ("https:/:443/p", None, None),
            ("/p", None, Some("/p")),
            ("mailto:anna@example.org", None, None),
        ];
        for (written, host, path) in rows {
            let address = Address::parse(written).expect("there is an address");
            assert_eq!((address.host(), address.path()), (host, path), "{written}");
        }
    }

    #[test]
    fn addresses_are_sorted_and_found_by_their_canonical_form() {
        let address = |written| Address::parse(written).expect("there is an address");
        let set: std::collections::BTreeSet<_> =
            ["MAILTO:b@x", "mailto:a@x", "mailto:B@X"].map(address).into_iter().collect();
        assert_eq!(set.iter().map(Address::canonical).collect::<Vec<_>>(), ["mailto:a@x", "mailto:b@x"]);
        let hashed: std::collections::HashSet<_> = ["MAILTO:b@x", "mailto:B@X"].map(address).into_iter().collect();
        assert_eq!(hashed.len(), 1);
        assert!(address("mailto:a@x") < address("MAILTO:B@x"));
    }

    #[test]
    fn a_property_returns_its_address() {
        let text = "BEGIN:VCALENDAR\nORGANIZER:MAILTO:Anna@example.org\nEND:VCALENDAR\n";
        let document = crate::Document::parse(text).expect("the text is well-formed");
        let organizer = document.root().property("ORGANIZER").expect("there is an organizer");
        assert_eq!(organizer.address(), Address::parse("mailto:anna@example.org"));
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_its_own(written in "(mailto:|/|http://|urn:)?[a-zA-Z%0-9@/?# .:äß<>-]{0,30}") {
            if let Some(address) = Address::parse(&written) {
                prop_assert_eq!(Address::parse(address.canonical()), Some(address));
            }
        }
    }
}
