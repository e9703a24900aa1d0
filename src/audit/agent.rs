//! Names the client program behind a `User-Agent` in a few words.

use crate::foreign;

/// Programs by the product token that identifies them. The first entry of this list that matches
/// counts.
const PROGRAMS: [(&str, &str); 22] = [
    ("Thunderbird/", "Thunderbird"),
    ("Lightning/", "Lightning"),
    ("DAVx5/", "DAVx⁵"),
    ("DAVdroid/", "DAVdroid"),
    ("iOS/", "Apple Calendar on iOS"),
    ("macOS/", "Apple Calendar on macOS"),
    ("Mac+OS+X/", "Apple Calendar on Mac OS X"),
    ("Mac OS X/", "Apple Calendar on Mac OS X"),
    ("CalendarAgent/", "Apple CalendarAgent"),
    ("dataaccessd/", "Apple Calendar on iOS, dataaccessd"),
    ("remindd/", "Apple Reminders"),
    ("Evolution/", "Evolution"),
    ("GNOME-Online-Accounts/", "GNOME"),
    ("KOrganizer/", "KOrganizer"),
    ("Akonadi", "Akonadi"),
    ("CalDavSynchronizer/", "Outlook CalDav Synchronizer"),
    ("vdirsyncer/", "vdirsyncer"),
    ("khal/", "khal"),
    ("python-caldav/", "python-caldav"),
    ("python-requests/", "python-requests"),
    ("calbench/", "calbench"),
    ("curl/", "curl"),
];

/// Returns the name and version of a known program, such as `Thunderbird 128.5.2`, or else the
/// `User-Agent`, quoted and shortened. Returns `None` without a `User-Agent`.
pub(crate) fn program(agent: &str) -> Option<String> {
    if agent.is_empty() {
        return None;
    }
    let known = PROGRAMS.iter().find_map(|(token, name)| {
        let (before, rest) = agent.split_once(token)?;
        let is_token = before.is_empty() || before.ends_with([' ', '(']);
        let version: String = rest.chars().take_while(|each| each.is_ascii_alphanumeric() || *each == '.').collect();
        let is_short = version.len() <= 20 && !version.is_empty();
        (is_token && is_short).then(|| format!("{name} {version}"))
    });
    Some(known.unwrap_or_else(|| foreign::quoted(agent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_programs_are_named_and_all_others_are_quoted() {
        let rows = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.2", "Thunderbird 128.5.2"),
            ("iOS/18.1 (22B83) dataaccessd/1.0", "Apple Calendar on iOS 18.1"),
            ("curl/8.5.0", "curl 8.5.0"),
            ("Home grown 1", "“Home grown 1”"),
            ("curl/\nBob deleted it", "“curl/\\nBob deleted it”"),
            ("xcurl/8", "“xcurl/8”"),
        ];
        for (agent, expected) in rows {
            assert_eq!(program(agent).unwrap(), expected);
        }
        assert_eq!(program(""), None);
    }
}
