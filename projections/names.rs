//! Names of collections, which are unique in their home.

/// Returns `wanted`, or `wanted-2` and so on if that is taken, so that every collection stays
/// reachable. Two servers may give one name to two collections at the same moment
/// (docs/adr/0013-kurrentdb.md).
pub(crate) fn free(wanted: &str, mut is_taken: impl FnMut(&str) -> rusqlite::Result<bool>) -> rusqlite::Result<String> {
    let mut name = wanted.to_owned();
    let mut number = 2_u64;
    while is_taken(&name)? {
        name = format!("{wanted}-{number}");
        number += 1;
    }
    Ok(name)
}
