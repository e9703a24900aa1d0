//! The path below which clients reach this server: `/cal` where `public_url` is
//! `https://example.com/cal/`.
//!
//! **Invariant:** the process has one base path, which is set before the first response. Many
//! places print and parse hrefs, and they all use this base path.

use std::sync::OnceLock;

/// First path segments that the server itself uses. A base path cannot begin with one of them.
pub const ROOTS: [&str; 9] =
    ["calendars", "principals", "account", "asof", "audit", "healthz", "readyz", "metrics", ".well-known"];

static BASE: OnceLock<BasePath> = OnceLock::new();

#[derive(Debug, Default, PartialEq, Eq)]
struct BasePath {
    /// The base path as hrefs show it: empty, or with a slash at its beginning and none at its end.
    path: String,
    segments: Vec<String>,
}

impl BasePath {
    fn of(public_url: &str) -> Self {
        let path = page::path_of(public_url);
        let segments = dav::href::Path::parse(path).map(|path| path.segments).unwrap_or_default();
        Self { path: if segments.is_empty() { String::new() } else { path.to_owned() }, segments }
    }

    /// Returns the part of the path that follows the base path. A path that does not begin with the
    /// base path is returned unchanged, because some reverse proxies remove the base.
    fn below<'a>(&self, path: &'a str) -> &'a str {
        match path.strip_prefix(&self.path) {
            Some("") => "/",
            Some(rest) if rest.starts_with('/') => rest,
            Some(_) | None => path,
        }
    }

    fn remove_from(&self, path: &mut dav::href::Path) {
        if path.segments.starts_with(&self.segments) {
            path.segments.drain(..self.segments.len());
        }
    }
}

/// Sets the base path from the public URL of the server. Only the first call in a process has an
/// effect.
pub(crate) fn set(public_url: Option<&str>) {
    BASE.get_or_init(|| public_url.map(BasePath::of).unwrap_or_default());
}

/// Returns the base path, with which the hrefs that the server makes begin. Empty if there is none.
pub(crate) fn printed() -> &'static str {
    BASE.get().map_or("", |base| &base.path)
}

/// Returns the path of a request without the base path. A path that does not begin with the base
/// path is returned unchanged.
pub(crate) fn below(path: &str) -> &str {
    BASE.get().map_or(path, |base| base.below(path))
}

/// Removes the base path from the path of an href, if the path begins with it.
pub(crate) fn remove_from(path: &mut dav::href::Path) {
    if let Some(base) = BASE.get() {
        base.remove_from(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_the_path_of_the_address() {
        for (url, path) in [
            ("https://example.com/", ""),
            ("https://example.com", ""),
            ("https://example.com/cal/", "/cal"),
            ("http://[::1]:8080/a/b%20c", "/a/b%20c"),
            ("", ""),
        ] {
            assert_eq!(BasePath::of(url).path, path, "{url}");
        }
    }

    #[test]
    fn a_path_is_read_below_the_base_and_without_it() {
        let base = BasePath::of("https://example.com/cal/");
        for (path, below) in [
            ("/cal/calendars/anna/", "/calendars/anna/"),
            ("/cal/", "/"),
            ("/cal", "/"),
            ("/calendars/anna/", "/calendars/anna/"),
            ("/calx/", "/calx/"),
            ("*", "*"),
        ] {
            assert_eq!(base.below(path), below, "{path}");
            if let Ok(mut href) = dav::href::Path::parse(path) {
                base.remove_from(&mut href);
                assert_eq!(Ok(href.segments), dav::href::Path::parse(below).map(|path| path.segments), "{path}");
            }
        }
    }
}
