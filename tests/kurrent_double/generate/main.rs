//! Generates `../wire` from `../protos`. Run it in this folder, only when the protocol changes.

use std::error::Error;

const FILES: [&str; 3] = ["streams.proto", "gossip.proto", "serverfeatures.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    let files = protox::compile(FILES, ["../protos"])?;
    tonic_build::configure()
        .build_client(false)
        .build_transport(false)
        .extern_path(".event_store.client.Empty", "()")
        .bytes(["."])
        .out_dir("../wire")
        .compile_fds(files)?;
    Ok(())
}
