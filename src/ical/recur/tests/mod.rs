//! Rules, expanded.

mod oracle;
mod rfc5545;
