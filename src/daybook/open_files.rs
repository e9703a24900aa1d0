//! The limit of open files of the process. Each connection needs one open file.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit to the hard limit if the system allows it, and logs the limit that then
/// holds.
///
/// Linux distributions set the soft limit to 1024 for programs that use `select`. This program does
/// not use it.
pub(crate) fn raise_limit() {
    let Rlimit { current: soft, maximum: hard } = getrlimit(Resource::Nofile);
    if soft == hard {
        tracing::info!(limit = shown(hard), "the limit of open files is at its maximum");
        return;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: hard, maximum: hard }) {
        Ok(()) => tracing::info!(from = shown(soft), to = shown(hard), "the limit of open files was raised"),
        Err(error) => tracing::warn!(
            limit = shown(soft),
            "the limit of open files cannot be raised to {}, so the server can keep fewer connections open: {error}",
            shown(hard)
        ),
    }
}

fn shown(limit: Option<u64>) -> String {
    limit.map_or_else(|| "unlimited".to_owned(), |files| files.to_string())
}
