//! Parses a chapter: the cases of one section. They run in order, on the same data.

use std::{fs, path::Path};

/// A text file of cases.
#[derive(Debug)]
pub(super) struct Chapter {
    /// Name of the file, which starts with the number of the section.
    pub name: String,
    /// Names of the texts in `given` that create the initial data.
    pub given: Vec<String>,
    pub cases: Vec<Case>,
}

/// A sentence or an example of an RFC, and the requests that test it.
#[derive(Debug)]
pub(super) struct Case {
    /// Number of the line in the file, counted from 1.
    pub line: usize,
    /// Section of the RFC, such as `7.8.1`.
    pub section: String,
    /// The sentence in quotation marks, or `example: ` and its title.
    pub title: String,
    pub exchanges: Vec<Exchange>,
}

/// A request, and the patterns that its response must match.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    pub line: usize,
    pub request: Vec<String>,
    pub expected: Vec<String>,
}

impl Case {
    pub(super) fn is_example(&self) -> bool {
        self.title.starts_with("example")
    }
}

impl Chapter {
    pub(super) fn read(file: &Path) -> Self {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut chapter = Self { name, given: vec![], cases: vec![] };
        let lines: Vec<_> = (1..).zip(text.lines()).collect();
        for (at, (number, line)) in lines.iter().enumerate() {
            let continued = lines[at + 1..].iter().map_while(|(_, line)| line.strip_prefix("  "));
            chapter.take(*number, line, continued);
        }
        chapter.part();
        chapter
    }

    /// Parses one line; `continued` are the indented lines after it.
    fn take<'a>(&mut self, line: usize, text: &'a str, continued: impl Iterator<Item = &'a str>) {
        if let Some(title) = text.strip_prefix('§') {
            let title: Vec<_> = [title].into_iter().chain(continued).map(str::trim).collect();
            let title = title.join(" ");
            let (section, title) = title.split_once(' ').unwrap_or_else(|| panic!("{}:{line}: no title", self.name));
            let (section, title) = (section.trim_end_matches(':').to_owned(), title.to_owned());
            self.cases.push(Case { line, section, title, exchanges: vec![] });
            return;
        }
        if let (Some(given), true) = (text.strip_prefix("given "), self.cases.is_empty()) {
            self.given.push(given.trim().to_owned());
            return;
        }
        if let Some(sent) = sent(text, '>') {
            self.exchange(line, |exchange| !exchange.expected.is_empty() || is_look(exchange)).request.push(sent);
        } else if text.starts_with("? ") {
            self.exchange(line, |_| true).request.push(text.to_owned());
        } else if let Some(expected) = sent(text, '<') {
            self.exchange(line, |_| false).expected.push(expected);
        } else if text.is_empty() {
            self.part();
        }
    }

    /// Returns the exchange that a line belongs to: the last one, or a new one if the last one is
    /// complete.
    fn exchange(&mut self, line: usize, is_complete: impl Fn(&Exchange) -> bool) -> &mut Exchange {
        let case =
            self.cases.last_mut().unwrap_or_else(|| panic!("{}:{line}: a request before the first §", self.name));
        if case.exchanges.last().is_none_or(is_complete) {
            case.exchanges.push(Exchange { line, ..Exchange::default() });
        }
        case.exchanges.last_mut().expect("an exchange")
    }

    /// Ends a request at a blank line. A request without an expected response must get a 2xx
    /// status.
    fn part(&mut self) {
        let Some(exchange) = self.cases.last_mut().and_then(|case| case.exchanges.last_mut()) else { return };
        if exchange.expected.is_empty() && !exchange.request.is_empty() {
            exchange.expected.push("2xx".to_owned());
        }
    }
}

fn is_look(exchange: &Exchange) -> bool {
    exchange.request.first().is_some_and(|line| line.starts_with("? "))
}

/// Returns the rest of a line that begins with `sign`; `None` for other lines.
fn sent(line: &str, sign: char) -> Option<String> {
    let rest = line.strip_prefix(sign)?;
    Some(rest.strip_prefix(' ').unwrap_or(rest).to_owned())
}
