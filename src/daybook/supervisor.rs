//! Notifies the service manager (`sd_notify(3)`). Does nothing without a service manager.

use sd_notify::NotifyState;

/// Notifies that requests are served, with a line for `systemctl status`.
pub(crate) fn ready(status: &str) {
    notify(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// Notifies that the certificate is being reloaded, until [`ready`] is called.
///
/// The time lets systemd distinguish this reload from an earlier one.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "cannot notify the service manager of the reload"),
    }
}

/// Notifies that running requests are being finished.
pub(crate) fn stopping() {
    notify(&[NotifyState::Stopping, NotifyState::Status("finishing running requests")]);
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "cannot notify the service manager of the state of the server");
    }
}
