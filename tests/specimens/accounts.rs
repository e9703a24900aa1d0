//! Account files in the format that `daybook principal import` reads.

/// Returns an account file with these tables.
pub fn file(tables: &[String]) -> String {
    format!("version = 1\n{}", tables.concat())
}

/// Returns the table of a person who may log in, with the additional lines `more`.
pub fn person(id: &str, name: &str, more: &str) -> String {
    let email = format!("{id}@example.com");
    format!("[[account]]\nid = '{id}'\ndisplay_name = '{name}'\nemail = '{email}'\nlogin = true\n{more}")
}
