//! A view of one parameter.
//!
//! **Invariant:** the view reads only lines that `content_line::split` accepted. Callers get values
//! without quotes and without the carets of RFC 6868, except from `raw_value`.

use super::escape::decode_carets;
use memchr::{memchr, memchr3};
use std::borrow::Cow;

/// A parameter of a property, such as `CN="Anna, the first"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param<'a> {
    name: &'a str,
    raw: &'a str,
}

impl<'a> Param<'a> {
    /// Returns the parameter's name as written. Compare it with [`is`](Self::is).
    pub fn name(self) -> &'a str {
        self.name
    }

    /// True if the parameter's name is `name`, ignoring case.
    pub fn is(self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Returns the parameter's text after the equals sign, with quotes and carets as written.
    pub fn raw_value(self) -> &'a str {
        self.raw
    }

    /// Returns the decoded values of the parameter: at least one, which may be empty.
    pub fn values(self) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        let mut rest = Some(self.raw);
        std::iter::from_fn(move || {
            let text = rest?;
            let end = value_end(text, b',');
            rest = text.get(end + 1..);
            Some(decode(&text[..end]))
        })
    }

    /// Returns the first value of the parameter, decoded.
    pub fn value(self) -> Cow<'a, str> {
        decode(&self.raw[..value_end(self.raw, b',')])
    }
}

/// An iterator over the parameters in the text between a property's name and its colon.
#[derive(Debug, Clone)]
pub(super) struct Params<'a>(&'a str);

impl<'a> Params<'a> {
    /// Iterates over a parameter text such as `;A=b;C="d"`, which may be empty.
    pub(super) fn of(text: &'a str) -> Self {
        Self(text)
    }
}

impl<'a> Iterator for Params<'a> {
    type Item = Param<'a>;

    fn next(&mut self) -> Option<Param<'a>> {
        let text = self.0.strip_prefix(';')?;
        // Names are short: a loop over the bytes is faster than a search.
        let name_end = text.bytes().position(|byte| byte == b'=')?;
        let (name, values) = (&text[..name_end], &text[name_end + 1..]);
        let end = param_end(values);
        self.0 = &values[end..];
        Some(Param { name, raw: &values[..end] })
    }
}

/// Returns the offset at which the values of one parameter end: the first semicolon outside quotes,
/// or the end of the text.
fn param_end(values: &str) -> usize {
    let mut at = 0;
    loop {
        at += value_end(&values[at..], b',');
        match values.as_bytes().get(at) {
            Some(b',') => at += 1,
            Some(_) | None => return at,
        }
    }
}

/// Returns the offset at which the first value ends: the first separator, semicolon or colon
/// outside quotes, or the end of the text.
fn value_end(text: &str, separator: u8) -> usize {
    let bytes = text.as_bytes();
    let quoted = match bytes {
        [b'"', inner @ ..] => memchr(b'"', inner).map_or(0, |len| len + 2),
        _ => 0,
    };
    memchr3(separator, b';', b':', &bytes[quoted..]).map_or(bytes.len(), |len| quoted + len)
}

fn decode(value: &str) -> Cow<'_, str> {
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    decode_carets(inner.unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_without_quotes_and_carets() {
        let rows = [
            ("none", "", vec![]),
            ("one", ";A=b", vec![("A", vec!["b"])]),
            ("empty", ";A=;B=\"\"", vec![("A", vec![""]), ("B", vec![""])]),
            ("quoted", ";CN=\"a;b:c,d\";X=y", vec![("CN", vec!["a;b:c,d"]), ("X", vec!["y"])]),
            ("list", ";M=\"mailto:a\",\"mailto:b\",c", vec![("M", vec!["mailto:a", "mailto:b", "c"])]),
            ("empty list items", ";M=,,a,", vec![("M", vec!["", "", "a", ""])]),
            ("carets", ";CN=^'A^' ^n^^ ^x", vec![("CN", vec!["\"A\" \n^ ^x"])]),
            ("an equals sign in the value", ";A=b=c", vec![("A", vec!["b=c"])]),
        ];
        for (title, text, expected) in rows {
            let found: Vec<_> =
                Params::of(text).map(|param| (param.name(), param.values().collect::<Vec<_>>())).collect();
            let same = found
                .iter()
                .map(|(name, values)| (*name, values.iter().map(AsRef::as_ref).collect()))
                .collect::<Vec<_>>();
            assert_eq!(same, expected, "{title}");
            for param in Params::of(text) {
                assert_eq!(Some(param.value()), param.values().next(), "{title}");
            }
        }
    }
}
