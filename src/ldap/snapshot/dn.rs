//! Distinguished names (RFC 4514), in a form that can be compared.

/// Returns a canonical form of a distinguished name: without spaces around its parts, without
/// escapes, in lower case. Spellings that differ only in these have the same canonical form.
pub(super) fn normal(dn: &str) -> String {
    let parts: Vec<_> = parts(dn).into_iter().map(|(attribute, value)| format!("{attribute}={value}")).collect();
    // A value may contain a comma after its escapes were removed. The NUL keeps the separator
    // distinct from such a comma.
    parts.join("\0,")
}

/// True if the first part of `dn` is this attribute with this value.
pub(super) fn begins_with(dn: &str, attribute: &str, value: &str) -> bool {
    parts(dn).first().is_some_and(|(name, found)| *name == attribute.to_lowercase() && *found == value.to_lowercase())
}

/// Returns the attributes and values of a distinguished name, unescaped and in lower case.
fn parts(dn: &str) -> Vec<(String, String)> {
    let mut parts = vec![];
    let mut rest = dn;
    while !rest.is_empty() {
        let end = end(rest);
        let (attribute, value) = rest[..end].split_once('=').unwrap_or((&rest[..end], ""));
        parts.push((attribute.trim().to_lowercase(), unescaped(value.trim_start()).to_lowercase()));
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    parts
}

/// Returns the index of the first separator (`,` or `+`) that is not escaped, or the length of
/// `dn`.
fn end(dn: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in dn.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b',' | b'+' => return at,
            _ => {}
        }
    }
    dn.len()
}

/// Returns a value without its escapes. Spaces at its end are removed unless they are escaped.
fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut value, mut kept, mut at) = (vec![], 0, 0);
    while let Some(byte) = bytes.get(at).copied() {
        let hex = bytes.get(at + 1..at + 3).filter(|_| byte == b'\\');
        let hex = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        let (byte, read) = match (hex, bytes.get(at + 1)) {
            (Some(byte), _) => (byte, 3),
            (None, Some(next)) if byte == b'\\' => (*next, 2),
            _ => (byte, 1),
        };
        value.push(byte);
        at += read;
        if read > 1 || byte != b' ' {
            kept = value.len();
        }
    }
    value.truncate(kept);
    String::from_utf8_lossy(&value).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_the_same() {
        let rows = [
            ("uid=alice,ou=people,dc=example", "UID=Alice, OU=People , DC = example", true),
            (r"cn=Ames\, Alice,dc=example", r"cn=Ames\2c Alice,dc=example", true),
            (r"cn=Ames\, Alice,dc=example", "cn=Ames,cn=Alice,dc=example", false),
            (r"cn=a\,dc=b", "cn=a,dc=b", false),
            (r"cn=J\c3\bcrgen,dc=example", "cn=jürgen,dc=example", true),
            (r"cn=a\ ,dc=b", "cn=a,dc=b", false),
            ("cn=a+uid=b,dc=c", "cn=a,uid=b,dc=c", true),
            ("", "", true),
            (r"cn=\", r"cn=\", true),
            ("ü", "=", false),
        ];
        for (one, other, expected) in rows {
            assert_eq!(normal(one) == normal(other), expected, "{one} and {other}");
        }
    }

    #[test]
    fn the_first_part_names_an_entry() {
        assert!(begins_with(r"UID=Al\2cice,dc=example", "uid", "al,ice"));
        assert!(!begins_with("cn=alice,uid=alice", "uid", "alice"));
    }
}
