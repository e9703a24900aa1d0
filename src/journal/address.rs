//! The connection string of a remote journal.

/// Returns the connection string for messages and logs: after the name of its login comes `:…`
/// instead of the password. A string without a login is returned unchanged.
///
/// ```
/// let shown = journal::redacted("kurrentdb://ann:secret@db.example.org:2113?tls=true");
/// assert_eq!(shown, "kurrentdb://ann:…@db.example.org:2113?tls=true");
/// ```
pub fn redacted(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((login, hosts)) => {
            let name = login.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}:…@{hosts}{path}")
        }
        None => url.to_owned(),
    }
}
