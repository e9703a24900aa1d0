//! Tests of a whole server over HTTP.

mod bytes;
mod crash;
mod exported;
mod large;
mod main_job;
mod race;
mod rooms;
mod server;
mod storm;
mod version_1;

use server::Server;
