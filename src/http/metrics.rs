//! Counters of what was asked and answered, in the text format that Prometheus reads.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Methods counted by name; everything else is `other`.
const METHODS: [&str; 16] = [
    "OPTIONS",
    "GET",
    "HEAD",
    "PUT",
    "DELETE",
    "COPY",
    "MOVE",
    "MKCOL",
    "MKCALENDAR",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
    "POST",
    "ACL",
    "LOCK",
    "other",
];
const STATUS_CLASSES: usize = 5;
const MICROS_PER_SECOND: u64 = 1_000_000;

#[derive(Debug, Default)]
pub(crate) struct Metrics {
    answers: [[AtomicU64; STATUS_CLASSES]; METHODS.len()],
    micros: [AtomicU64; METHODS.len()],
    failed_logins: AtomicU64,
}

impl Metrics {
    /// Counts one answered request and the time until its answer began.
    pub(crate) fn count(&self, method: &str, status: u16, took: Duration) {
        let other = METHODS.len() - 1;
        let row = METHODS.iter().position(|known| *known == method).unwrap_or(other);
        let class = usize::from(status / 100).clamp(1, STATUS_CLASSES) - 1;
        self.answers[row][class].fetch_add(1, Ordering::Relaxed);
        self.micros[row].fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn count_failed_login(&self) {
        self.failed_logins.fetch_add(1, Ordering::Relaxed);
    }

    /// The counters that are not zero.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from("# TYPE daybook_http_requests_total counter\n");
        for (method, classes) in METHODS.iter().zip(&self.answers) {
            for (class, count) in (1..).zip(classes) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let labels = format_args!("{{method=\"{method}\",status=\"{class}xx\"}}");
                    writeln!(text, "daybook_http_requests_total{labels} {count}").expect("a String takes everything");
                }
            }
        }
        text.push_str("# TYPE daybook_http_answer_seconds_total counter\n");
        for (method, micros) in METHODS.iter().zip(&self.micros) {
            let micros = micros.load(Ordering::Relaxed);
            if micros > 0 {
                let (seconds, rest) = (micros / MICROS_PER_SECOND, micros % MICROS_PER_SECOND);
                writeln!(text, "daybook_http_answer_seconds_total{{method=\"{method}\"}} {seconds}.{rest:06}")
                    .expect("a String takes everything");
            }
        }
        let failed = self.failed_logins.load(Ordering::Relaxed);
        if failed > 0 {
            text.push_str("# TYPE daybook_failed_logins_total counter\n");
            writeln!(text, "daybook_failed_logins_total {failed}").expect("a String takes everything");
        }
        text
    }
}

/// What the journal's engine counts.
pub(crate) fn journal(figures: &[(&'static str, u64)]) -> String {
    let mut text = String::new();
    for (name, value) in figures {
        let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
        writeln!(text, "# TYPE daybook_journal_{name} {kind}\ndaybook_journal_{name} {value}")
            .expect("a String takes everything");
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
