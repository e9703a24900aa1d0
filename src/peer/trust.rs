//! TLS to other servers, with the cryptography provider of the HTTP server (docs/adr/0012-tls.md).

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// The reason why the trusted certificate authorities cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Untrusted {
    /// The file of certificate authorities cannot be read, or is not valid PEM.
    #[error("{} cannot be read: {why}", file.display())]
    Unreadable {
        /// The path of the file.
        file: PathBuf,
        /// The message of the operating system or of the parser.
        why: String,
    },
    /// The file contains no certificate that rustls can use.
    #[error("{} contains no certificate of a certificate authority in PEM", .0.display())]
    Empty(PathBuf),
    /// The cryptography provider refuses the configuration.
    #[error("{0}")]
    Protocol(String),
}

/// Returns a TLS configuration that trusts only the certificate authorities in a PEM file.
pub fn trusting(file: &Path) -> Result<Arc<ClientConfig>, Untrusted> {
    let unreadable =
        |error: &dyn std::error::Error| Untrusted::Unreadable { file: file.to_owned(), why: error.to_string() };
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))?;
    let mut authorities = RootCertStore::empty();
    for certificate in certificates {
        // A certificate that rustls cannot use is skipped, so that the other authorities are still
        // trusted.
        let _ = authorities.add(certificate.map_err(|error| unreadable(&error))?);
    }
    if authorities.is_empty() {
        return Err(Untrusted::Empty(file.to_owned()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Untrusted::Protocol(error.to_string()))?;
    Ok(Arc::new(config.with_root_certificates(authorities).with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_named() {
        let why = |file: &str| trusting(Path::new(file)).unwrap_err().to_string();
        assert!(why("/nowhere/ca.pem").starts_with("/nowhere/ca.pem cannot be read: "));
        assert!(why(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).contains("contains no certificate"));
    }
}
