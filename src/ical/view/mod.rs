//! Components as what they are: an event, a task, an alarm, with typed values instead of lines.
//!
//! **Invariant:** a view borrows the document, costs nothing to make or to copy, and decodes a value when it is asked for. What
//! is missing and what cannot be read are the same here, nothing; who has to tell them apart asks `validate`. Everything a view
//! does not know is still there: a view is a [`Component`].

mod alarm;
mod attendee;
mod availability;
mod component;
mod event;
mod free_busy;
mod journal;
mod status;
#[cfg(test)]
mod tests;
mod timezone;
mod todo;

pub use alarm::{Alarm, Repeat, Trigger};
pub use attendee::Attendee;
pub use availability::{Availability, Available};
pub use event::Event;
pub use free_busy::FreeBusy;
pub use journal::Journal;
pub use status::Status;
pub(crate) use timezone::bare;
pub use timezone::{Observance, Timezone};
pub use todo::Todo;

/// A view of the components with one of these names: made by `of`, and a [`Component`](crate::Component) besides.
macro_rules! view {
    ($(#[$about:meta])* $view:ident, $($name:literal),+) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy)]
        pub struct $view<'a>(crate::Component<'a>);

        impl<'a> $view<'a> {
            /// Nothing where the component is another.
            pub fn of(component: crate::Component<'a>) -> Option<Self> {
                [$($name),+].into_iter().any(|name| component.is(name)).then_some(Self(component))
            }

            pub fn component(self) -> crate::Component<'a> {
                self.0
            }
        }

        impl<'a> std::ops::Deref for $view<'a> {
            type Target = crate::Component<'a>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    };
}
use view;
