//! Views of components by type: an event, a task, an alarm, with typed values.
//!
//! **Invariant:** a view borrows the document, is cheap to create and copy, and decodes a value on
//! demand. A missing and an invalid value give the same result; module `validate` distinguishes
//! them. A view dereferences to its [`Component`], which gives access to everything else.

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

/// Defines a view of the components with one of these names.
macro_rules! view {
    ($(#[$about:meta])* $view:ident, $($name:literal),+) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy)]
        pub struct $view<'a>(crate::Component<'a>);

        impl<'a> $view<'a> {
            /// Returns the view of a component.
            ///
            /// Returns `None` if the component has another name.
            pub fn of(component: crate::Component<'a>) -> Option<Self> {
                [$($name),+].into_iter().any(|name| component.is(name)).then_some(Self(component))
            }

            /// Returns the component that is viewed.
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
