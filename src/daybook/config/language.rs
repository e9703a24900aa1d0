//! The languages for the names of new calendars.

use std::{fmt, str::FromStr};

/// A language for the names of new calendars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    German,
    English,
    Spanish,
    French,
    Italian,
    Dutch,
    Polish,
    Portuguese,
}

/// Each language with its code (RFC 5646) and its word for tasks.
const LANGUAGES: [(Language, &str, &str); 8] = [
    (Language::German, "de", "Aufgaben"),
    (Language::English, "en", "Tasks"),
    (Language::Spanish, "es", "Tareas"),
    (Language::French, "fr", "Tâches"),
    (Language::Italian, "it", "Attività"),
    (Language::Dutch, "nl", "Taken"),
    (Language::Polish, "pl", "Zadania"),
    (Language::Portuguese, "pt", "Tarefas"),
];

impl Language {
    pub(super) const NAMES: &[&str] = &["de", "en", "es", "fr", "it", "nl", "pl", "pt"];

    /// Returns the code of the language and its word for tasks.
    fn words(self) -> (&'static str, &'static str) {
        let found = LANGUAGES.into_iter().find(|(language, ..)| *language == self);
        found.map_or(("en", "Tasks"), |(_, code, tasks)| (code, tasks))
    }

    /// Returns the name of a new list of tasks in this language.
    pub(super) fn tasks(self) -> &'static str {
        self.words().1
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        let found = LANGUAGES.into_iter().find(|(_, known, _)| *known == code);
        found
            .map(|(language, ..)| language)
            .ok_or_else(|| format!("a language must be one of {}", Self::NAMES.join(", ")))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back() {
        assert_eq!(LANGUAGES.map(|(_, code, _)| code), Language::NAMES);
        for code in Language::NAMES {
            assert_eq!(code.parse::<Language>().map(|language| language.to_string()), Ok((*code).to_owned()));
        }
        assert!("xx".parse::<Language>().is_err());
    }
}
