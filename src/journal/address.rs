//! The connection string of a remote journal.

/// Returns the connection string for messages and logs: after the name of its login comes `:…`
/// instead of the password. A string without `@` has no login, and is returned unchanged.
///
/// If the login cannot be told from the rest of the string, because `@` stands behind a `/` or `?`
/// or there is no scheme, everything before the last `@` is replaced by `…`: it may be a password.
///
/// ```
/// let shown = journal::redacted("kurrentdb://ann:secret@db.example.org:2113?tls=true");
/// assert_eq!(shown, "kurrentdb://ann:…@db.example.org:2113?tls=true");
/// assert_eq!(journal::redacted("kurrentdb://ann:se/cret@db.example.org"), "kurrentdb://…@db.example.org");
/// ```
pub fn redacted(url: &str) -> String {
    let Some((login, rest)) = url.rsplit_once('@') else { return url.to_owned() };
    let is_scheme =
        |scheme: &str| scheme.chars().all(|character| character.is_ascii_alphanumeric() || character == '+');
    match login.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) {
        Some((scheme, login)) if login.contains(['/', '?']) => format!("{scheme}://…@{rest}"),
        Some((scheme, login)) => {
            let name = login.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}:…@{rest}")
        }
        None => format!("…@{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn no_part_of_a_password_is_shown_whatever_is_in_it() {
        for (url, shown) in [
            ("kurrentdb://host:2113?tls=false", "kurrentdb://host:2113?tls=false"),
            ("kurrentdb+discover://ann:secret@host", "kurrentdb+discover://ann:…@host"),
            ("kurrentdb://ann:se@cret@host", "kurrentdb://ann:…@host"),
            ("kurrentdb://ann:se/cret@host?tls=false", "kurrentdb://…@host?tls=false"),
            ("kurrentdb://ann:se?cret@host", "kurrentdb://…@host"),
            ("kurrentdb://ann:secret@se/cret@host", "kurrentdb://…@host"),
            ("kurrentdb:ann:secret@host", "…@host"),
            ("ann:secret://secret@host", "…@host"),
        ] {
            assert_eq!(redacted(url), shown, "{url}");
        }
    }
}
