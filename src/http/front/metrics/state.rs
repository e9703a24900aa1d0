//! Metrics whose values are read at each request for metrics: version, journal, directory, OpenID
//! Connect provider and read models.

use projections::Condition;
use prometheus_client::{
    metrics::{counter::ConstCounter, family::Family, gauge::ConstGauge, gauge::Gauge},
    registry::Registry,
};
use service::{Figure, Service};

use super::PREFIX;
use crate::settings::OpenId;

/// Returns a registry with the present values of the server's state: its version, journal,
/// directory, OpenID Connect provider and read models.
pub(super) async fn registry(service: &Service, openid: Option<&OpenId>) -> Registry {
    let mut registry = Registry::with_prefix(PREFIX);
    let build = Family::<[(&'static str, &'static str); 1], Gauge>::default();
    build.get_or_create_owned(&[("version", env!("CARGO_PKG_VERSION"))]).set(1);
    registry.register("build_info", "The version of the program", build);
    figures(registry.sub_registry_with_prefix("journal"), &service.journal_figures());
    figures(registry.sub_registry_with_prefix("directory"), &service.authority_figures());
    let failed = openid.map_or(0, |openid| openid.provider.failures());
    let help = "Failed attempts to read the configuration or the keys of the OpenID provider";
    registry.register("openid_failed_reads", help, ConstCounter::new(failed));
    let head = service.head().await.ok().map(|head| head.0);
    if let Some(head) = head {
        let help = "Position of the last event in the journal";
        registry.register("journal_position", help, ConstGauge::new(signed(head)));
    }
    read_models(registry.sub_registry_with_prefix("read_model"), &service.models().conditions(), head);
    registry
}

fn figures(registry: &mut Registry, figures: &[Figure]) {
    for Figure { name, help, is_counter, value } in figures {
        if *is_counter {
            registry.register(*name, *help, ConstCounter::new(*value));
        } else {
            registry.register(*name, *help, ConstGauge::new(signed(*value)));
        }
    }
}

/// Reads one value of a read model. The second argument is the position of the journal's last
/// event; `None` if the journal cannot be read.
type Reading = fn(&Condition, Option<u64>) -> Option<u64>;

/// Registers the metrics of each read model: its position, its distance from the end of the
/// journal, and whether it answers requests, has stopped, or is retrying.
fn read_models(registry: &mut Registry, conditions: &[Condition], head: Option<u64>) {
    let figures: [(&str, &str, Reading); 5] = [
        ("position", "Position of the last event that this read model has applied", |condition, _| {
            Some(condition.position.0)
        }),
        (
            "lag",
            "Positions between the last event that this read model has applied and the end of the journal",
            |condition, head| head.map(|head| head.saturating_sub(condition.position.0)),
        ),
        ("answers", "1 if requests are answered from this read model", |condition, _| {
            Some(u64::from(condition.unavailable.is_none()))
        }),
        (
            "stopped",
            "1 if this read model has stopped until the next start of the server; the log has the reason",
            |condition, _| Some(u64::from(condition.has_stopped())),
        ),
        (
            "retrying",
            "1 if the last attempt of this read model to apply events failed and is retried",
            |condition, _| Some(u64::from(condition.is_held_up())),
        ),
    ];
    for (name, help, reading) in figures {
        let family = Family::<[(&'static str, &'static str); 1], Gauge>::default();
        for condition in conditions {
            if let Some(value) = reading(condition, head) {
                family.get_or_create_owned(&[("model", condition.name)]).set(signed(value));
            }
        }
        registry.register(name, help, family);
    }
}

/// Converts a value to `i64`, which gauges need. A value that is too large becomes the maximum.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
