//! What the service manager is told (`sd_notify(3)`). Without a service manager nothing happens.

use sd_notify::NotifyState;

/// Tells that requests are served, with a line for `systemctl status`.
pub(crate) fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// Tells that the certificate is being reloaded. [`ready`] ends it.
///
/// systemd needs the time to tell this reload from an earlier one.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the service manager is not told of the reload"),
    }
}

/// Tells that running requests are being finished.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("finishing running requests")]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager cannot be told about the state of the server");
    }
}
