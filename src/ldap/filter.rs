//! Search filters (RFC 4515). **Invariant:** a login name is escaped, so that a filter can only
//! contain it as a value.

use ldap3::{ldap_escape, parse_filter};

/// True if the text is a single valid filter in parentheses.
pub fn is_filter(text: &str) -> bool {
    text.starts_with('(') && parse_filter(text).is_ok()
}

/// Returns a filter for the entries that match the filter `all` and whose `attribute` has the value
/// `value`.
pub(crate) fn with(all: &str, attribute: &str, value: &str) -> String {
    format!("(&{all}({attribute}={}))", ldap_escape(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_a_value() {
        let rows = [
            ("alice", "(&(a=b)(uid=alice))"),
            ("*", r"(&(a=b)(uid=\2a))"),
            (")(uid=*", r"(&(a=b)(uid=\29\28uid=\2a))"),
            ("alice)(|(uid=*", r"(&(a=b)(uid=alice\29\28|\28uid=\2a))"),
            (r"a\2a", r"(&(a=b)(uid=a\5c2a))"),
            ("a\0b", r"(&(a=b)(uid=a\00b))"),
            ("jürgen", "(&(a=b)(uid=jürgen))"),
            ("", "(&(a=b)(uid=))"),
        ];
        for (typed, expected) in rows {
            let filter = with("(a=b)", "uid", typed);
            assert_eq!(filter, expected);
            assert!(is_filter(&filter), "{filter}");
        }
    }

    #[test]
    fn a_filter_is_whole() {
        for (text, expected) in [
            ("(objectClass=*)", true),
            ("(&(a=b)(!(c:1.2.840.113556.1.4.803:=2)))", true),
            ("", false),
            ("objectClass=*", false),
            ("(a=b)(c=d)", false),
            ("(a=b", false),
        ] {
            assert_eq!(is_filter(text), expected, "{text}");
        }
    }
}
