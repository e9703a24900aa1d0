//! The contents of the event `server-started`: the program, the machine, and the current settings.

use schemas::server::{ServerStarted, SettingInForce};

use crate::{
    config::{Config, SETTINGS, Setting},
    engine, machine,
};

pub(crate) fn facts(config: &Config) -> ServerStarted {
    let in_force = |setting: &Setting| SettingInForce { name: setting.name(), value: setting.show(config) };
    ServerStarted {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        time_zones: ical::zone::DATABASE.to_owned(),
        platform: format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
        host: machine::name(),
        engine: engine::name(config).to_owned(),
        settings: SETTINGS.iter().map(in_force).collect(),
        read_models: vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_told_and_no_password() {
        let mut config = Config::default();
        config.server.journal = "kurrentdb://daybook:Ahnung7@db.example.com:2113".to_owned();
        let facts = facts(&config);
        assert_eq!(facts.settings.len(), SETTINGS.len());
        assert_eq!(facts.engine, "kurrentdb");
        let shown = format!("{facts:?}");
        assert!(shown.contains("db.example.com") && !shown.contains("Ahnung7"), "{shown}");
    }
}
