//! The headers of a recorded request on which its outcome depended.

use schemas::metadata::Conditions;

/// Returns the name and value of each of these headers that was recorded.
pub(crate) fn headers(of: &Conditions) -> impl Iterator<Item = (&'static str, &str)> {
    let headers = [
        ("If-Match", &of.if_match),
        ("If-None-Match", &of.if_none_match),
        ("If", &of.if_header),
        ("If-Schedule-Tag-Match", &of.if_schedule_tag_match),
        ("Schedule-Reply", &of.schedule_reply),
        ("Overwrite", &of.overwrite),
        ("Prefer", &of.prefer),
    ];
    headers.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)))
}
