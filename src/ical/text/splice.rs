//! Replaces whole lines of a text, and remembers which of its lines each line of the result comes
//! from.

/// Where the lines of a text come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LineMap(Vec<Stretch>);

/// Lines that follow each other, from the line `first` to the next stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    first: usize,
    /// The line of the source that the first of these lines comes from.
    source: usize,
    /// True if the lines are those of the source; false if they replace the source's line.
    is_kept: bool,
}

impl LineMap {
    /// Returns the line of the source, from 1; for an inserted line, the line that it replaces.
    pub(crate) fn source(&self, line: usize) -> usize {
        let before = self.0.partition_point(|stretch| stretch.first <= line);
        match before.checked_sub(1).and_then(|index| self.0.get(index)) {
            None => line,
            Some(stretch) if stretch.is_kept => stretch.source + (line - stretch.first),
            Some(stretch) => stretch.source,
        }
    }
}

/// A text in which lines are replaced from the first to the last.
#[derive(Debug)]
pub(super) struct Splicing<'a> {
    source: &'a str,
    /// The offset in the source up to which it is done.
    at: usize,
    text: String,
    /// The line of the source, and the one of the result, that come next.
    next: (usize, usize),
    lines: LineMap,
}

impl<'a> Splicing<'a> {
    /// Starts without replacements; `added`: octets to reserve in addition to those of the source.
    pub(super) fn of(source: &'a str, added: usize) -> Self {
        let text = String::with_capacity(source.len() + added);
        Self { source, at: 0, text, next: (1, 1), lines: LineMap::default() }
    }

    /// Replaces the lines `start..end`, in octets of the source. Skips lines in a part that was
    /// already replaced.
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

    /// Returns the result, and where its lines come from.
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
