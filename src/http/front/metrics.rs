//! Counts requests and answers, and writes the counts in the text format of Prometheus.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use projections::{Condition, Trouble};

use crate::method::Method;

const STATUS_CLASSES: usize = 5;
/// One row per method, and one for methods that this server does not know.
const ROWS: usize = Method::ALL.len() + 1;
const MICROS_PER_SECOND: u64 = 1_000_000;

#[derive(Debug, Default)]
pub(crate) struct Metrics {
    answers: [[AtomicU64; STATUS_CLASSES]; ROWS],
    micros: [AtomicU64; ROWS],
    failed_logins: AtomicU64,
}

impl Metrics {
    /// Counts one answered request and the time until its response began.
    pub(crate) fn count(&self, method: &str, status: u16, took: Duration) {
        let row = Method::named(method).and_then(|method| Method::ALL.iter().position(|known| *known == method));
        let row = row.unwrap_or(ROWS - 1);
        let class = usize::from(status / 100).clamp(1, STATUS_CLASSES) - 1;
        self.answers[row][class].fetch_add(1, Ordering::Relaxed);
        self.micros[row].fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn count_failed_login(&self) {
        self.failed_logins.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the counters that are not zero.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from("# TYPE daybook_http_requests_total counter\n");
        for (method, classes) in labels().zip(&self.answers) {
            for (class, count) in (1..).zip(classes) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let labels = format_args!("{{method=\"{method}\",status=\"{class}xx\"}}");
                    writeln!(text, "daybook_http_requests_total{labels} {count}")
                        .expect("writing to a String cannot fail");
                }
            }
        }
        text.push_str("# TYPE daybook_http_answer_seconds_total counter\n");
        for (method, micros) in labels().zip(&self.micros) {
            let micros = micros.load(Ordering::Relaxed);
            if micros > 0 {
                let (seconds, rest) = (micros / MICROS_PER_SECOND, micros % MICROS_PER_SECOND);
                writeln!(text, "daybook_http_answer_seconds_total{{method=\"{method}\"}} {seconds}.{rest:06}")
                    .expect("writing to a String cannot fail");
            }
        }
        let failed = self.failed_logins.load(Ordering::Relaxed);
        if failed > 0 {
            text.push_str("# TYPE daybook_failed_logins_total counter\n");
            writeln!(text, "daybook_failed_logins_total {failed}").expect("writing to a String cannot fail");
        }
        text
    }
}

/// Returns the label of each row.
fn labels() -> impl Iterator<Item = &'static str> {
    Method::ALL.iter().map(|method| method.name()).chain(["other"])
}

/// Returns the counters of the journal's engine in the same format.
pub(crate) fn journal(figures: &[(&'static str, u64)]) -> String {
    let mut text = String::new();
    for (name, value) in figures {
        let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
        writeln!(text, "# TYPE daybook_journal_{name} {kind}\ndaybook_journal_{name} {value}")
            .expect("writing to a String cannot fail");
    }
    text
}

/// Reads one figure of a read model.
type Figure = fn(&Condition) -> u64;

/// How far each read model has come, and whether it answers and goes on.
pub(crate) fn read_models(conditions: &[Condition]) -> String {
    let figures: [(&str, Figure); 4] = [
        ("position", |condition| condition.position.0),
        ("answers", |condition| u64::from(condition.unavailable.is_none())),
        ("stopped", |condition| u64::from(condition.has_stopped())),
        ("retrying", |condition| u64::from(matches!(condition.trouble, Some(Trouble::Retrying(_))))),
    ];
    let mut text = String::new();
    for (figure, value) in figures {
        writeln!(text, "# TYPE daybook_read_model_{figure} gauge").expect("a String takes everything");
        for condition in conditions {
            let (name, value) = (condition.name, value(condition));
            writeln!(text, "daybook_read_model_{figure}{{model=\"{name}\"}} {value}")
                .expect("a String takes everything");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_method_and_class_of_status() {
        let metrics = Metrics::default();
        for (method, status) in [("PUT", 201), ("PUT", 204), ("PUT", 412), ("BREW", 405)] {
            metrics.count(method, status, Duration::from_millis(1500));
        }
        assert_eq!(
            metrics.text(),
            "# TYPE daybook_http_requests_total counter\n\
             daybook_http_requests_total{method=\"PUT\",status=\"2xx\"} 2\n\
             daybook_http_requests_total{method=\"PUT\",status=\"4xx\"} 1\n\
             daybook_http_requests_total{method=\"other\",status=\"4xx\"} 1\n\
             # TYPE daybook_http_answer_seconds_total counter\n\
             daybook_http_answer_seconds_total{method=\"PUT\"} 4.500000\n\
             daybook_http_answer_seconds_total{method=\"other\"} 1.500000\n"
        );
    }
}
