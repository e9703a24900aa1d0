//! Secrets in files. Settings contain only the names of these files, so that no output shows a
//! secret.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use peer::Secret;

/// Returns the first line of the file that the setting `setting` names. An error comes back if the
/// line is empty or the file cannot be read.
pub(crate) fn secret_file(setting: &str, file: &str) -> Result<Secret> {
    let text = fs::read_to_string(file).with_context(|| format!("{setting}: {file}"))?;
    let secret = Secret::first_line(&text);
    ensure!(!secret.is_empty(), "{setting}: the first line of {file} is empty; write the secret there");
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        let read = || secret_file("a.secret_file", &file.display().to_string());
        assert!(read().unwrap_err().to_string().starts_with("a.secret_file: /"));
        fs::write(&file, "\n").unwrap();
        assert!(read().unwrap_err().to_string().contains("is empty"));
        fs::write(&file, "secret\nremark\n").unwrap();
        assert_eq!(read().unwrap(), Secret::first_line("secret"));
    }
}
