//! An entry of a search (RFC 4511 §4.5.2).

use std::collections::BTreeMap;

use ldap3::{
    ResultEntry,
    asn1::{PL, StructureTag},
};

/// An entry: its distinguished name, and its attributes by their names in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub dn: String,
    attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Entry {
    /// Decodes an entry; `None` if the result is a referral or has another form.
    pub(crate) fn read(result: ResultEntry) -> Option<Self> {
        const ENTRY: u64 = 4;
        let tag = result.0;
        if tag.id != ENTRY {
            return None;
        }
        let mut parts = elements(tag)?.into_iter();
        let dn = text(parts.next()?)?;
        let attributes = elements(parts.next()?)?.into_iter().map(attribute).collect::<Option<_>>()?;
        Some(Self { dn, attributes })
    }

    #[cfg(test)]
    pub(crate) fn new(dn: &str, attributes: &[(&str, &str)]) -> Self {
        let mut entry = Self { dn: dn.to_owned(), ..Self::default() };
        for (name, value) in attributes {
            entry.attributes.entry(name.to_lowercase()).or_default().push(value.as_bytes().to_vec());
        }
        entry
    }

    #[cfg(test)]
    pub(crate) fn add(&mut self, attribute: &str, value: Vec<u8>) {
        self.attributes.entry(attribute.to_lowercase()).or_default().push(value);
    }

    /// Returns an attribute of which the server sent only some values, such as
    /// `member;range=0-1499`: its name, and the index of the first missing value, here 1500. `None`
    /// if every attribute is complete.
    pub(crate) fn cut(&self) -> Option<(String, usize)> {
        self.attributes.keys().find_map(|name| {
            let (attribute, range) = name.split_once(";range=")?;
            let (_, last) = range.split_once('-')?;
            // The range of the last part ends with `*`, which is no number.
            Some((attribute.to_owned(), last.parse::<usize>().ok()? + 1))
        })
    }

    /// Appends the values of the next part of `attribute` to those that this entry already has.
    /// Returns false if `part` has no values of this attribute.
    pub(crate) fn join(&mut self, attribute: &str, mut part: Self) -> bool {
        let Some((range, more)) = part.take_part(attribute) else { return false };
        let before = self.take_part(attribute).map(|(_, values)| values);
        let values = self.attributes.entry(attribute.to_owned()).or_default();
        values.extend(before.into_iter().flatten().chain(more));
        if !range.ends_with("-*") {
            self.attributes.insert(range, vec![]);
        }
        true
    }

    /// Removes the partial attribute `attribute;range=…` and returns its name with its values;
    /// `None` if the entry has no such attribute.
    fn take_part(&mut self, attribute: &str) -> Option<(String, Vec<Vec<u8>>)> {
        let is_part = |name: &&String| name.strip_prefix(attribute).is_some_and(|rest| rest.starts_with(";range="));
        let name = self.attributes.keys().find(is_part)?.clone();
        self.attributes.remove_entry(&name)
    }

    /// Returns the values of an attribute in the order in which the server sent them. Empty if the
    /// entry does not have the attribute. The case of the name makes no difference.
    pub(crate) fn values(&self, attribute: &str) -> &[Vec<u8>] {
        self.attributes.get(&attribute.to_lowercase()).map_or(&[], Vec::as_slice)
    }
}

fn attribute(tag: StructureTag) -> Option<(String, Vec<Vec<u8>>)> {
    let mut parts = elements(tag)?.into_iter();
    let name = text(parts.next()?)?.to_lowercase();
    let values = elements(parts.next()?)?.into_iter().map(bytes).collect::<Option<_>>()?;
    Some((name, values))
}

fn elements(tag: StructureTag) -> Option<Vec<StructureTag>> {
    match tag.payload {
        PL::C(elements) => Some(elements),
        PL::P(_) => None,
    }
}

fn bytes(tag: StructureTag) -> Option<Vec<u8>> {
    match tag.payload {
        PL::P(bytes) => Some(bytes),
        PL::C(_) => None,
    }
}

fn text(tag: StructureTag) -> Option<String> {
    String::from_utf8(bytes(tag)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_attribute_are_joined() {
        let mut group = Entry::new("cn=all", &[("member;range=0-1", "a"), ("member;range=0-1", "b")]);
        assert_eq!(group.cut(), Some(("member".to_owned(), 2)));
        assert!(group.join("member", Entry::new("cn=all", &[("member;range=2-3", "c"), ("member;range=2-3", "d")])));
        assert_eq!(group.cut(), Some(("member".to_owned(), 4)));
        assert!(!group.join("member", Entry::new("cn=all", &[])), "a server that stops in between");
        assert!(group.join("member", Entry::new("cn=all", &[("member;range=4-*", "e")])));
        assert_eq!(group.cut(), None);
        assert_eq!(group.values("member").concat(), b"abcde");
    }
}
