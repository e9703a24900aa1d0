//! The same words in two contracts: `itip` decides with its own, `schemas` keeps what was decided.

use schemas::{
    object::{Method, Visibility},
    principal::AutomaticAnswer,
};

pub(super) fn method(method: itip::Method) -> Method {
    match method {
        itip::Method::Publish => Method::Publish,
        itip::Method::Request => Method::Request,
        itip::Method::Reply => Method::Reply,
        itip::Method::Add => Method::Add,
        itip::Method::Cancel => Method::Cancel,
        itip::Method::Refresh => Method::Refresh,
        itip::Method::Counter => Method::Counter,
        itip::Method::DeclineCounter => Method::DeclineCounter,
    }
}

pub(super) fn visibility(visibility: itip::Visibility) -> Visibility {
    match visibility {
        itip::Visibility::Inbox => Visibility::Inbox,
        itip::Visibility::Silent => Visibility::Silent,
    }
}

pub(super) fn mode(answer: AutomaticAnswer) -> itip::automatic::Mode {
    match answer {
        AutomaticAnswer::None => itip::automatic::Mode::Leave,
        AutomaticAnswer::Automatic => itip::automatic::Mode::AcceptOrDecline,
        AutomaticAnswer::AcceptAlways => itip::automatic::Mode::Accept,
        AutomaticAnswer::DeclineAlways => itip::automatic::Mode::Decline,
        AutomaticAnswer::AcceptIfFree => itip::automatic::Mode::AcceptIfFree,
        AutomaticAnswer::DeclineIfBusy => itip::automatic::Mode::DeclineIfBusy,
    }
}
