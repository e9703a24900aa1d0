//! Distinguished names (RFC 4514), in a form that can be compared.
//!
//! Names are compared as RFC 4517 §4.2.15 says. All values are compared by `caseIgnoreMatch` with
//! the preparation of RFC 4518, which is the rule for the attributes that name people and groups.

use unicode_normalization::UnicodeNormalization;

/// The attribute types of RFC 4514 §3 and RFC 4519 that occur in names. For each: two names, of
/// which the first is the canonical one here, and the object identifier.
const TYPES: [[&str; 3]; 12] = [
    ["cn", "commonname", "2.5.4.3"],
    ["sn", "surname", "2.5.4.4"],
    ["serialnumber", "serialnumber", "2.5.4.5"],
    ["c", "countryname", "2.5.4.6"],
    ["l", "localityname", "2.5.4.7"],
    ["st", "stateorprovincename", "2.5.4.8"],
    ["street", "streetaddress", "2.5.4.9"],
    ["o", "organizationname", "2.5.4.10"],
    ["ou", "organizationalunitname", "2.5.4.11"],
    ["givenname", "gn", "2.5.4.42"],
    ["uid", "userid", "0.9.2342.19200300.100.1.1"],
    ["dc", "domaincomponent", "0.9.2342.19200300.100.1.25"],
];

/// Returns a canonical form of a distinguished name. Spellings that differ in case, spaces,
/// escapes, encoding, the order within a part, or the name of an attribute type of [`TYPES`] have
/// the same canonical form.
pub(super) fn normal(dn: &str) -> String {
    let parts = parts(dn).into_iter().map(|mut pairs| {
        // RFC 4517 §4.2.15: the pairs of one part have no order.
        pairs.sort();
        pairs.iter().map(|(attribute, value)| format!("{attribute}={value}")).collect::<Vec<_>>().join("\0+")
    });
    // A value may contain a comma after its escapes were removed. The NUL keeps the separator
    // distinct from such a comma, because no prepared value contains it.
    parts.collect::<Vec<_>>().join("\0,")
}

/// True if the first part of `dn` has this attribute with this value.
pub(super) fn begins_with(dn: &str, attribute: &str, value: &str) -> bool {
    let wanted = (type_of(attribute), prepared(value));
    parts(dn).first().is_some_and(|pairs| pairs.contains(&wanted))
}

/// Returns the parts of a distinguished name: for each, its attributes and values.
fn parts(dn: &str) -> Vec<Vec<(String, String)>> {
    let mut parts = vec![];
    let mut rest = dn;
    let mut is_further = false;
    while !rest.is_empty() {
        let end = end(rest);
        let (attribute, value) = rest[..end].split_once('=').unwrap_or((&rest[..end], ""));
        let pair = (type_of(attribute), prepared(&value_of(value)));
        match parts.last_mut() {
            Some(last) if is_further => Vec::push(last, pair),
            _ => parts.push(vec![pair]),
        }
        is_further = rest[end..].starts_with('+');
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

/// Returns the first name of an attribute type in [`TYPES`]; for another type, the given name in
/// lower case.
fn type_of(attribute: &str) -> String {
    let given = attribute.trim().to_lowercase();
    let number = given.strip_prefix("oid.").unwrap_or(&given);
    let known = TYPES.iter().find(|[short, long, oid]| given == *short || given == *long || number == *oid);
    known.map_or(given.clone(), |[short, ..]| (*short).to_owned())
}

/// Returns the value that a text stands for: with its escapes resolved (RFC 4514 §2.4), or decoded
/// if it is the hexadecimal form of its encoding in BER.
fn value_of(text: &str) -> String {
    let encoded = text.trim().strip_prefix('#').and_then(of_hex);
    encoded.as_deref().and_then(string_of).unwrap_or_else(|| unescaped(text))
}

fn of_hex(text: &str) -> Option<Vec<u8>> {
    if !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?, 16).ok())
        .collect()
}

/// Returns the text of a string in BER: `UTF8String`, `NumericString`, `PrintableString`,
/// `TeletexString`, `IA5String` or `OCTET STRING`. `None` for other types, and if the length is not
/// that of the text.
fn string_of(encoded: &[u8]) -> Option<String> {
    let [0x0c | 0x12..=0x14 | 0x16 | 0x04, length, rest @ ..] = encoded else { return None };
    let (length, text) = match usize::from(*length) {
        short @ 0..=0x7f => (short, rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), rest.get(2..)?),
        _ => return None,
    };
    (text.len() == length).then(|| String::from_utf8_lossy(text).into_owned())
}

/// Returns a value without its escapes.
fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut value, mut at) = (vec![], 0);
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
    }
    String::from_utf8_lossy(&value).into_owned()
}

/// Returns a value in the form in which `caseIgnoreMatch` compares it (RFC 4518 §2): NFKC in lower
/// case, without invisible characters. Spaces around it do not count, also those that are escaped,
/// and several spaces are one.
fn prepared(value: &str) -> String {
    // RFC 4518 §2.2
    let is_nothing = |c: char| {
        matches!(c, '\u{ad}' | '\u{34f}' | '\u{6dd}' | '\u{70f}' | '\u{1806}' | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2063}' | '\u{206a}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
    };
    let mapped = value.chars().filter(|c| c.is_whitespace() || !(is_nothing(*c) || c.is_control()));
    let folded: String = mapped.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
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
            // Spaces around a value and inside it do not count (RFC 4518 §2.6.1).
            (r"cn=\ a\ ,dc=b", "cn=a,dc=b", true),
            ("cn=Alice  Ames,dc=b", "cn=alice\u{a0}ames,dc=b", true),
            ("cn=AliceAmes,dc=b", "cn=Alice Ames,dc=b", false),
            // The pairs of one part have no order, and differ from parts.
            ("cn=a+uid=b,dc=c", "UID=B + CN=A, DC=C", true),
            ("cn=a+uid=b,dc=c", "cn=a,uid=b,dc=c", false),
            (r"cn=a\+uid=b,dc=c", "cn=a+uid=b,dc=c", false),
            // An attribute type has a short name, a long one and a number.
            ("0.9.2342.19200300.100.1.1=alice,OID.2.5.4.11=x", "userid=alice,organizationalUnitName=x", true),
            // A value may be given by its encoding (RFC 4514 §2.4).
            ("cn=#0c05616C696365,dc=x", "cn=Alice,dc=x", true),
            ("cn=#0405616c6963,dc=x", "cn=alic,dc=x", false),
            (r"cn=\#0c05616C696365", "cn=alice", false),
            ("cn=ju\u{308}rgen", "cn=J\u{dc}RGEN", true),
            ("cn=al\u{ad}ice", "cn=alice", true),
            ("cn=\u{6dd}a\u{70f}l\u{180e}i\u{206a}\u{206f}c\u{fff9}\u{fffc}e", "cn=alice", true),
            ("cn=al\u{1d173}\u{1d17a}i\u{e0001}\u{e0020}\u{e007f}ce", "cn=alice", true),
            ("cn=al\u{2064}ice", "cn=alice", false),
            ("cn=#,dc=x", "cn=,dc=x", false),
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
        assert!(begins_with("cn=Alice Ames+uid=alice,dc=example", "uid", "alice"));
    }
}
