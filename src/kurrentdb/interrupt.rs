//! A way out of an endless loop in the client library.
//!
//! When KurrentDB closes a subscription normally, the client library polls the ended stream again
//! and again without yielding: neither a timeout nor a signal nor a dropped future stops it. But
//! the library logs a line in each round. The `tracing` subscriber in this module receives that
//! line and unwinds the stack.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use tracing::{
    Dispatch, Event, Level, Metadata, Subscriber,
    dispatcher::{get_default, with_default},
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
    subscriber::Interest,
};

/// Module of the client library that loops without end after KurrentDB has closed a subscription,
/// and logs a line in each round.
const TARGET: &str = "eventstore::commands";
/// A part of the line that the endless loop of the client library logs in each round.
const LINE: &str = "unknown subscription message";

/// Payload with which the stack is unwound after KurrentDB has closed a subscription.
struct ServerClosed;

/// Runs `work` on this thread. Returns `None` if KurrentDB closed the subscription meanwhile.
pub(super) fn when_the_server_closes<T>(work: impl FnOnce() -> T) -> Option<T> {
    let watched = Dispatch::new(Watchman { outside: get_default(Dispatch::clone) });
    match catch_unwind(AssertUnwindSafe(|| with_default(&watched, work))) {
        Ok(done) => Some(done),
        Err(thrown) if <dyn Any>::is::<ServerClosed>(&*thrown) => None,
        // Every other panic continues.
        Err(thrown) => resume_unwind(thrown),
    }
}

/// Subscriber that receives every log line of the thread and passes it on to `outside`, the
/// subscriber that the thread had before, except the line of the endless loop.
struct Watchman {
    outside: Dispatch,
}

fn may_be_the_line(metadata: &Metadata<'_>) -> bool {
    metadata.target() == TARGET && *metadata.level() == Level::WARN
}

impl Subscriber for Watchman {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    /// Returns `WARN`: this subscriber must receive warnings, because the line of the client
    /// library for which it waits is a warning.
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::WARN)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        may_be_the_line(metadata) || self.outside.enabled(metadata)
    }

    fn event(&self, event: &Event<'_>) {
        if may_be_the_line(event.metadata()) {
            let mut line = Line::default();
            event.record(&mut line);
            if line.is_it {
                // `resume_unwind` skips the panic hook, because this is not a bug.
                resume_unwind(Box::new(ServerClosed));
            }
        }
        if self.outside.enabled(event.metadata()) {
            self.outside.event(event);
        }
    }

    // Spans are passed on, too, because the lines that `outside` receives lie in them.
    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.outside.new_span(attributes)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.outside.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.outside.record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.outside.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.outside.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.outside.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.outside.try_close(id)
    }
}

#[derive(Default)]
struct Line {
    is_it: bool,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.is_it |= field.name() == "message" && format!("{value:?}").contains(LINE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_ends_the_work_and_others_do_not() {
        let endless = || loop {
            tracing::warn!(target: "eventstore::commands", "Received an unknown subscription message");
        };
        assert_eq!(when_the_server_closes::<()>(endless), None);
        let quiet = || {
            tracing::warn!(target: "eventstore::commands", "something else");
            tracing::warn!("Received an unknown subscription message");
            7
        };
        assert_eq!(when_the_server_closes(quiet), Some(7));
    }

    #[test]
    fn a_panic_stays_a_panic() {
        let panics = || when_the_server_closes(|| -> () { resume_unwind(Box::new("of another kind")) });
        assert!(catch_unwind(panics).is_err());
    }
}
