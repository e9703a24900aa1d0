//! Notifies the service manager (`sd_notify(3)`). Without a service manager it does nothing.

use sd_notify::NotifyState;

/// Notifies the service manager that the server serves requests. `status` is the line that
/// `systemctl status` shows.
pub(crate) fn ready(status: &str) {
    notify(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// Notifies the service manager that the server reloads its certificate. The reload ends when
/// [`ready`] is called.
///
/// The notification contains the time, with which systemd distinguishes this reload from an earlier
/// one.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "systemd could not be told that the server reloads its TLS certificate"),
    }
}

/// Notifies the service manager that the server stops and finishes running requests.
pub(crate) fn stopping() {
    notify(&[NotifyState::Stopping, NotifyState::Status("finishing running requests")]);
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd could not be told of the state of the server; the server itself is \
            not affected");
    }
}
