//! The allowed names and addresses of principals.

use ical::Address;
use schemas::collection::is_in_xml;

use crate::Refusal;

/// The maximum number of characters in a principal's short name.
pub const MAX_PRINCIPAL_NAME_LENGTH: usize = 128;

/// Top-level paths of the server whose names an account may not have, so that nobody confuses them.
/// Other such names, for example `account` and `audit`, are allowed because mailboxes have them:
/// the name of a principal is never the first segment of a path.
const RESERVED: [&str; 6] = [".well-known", "calendars", "healthz", "metrics", "principals", "readyz"];

/// Checks a new name of a principal: it becomes a segment of paths (RFC 3986 §3.3) and the user-id
/// of Basic authentication, which has no colon (RFC 7617 §2).
pub(super) fn name(name: &str) -> Result<(), Refusal> {
    let why = if name.is_empty() {
        "the name is empty"
    } else if name.chars().count() > MAX_PRINCIPAL_NAME_LENGTH {
        "the name is longer than 128 characters"
    } else if name == "." || name == ".." {
        "`.` and `..` have a special meaning in paths"
    } else if name.contains(['/', '\\']) {
        "the name contains a slash or a backslash"
    } else if name.contains(':') {
        "the name contains a colon, which would end the name when a client logs in"
    } else if name.contains(is_invisible) {
        "the name contains a control character or another invisible one"
    } else if name.trim() != name {
        "the name begins or ends with a space"
    } else if RESERVED.contains(&name.to_lowercase().as_str()) {
        "the server uses this name in its own paths"
    } else {
        return Ok(());
    };
    Err(Refusal::BadPrincipalName { name: name.to_owned(), why })
}

/// Checks a calendar user address (RFC 5545 §3.3.3: a URI) of the principal `name`.
pub(super) fn address(name: &str, written: &str) -> Result<(), Refusal> {
    let scheme = written.split_once(':').filter(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty());
    let is_odd = |c: char| c.is_whitespace() || is_invisible(c) || "<>\"{}|\\^`".contains(c);
    let why = match (scheme, Address::parse(written)) {
        (None, _) | (_, None) => "the address is not a URI; write a mail address with mailto: before it",
        _ if written.contains(is_odd) => "the address contains a character that is not allowed in a URI",
        (Some((scheme, rest)), Some(address)) if scheme.eq_ignore_ascii_case("mailto") => {
            let is_one = rest.matches('@').count() == 1 && !rest.contains([',', ';', '?']);
            if is_one && address.mailbox().is_some() {
                return Ok(());
            }
            "the address must be exactly one mail address"
        }
        _ => return Ok(()),
    };
    Err(Refusal::BadPrincipalAddress { name: name.to_owned(), address: written.to_owned(), why })
}

/// Checks that a text which is shown to people has no control character and no other invisible one.
pub(super) fn shown(text: &str) -> Result<(), Refusal> {
    let why = "the name contains a control character or another invisible one";
    if text.contains(is_invisible) { Err(Refusal::BadPrincipalName { name: text.to_owned(), why }) } else { Ok(()) }
}

/// The maximum number of characters in the name of an app password.
const MAX_APP_PASSWORD_NAME_LENGTH: usize = 100;

/// Checks the name of an app password, which people read in a list.
pub(super) fn app_password_name(name: &str) -> Result<(), Refusal> {
    let is_good =
        !name.trim().is_empty() && name.chars().count() <= MAX_APP_PASSWORD_NAME_LENGTH && !name.contains(is_invisible);
    if is_good { Ok(()) } else { Err(Refusal::BadAppPasswordName { name: name.to_owned() }) }
}

/// Returns whether the text is a URI scheme (RFC 3986 §3.1).
fn is_scheme(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// Returns whether a character is invisible or changes how the text around it is shown: a control
/// character, a line separator, a character without width, a mark of the writing direction, or a
/// character that XML cannot contain.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || !is_in_xml(c)
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_breaks_paths_or_logins_is_refused() {
        for good in ["alice", "alice@example.com", "Anna Ö", "室", "..a", "a.b"] {
            assert_eq!(name(good), Ok(()), "{good}");
        }
        let long = "a".repeat(MAX_PRINCIPAL_NAME_LENGTH + 1);
        let bad = [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "a:b",
            "a\nb",
            "a\u{7f}",
            "a\u{202e}b",
            "a\u{fffe}",
            " a",
            "a ",
            "Principals",
            &long,
        ];
        for bad in bad {
            assert!(matches!(name(bad), Err(Refusal::BadPrincipalName { .. })), "{bad:?}");
        }
    }

    #[test]
    fn an_address_is_a_uri() {
        for good in [
            "mailto:a@example.com",
            "MAILTO:A@Example.com",
            "urn:uuid:0c8bde62-e600-4696-83d3-8b5ecabdfd2e",
            "tel:+491",
        ] {
            assert_eq!(address("a", good), Ok(()), "{good}");
        }
        let bad = [
            "",
            "a",
            "a@example.com",
            "/principals/a/",
            "mailto:",
            "mailto:a",
            "mailto:a@b@c",
            "mailto:a@b,c@d",
            "mailto:a@b?subject=x",
            "mailto:Anna <a@b>",
            "mailto:a@b\n",
            "1x:y",
            ":y",
        ];
        for bad in bad {
            assert!(matches!(address("a", bad), Err(Refusal::BadPrincipalAddress { .. })), "{bad:?}");
        }
    }
}
