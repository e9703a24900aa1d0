//! Tests the opening after another TLS provider was installed: the client would panic and never
//! answer. This test is a program of its own, because a provider belongs to the process.

#[tokio::test]
async fn kurrent_a_tls_provider_that_was_there_first_is_named_at_once() {
    let installed = rustls::crypto::CryptoProvider::install_default(rustls::crypto::ring::default_provider());
    assert!(installed.is_ok(), "nobody was here before");
    let double = kurrent_double::Double::start();
    let opened = kurrentdb::open(&double.url()).await;
    let refused = opened.expect_err("the client cannot live with it").to_string();
    assert!(refused.contains("TLS provider"), "{refused}");
}
