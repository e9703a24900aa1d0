//! An entry of a search (RFC 4511 §4.5.2).

use std::collections::BTreeMap;

use ldap3::{
    ResultEntry,
    asn1::{PL, StructureTag},
};

/// Its distinguished name and its attributes, whose names are in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub dn: String,
    attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Entry {
    /// Reads an entry; `None` if it is a referral, or has another form.
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

    /// The values of an attribute, in the order of the server.
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
