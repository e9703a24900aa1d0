//! Replacement of whole lines in a text, with a map from the lines of the result to those of the
//! source.

/// A map from the lines of a changed text to the lines of its source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LineMap(Vec<Stretch>);

/// A run of consecutive lines of the changed text, from line `first` to the start of the next run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    first: usize,
    /// The number of the source's line from which the run's first line comes.
    source: usize,
    /// True if the run's lines are unchanged lines of the source; false if they replace the
    /// source's line.
    is_kept: bool,
}

impl LineMap {
    /// Returns the line number in the source, from 1, for a line number of the changed text. For a
    /// new line it is the first line that it replaces, or before which it was inserted.
    pub(crate) fn source(&self, line: usize) -> usize {
        let before = self.0.partition_point(|stretch| stretch.first <= line);
        match before.checked_sub(1).and_then(|index| self.0.get(index)) {
            None => line,
            Some(stretch) if stretch.is_kept => stretch.source + (line - stretch.first),
            Some(stretch) => stretch.source,
        }
    }
}

/// A text under change: its lines are replaced in order, from the first to the last.
#[derive(Debug)]
pub(super) struct Splicing<'a> {
    source: &'a str,
    /// The offset in the source, in octets, up to which the source has been processed.
    at: usize,
    text: String,
    /// The numbers of the next line in the source and of the next line in the result.
    next: (usize, usize),
    lines: LineMap,
}

impl<'a> Splicing<'a> {
    /// Starts a change of `source`, without replacements yet. `added` is the number of octets to
    /// reserve in addition to the length of the source.
    pub(super) fn of(source: &'a str, added: usize) -> Self {
        let text = String::with_capacity(source.len() + added);
        Self { source, at: 0, text, next: (1, 1), lines: LineMap::default() }
    }

    /// Replaces the lines `start..end`, in octets of the source, by `text`. Does nothing if the
    /// lines begin in a part that was already replaced.
    pub(super) fn replace(&mut self, start: usize, end: usize, text: &str) {
        if start < self.at {
            return;
        }
        let kept = &self.source[self.at..start];
        let (old, new) = (self.next.0 + count(kept), self.next.1 + count(kept));
        self.text.push_str(kept);
        self.text.push_str(text);
        self.next = (old + count(&self.source[start..end]), new + count(text));
        self.at = end;
        let put_in = Stretch { first: new, source: old, is_kept: false };
        let behind = Stretch { first: self.next.1, source: self.next.0, is_kept: true };
        self.lines.0.extend([put_in, behind]);
    }

    /// Returns the changed text, and the map from its lines to those of the source.
    pub(super) fn finish(mut self) -> (String, LineMap) {
        self.text.push_str(&self.source[self.at..]);
        (self.text, self.lines)
    }
}

fn count(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_knows_the_line_it_comes_from() {
        let source = "1\n2\n3\n4\n5\n";
        let mut splicing = Splicing::of(source, 0);
        splicing.replace(2, 4, "a\nb\n");
        splicing.replace(4, 6, "");
        splicing.replace(8, 8, "c\n");
        let (text, lines) = splicing.finish();
        assert_eq!(text, "1\na\nb\n4\nc\n5\n");
        let sources: Vec<_> = (1..=6).map(|line| lines.source(line)).collect();
        assert_eq!(sources, [1, 2, 2, 4, 5, 5]);
    }

    #[test]
    fn without_a_replacement_each_line_stays_where_it_is() {
        let (text, lines) = Splicing::of("1\n2\n", 0).finish();
        assert_eq!((text.as_str(), lines.source(2)), ("1\n2\n", 2));
    }
}
