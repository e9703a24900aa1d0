//! Changes to a document: collected first, then applied together by [`Edit::finish`].
//!
//! **Invariant:** a line keeps its octets unless a change removes it, or replaces it by other
//! contents.

use super::component::ComponentId;
use super::content_line;
use super::document::Document;
use super::escape::quote_param;
use super::fold::{one_line, write_line, write_lines};
use super::param::{Param, Params};
use super::property::PropertyId;
use super::splice::{LineMap, Splicing};
use std::collections::BTreeMap;

/// A list of changes to one document. All ids passed to it are ids of that document.
#[derive(Debug, Clone)]
pub struct Edit<'a> {
    document: &'a Document,
    /// The new content line of each changed property; `None` if the property is removed.
    properties: BTreeMap<PropertyId, Option<String>>,
    /// The new text of each changed component; `None` if the component is removed.
    components: BTreeMap<ComponentId, Option<String>>,
    appended: BTreeMap<ComponentId, Appended>,
}

#[derive(Debug, Clone, Default)]
struct Appended {
    content_lines: Vec<String>,
    components: Vec<String>,
}

/// A replacement of the octets `start..end` of the source by `text`.
struct Splice {
    start: u32,
    end: u32,
    text: String,
}

impl<'a> Edit<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self { document, properties: BTreeMap::new(), components: BTreeMap::new(), appended: BTreeMap::new() }
    }

    /// Sets a parameter of the property to one value, which [`quote_param`] encodes. A parameter
    /// that is new is added after the existing ones.
    pub fn set_param(&mut self, property: PropertyId, name: &str, value: &str) {
        self.rewrite_params(property, name, Some(&quote_param(value)));
    }

    /// Removes all parameters with that name from the property.
    pub fn remove_param(&mut self, property: PropertyId, name: &str) {
        self.rewrite_params(property, name, None);
    }

    /// Sets the value of a property. The caller passes `raw_value` already escaped.
    pub fn set_value(&mut self, property: PropertyId, raw_value: &str) {
        let Some(line) = self.content_line(property) else { return };
        let colon = parts(&line).colon;
        self.replace(property, &format!("{}:{raw_value}", &line[..colon]));
    }

    /// Replaces the content line of a property.
    pub fn replace(&mut self, property: PropertyId, content_line: &str) {
        let line = one_line(content_line);
        if line == self.document.property(property).content_line() {
            self.properties.remove(&property);
        } else {
            self.properties.insert(property, Some(line.into_owned()));
        }
    }

    /// Removes a property.
    pub fn remove(&mut self, property: PropertyId) {
        self.properties.insert(property, None);
    }

    /// Adds a property to the component: before its first nested component, or at its end if it has
    /// none.
    pub fn append_property(&mut self, component: ComponentId, content_line: &str) {
        let line = one_line(content_line).into_owned();
        self.appended.entry(component).or_default().content_lines.push(line);
    }

    /// Removes a component. Changes inside it are lost.
    pub fn remove_component(&mut self, component: ComponentId) {
        self.components.insert(component, None);
    }

    /// Appends `raw_text`, the text of whole components, at the end of the parent component.
    pub fn append_component(&mut self, parent: ComponentId, raw_text: &str) {
        self.appended.entry(parent).or_default().components.push(raw_text.to_owned());
    }

    /// Replaces a component by `raw_text`, the text of whole components. Changes inside the
    /// replaced component are lost.
    pub fn replace_component(&mut self, component: ComponentId, raw_text: &str) {
        if raw_text == self.document.component(component).text() {
            self.components.remove(&component);
        } else {
            self.components.insert(component, Some(raw_text.to_owned()));
        }
    }

    /// True if the edit contains no change.
    pub fn is_empty(&self) -> bool {
        self.properties.is_empty() && self.components.is_empty() && self.appended.is_empty()
    }

    /// Returns the document's text with all changes applied.
    pub fn finish(self) -> String {
        self.finish_with_lines().0
    }

    /// Returns the document's text with all changes applied, and a map from the lines of the result
    /// to the lines of the document.
    pub(crate) fn finish_with_lines(self) -> (String, LineMap) {
        let mut splices = self.splices();
        // An insertion at an offset comes before a removal that starts there.
        splices.sort_by_key(|splice| (splice.start, splice.end));
        let added: usize = splices.iter().map(|splice| splice.text.len()).sum();
        let mut splicing = Splicing::of(self.document.as_str(), added);
        for splice in splices {
            splicing.replace(splice.start as usize, splice.end as usize, &splice.text);
        }
        splicing.finish()
    }

    /// Returns the property's content line with the changes so far; `None` if the property is
    /// removed.
    fn content_line(&self, property: PropertyId) -> Option<String> {
        match self.properties.get(&property) {
            Some(changed) => changed.clone(),
            None => Some(self.document.property(property).content_line().to_owned()),
        }
    }

    fn rewrite_params(&mut self, property: PropertyId, name: &str, value: Option<&str>) {
        let Some(line) = self.content_line(property) else { return };
        let parts = parts(&line);
        let mut value = value;
        let mut changed = line[..parts.name_len].to_owned();
        for param in Params::of(&line[parts.name_len..parts.colon]) {
            if !param.is(name) {
                push_param(&mut changed, param.name(), param.raw_value());
            } else if let Some(value) = value.take() {
                push_param(&mut changed, param.name(), kept(param, value));
            }
        }
        if let Some(value) = value {
            push_param(&mut changed, name, value);
        }
        changed.push_str(&line[parts.colon..]);
        self.replace(property, &changed);
    }

    fn splices(&self) -> Vec<Splice> {
        let line_end = self.document.line_end();
        let mut splices = Vec::new();
        for (id, text) in &self.components {
            let row = self.document.component(*id).row();
            let text = text.as_deref().map_or_else(String::new, |text| lines(text, line_end));
            splices.push(Splice { start: row.start, end: row.end, text });
        }
        for (id, line) in &self.properties {
            let row = self.document.property(*id).row();
            let text = line.as_deref().map_or_else(String::new, |line| folded(line, line_end));
            splices.push(Splice { start: row.start, end: row.end, text });
        }
        for (id, appended) in &self.appended {
            let component = self.document.component(*id);
            let first_child = component.components().next().map(|child| child.row().start);
            let close = component.row().close;
            let properties = first_child.unwrap_or(close);
            let text = appended.content_lines.iter().map(|line| folded(line, line_end)).collect();
            splices.push(Splice { start: properties, end: properties, text });
            let text = appended.components.iter().map(|text| lines(text, line_end)).collect();
            splices.push(Splice { start: close, end: close, text });
        }
        splices
    }
}

/// Returns the parameter's present spelling if it has the same meaning as `value`, which is
/// encoded, so that `"x"` is not rewritten to `x`. Otherwise returns `value`.
fn kept<'v>(param: Param<'v>, value: &'v str) -> &'v str {
    let decoded = Params::of(&format!(";A={value}")).next().map(|new| new.value().into_owned());
    let single = param.values().nth(1).is_none();
    if single && Some(param.value().into_owned()) == decoded { param.raw_value() } else { value }
}

fn push_param(line: &mut String, name: &str, raw_value: &str) {
    line.push(';');
    line.push_str(name);
    line.push('=');
    line.push_str(raw_value);
}

/// Splits a content line without a limit for the number of its parameters. The limit is checked
/// when the result is parsed again.
fn parts(line: &str) -> content_line::Parts {
    let split = content_line::split_within(line, usize::MAX);
    split.expect("lines of a document are well-formed, and so must be those put in their place")
}

fn folded(content: &str, line_end: &str) -> String {
    let mut text = String::with_capacity(content.len() + 8);
    write_line(&mut text, content, line_end);
    text
}

fn lines(raw: &str, line_end: &str) -> String {
    let mut text = String::with_capacity(raw.len() + 8);
    write_lines(&mut text, raw, line_end);
    text
}

#[cfg(test)]
mod tests;
