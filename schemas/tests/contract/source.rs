//! Reads the types of the contract with their documentation from the source, whose layout rustfmt
//! ensures.

use std::collections::BTreeMap;

/// A type with its documentation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    pub doc: String,
    pub fields: Vec<Field>,
    pub words: Vec<Word>,
}

/// A field of a struct.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub name: String,
    pub kind: String,
    pub doc: String,
    pub is_optional: bool,
}

/// A variant of an enum, in its stored form.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub name: String,
    pub doc: String,
    /// The type of the value in the variant; empty if it has none.
    pub holds: String,
    pub fields: Vec<Field>,
}

/// An aggregate with its events: for each, the payload type and the stored type.
#[derive(Debug)]
pub(crate) struct Aggregate {
    pub name: String,
    pub doc: String,
    pub events: Vec<(String, String)>,
}

/// The documentation and attributes before a declaration.
#[derive(Debug, Default)]
struct Before {
    doc: Vec<String>,
    attributes: String,
}

impl Before {
    fn take(&mut self) -> (String, String) {
        let Self { doc, attributes } = std::mem::take(self);
        (doc.join(" "), attributes)
    }

    /// Adds a line. Returns false if it is neither documentation nor an attribute.
    fn add(&mut self, line: &str) -> bool {
        if let Some(doc) = line.strip_prefix("///") {
            self.doc.push(doc.trim().to_owned());
        } else if line.starts_with("#[") {
            self.attributes += line;
        } else {
            return false;
        }
        true
    }
}

/// Returns the structs and enums in a source file, by name.
pub(crate) fn items(source: &str) -> BTreeMap<String, Item> {
    let (mut items, mut before) = (BTreeMap::<String, Item>::new(), Before::default());
    let mut lines = source.lines().map(str::trim);
    let mut is_words = false;
    while let Some(line) = lines.next() {
        is_words = (is_words || line.starts_with("words! {")) && line != "}";
        if before.add(line) {
            continue;
        }
        let (doc, attributes) = before.take();
        if let Some(name) = line.strip_prefix("pub struct ").and_then(|line| line.strip_suffix(" {}")) {
            items.insert(name.to_owned(), Item { doc, ..Item::default() });
        } else if let Some((name, of)) = line.strip_prefix("pub type ").and_then(|alias| alias.split_once(" = ")) {
            let of = items.get(of.trim_end_matches(';')).cloned().expect("an alias of what stands before it");
            items.insert(name.to_owned(), Item { doc, ..of });
        } else if let Some(name) = declared(line, "pub struct ") {
            items.insert(name, Item { doc, fields: fields(&mut lines), ..Item::default() });
        } else if let Some(name) = declared(line, "pub enum ").or_else(|| declared(line, "").filter(|_| is_words)) {
            items.insert(name, Item { doc, words: words(&mut lines, &attributes), ..Item::default() });
            is_words = false;
        }
    }
    items
}

/// Returns the name in `pub struct Name {`; `None` for any other line.
fn declared(line: &str, keyword: &str) -> Option<String> {
    let name = line.strip_prefix(keyword)?.strip_suffix(" {")?;
    let name = name.split('<').next()?;
    name.chars().all(char::is_alphanumeric).then(|| name.to_owned())
}

fn fields<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Vec<Field> {
    let (mut fields, mut before) = (vec![], Before::default());
    for line in lines.by_ref().take_while(|line| *line != "}" && *line != "},") {
        if before.add(line) {
            continue;
        }
        let (doc, attributes) = before.take();
        let declaration = line.trim_start_matches("pub ").trim_end_matches(',');
        if let Some((name, kind)) = declaration.split_once(": ") {
            let name = quoted(&attributes, "rename = ").unwrap_or_else(|| name.to_owned());
            let kind = if attributes.contains("encoded") { "base64".to_owned() } else { kind.to_owned() };
            let is_optional = attributes.contains("default");
            fields.push(Field { name, kind, doc, is_optional });
        }
    }
    fields
}

fn words<'a>(lines: &mut impl Iterator<Item = &'a str>, attributes: &str) -> Vec<Word> {
    let rename = quoted(attributes, "rename_all = ").unwrap_or_default();
    let (mut words, mut before) = (vec![], Before::default());
    while let Some(line) = lines.next().filter(|line| *line != "}") {
        if before.add(line) {
            continue;
        }
        let (doc, _) = before.take();
        let line = line.trim_end_matches(',');
        let (head, word) = line.split_once(" = ").filter(|(head, _)| !head.contains('(')).unwrap_or((line, ""));
        let variant: String = head.chars().take_while(|character| character.is_alphanumeric()).collect();
        let rest = &head[variant.len()..];
        let holds = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or_default();
        let holds = if holds.contains("encoded") { "base64" } else { holds };
        let fields = if rest == " {" { fields(lines) } else { vec![] };
        let name = if word.is_empty() { renamed(&variant, &rename) } else { word.trim_matches('"').to_owned() };
        words.push(Word { name, doc, holds: holds.to_owned(), fields });
    }
    words
}

fn renamed(name: &str, rename: &str) -> String {
    if rename == "UPPERCASE" {
        return name.to_uppercase();
    }
    let mut word = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.extend(character.to_lowercase());
    }
    word
}

fn quoted(attributes: &str, key: &str) -> Option<String> {
    attributes.split_once(key)?.1.split('"').nth(1).map(str::to_owned)
}

/// Returns the aggregates in the list of events.
pub(crate) fn aggregates(source: &str) -> Vec<Aggregate> {
    let list = source.split_once("\nevents! {").expect("the list of events").1;
    let (mut aggregates, mut before): (Vec<Aggregate>, _) = (vec![], Before::default());
    for line in list.lines().map(str::trim).skip(1) {
        if before.add(line) {
            continue;
        }
        let (doc, _) = before.take();
        match line.split_once(" = ") {
            Some((name, rest)) if rest.ends_with(" {") => {
                aggregates.push(Aggregate { name: name.to_owned(), doc, events: vec![] });
            }
            Some((variant, kind)) => {
                let payload = variant.split_once('(').expect("a payload").1.trim_end_matches(')');
                let kind = kind.trim_matches(['"', ',']);
                aggregates.last_mut().expect("an aggregate").events.push((payload.to_owned(), kind.to_owned()));
            }
            None if line == "}" => {}
            None => break,
        }
    }
    aggregates
}
