//! Metrics of requests by method: their number by class of status, and their duration.

use std::time::Duration;

use prometheus_client::{
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::method::Method;

const STATUS_CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// The label for methods that this server does not know.
const OTHER: &str = "other";
/// Upper bounds of the histogram's buckets, in seconds, for quick responses from memory up to slow
/// responses.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

type Labels<const N: usize> = [(&'static str, &'static str); N];

/// Metrics of requests: one row for each method of [`Method::ALL`], and one row for all other
/// methods.
#[derive(Debug)]
pub(super) struct Requests(Vec<Row>);

#[derive(Debug)]
struct Row {
    answers: [Counter; STATUS_CLASSES.len()],
    seconds: Histogram,
}

impl Requests {
    /// Creates the metrics and registers them in `registry`.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let answers = Family::<Labels<2>, Counter>::default();
        let seconds = Family::<Labels<1>, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        let row = |method: &'static str| Row {
            answers: STATUS_CLASSES
                .map(|status| answers.get_or_create_owned(&[("method", method), ("status", status)])),
            seconds: seconds.get_or_create_owned(&[("method", method)]),
        };
        let rows = Method::ALL.iter().map(|method| method.name()).chain([OTHER]).map(row).collect();
        registry.register("http_requests", "Answered requests by method and class of status", answers);
        let help =
            "Time from the head of a request to the head of its response, without the time before 100 (Continue)";
        registry.register_with_unit("http_request", help, Unit::Seconds, seconds);
        Self(rows)
    }

    pub(super) fn count(&self, method: &str, status: u16, took: Duration) {
        let known = Method::named(method).and_then(|method| Method::ALL.iter().position(|known| *known == method));
        let row = &self.0[known.unwrap_or(self.0.len() - 1)];
        let class = usize::from(status / 100).clamp(1, STATUS_CLASSES.len()) - 1;
        row.answers[class].inc();
        row.seconds.observe(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    #[test]
    fn answers_are_counted_by_method_and_class_of_status() {
        let mut registry = Registry::default();
        let requests = Requests::register(&mut registry);
        for (method, status) in [("PUT", 201), ("PUT", 204), ("PUT", 412), ("BREW", 501)] {
            requests.count(method, status, Duration::from_millis(1500));
        }
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "http_requests_total{method=\"PUT\",status=\"2xx\"} 2",
            "http_requests_total{method=\"PUT\",status=\"4xx\"} 1",
            "http_requests_total{method=\"other\",status=\"5xx\"} 1",
            "http_requests_total{method=\"GET\",status=\"5xx\"} 0",
            "http_request_seconds_sum{method=\"PUT\"} 4.5",
            "http_request_seconds_bucket{le=\"1.0\",method=\"PUT\"} 0",
            "http_request_seconds_bucket{le=\"5.0\",method=\"PUT\"} 3",
            "http_request_seconds_count{method=\"DELETE\"} 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }
}
