//! A TLS provider that somebody installed first: the client would die of it and never answer. A
//! program of its own, for a provider belongs to the process.

#[tokio::test]
async fn kurrent_a_tls_provider_that_was_there_first_is_named_at_once() {
    let installed = rustls::crypto::CryptoProvider::install_default(rustls::crypto::ring::default_provider());
    assert!(installed.is_ok(), "nobody was here before");
    let double = kurrent_double::Double::start();
    let opened = kurrentdb::open(&double.url()).await;
    let refused = opened.expect_err("the client cannot live with it").to_string();
    assert!(refused.contains("TLS provider"), "{refused}");
}
