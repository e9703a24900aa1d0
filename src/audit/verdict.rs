//! Describes in one sentence whether the record is complete.

use journal::Verdict;

/// Returns `ok (12 events; head 3f…)`, or a sentence that says what was altered and where.
pub fn sentence(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Ok { head, seam } => {
            let version = seam.map_or_else(String::new, |seam| format!("; version 2 of the chain from #{seam} on"));
            format!("ok ({} events; head {}{version})", head.events, head.hash)
        }
        Verdict::Altered { .. } => format!("ALTERED: {verdict}"),
        Verdict::Ended { .. } => format!("CUT: {verdict}"),
        Verdict::Damaged { .. } | Verdict::Unreadable { .. } => format!("DAMAGED: {verdict}"),
    }
}

pub fn is_ok(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Ok { .. } => true,
        Verdict::Altered { .. } | Verdict::Ended { .. } | Verdict::Damaged { .. } | Verdict::Unreadable { .. } => false,
    }
}
