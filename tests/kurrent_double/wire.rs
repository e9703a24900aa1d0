//! The protocol, generated from `protos/` by `generate/`; not written by hand.

#![allow(clippy::all, clippy::pedantic, unreachable_pub, dead_code, missing_debug_implementations)]

pub(crate) mod google {
    pub(crate) mod rpc {
        include!("wire/google.rpc.rs");
    }
}

pub(crate) mod event_store {
    pub(crate) mod client {
        include!("wire/event_store.client.rs");

        pub(crate) mod streams {
            include!("wire/event_store.client.streams.rs");
        }

        pub(crate) mod gossip {
            include!("wire/event_store.client.gossip.rs");
        }

        pub(crate) mod server_features {
            include!("wire/event_store.client.server_features.rs");
        }
    }
}

pub(crate) use event_store::client::*;
