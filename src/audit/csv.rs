//! Writes tables as CSV (RFC 4180) that is safe to open in a spreadsheet.

/// Characters at the start of a cell that make a spreadsheet evaluate the cell as a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Returns one line, which ends with CR LF. Every cell is quoted. An apostrophe is put before a
/// cell that a spreadsheet would evaluate as a formula, also if the formula follows blanks.
pub fn line(cells: &[String]) -> String {
    let mut line = cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

fn quoted(cell: &str) -> String {
    let is_formula = cell.starts_with(FORMULA) || cell.trim_start().starts_with(FORMULA);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_guarded_and_quotation_marks_doubled() {
        let cells = ["=1+1", " @SUM(A1)", "say \"no\"", "a\nb", "-5", "plain"].map(str::to_owned);
        assert_eq!(line(&cells), "\"'=1+1\",\"' @SUM(A1)\",\"say \"\"no\"\"\",\"a\nb\",\"'-5\",\"plain\"\r\n");
    }
}
