//! TLS to the servers of the directory, with the provider of the whole program (docs/adr/0012-tls.md).

use std::{path::Path, sync::Arc};

use tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use crate::failure::Failure;

/// Trusts the authorities of a PEM file.
pub(crate) fn trusting(file: &Path) -> Result<Arc<ClientConfig>, Failure> {
    let unreadable = |error: &dyn std::error::Error| Failure::file(file.to_owned(), error);
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))?;
    let mut authorities = RootCertStore::empty();
    for certificate in certificates {
        // An old authority among many is no reason to refuse the others.
        let _ = authorities.add(certificate.map_err(|error| unreadable(&error))?);
    }
    if authorities.is_empty() {
        return Err(Failure::Tls(format!("{} holds no certificate of an authority, in PEM", file.display())));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::Tls(error.to_string()))?;
    Ok(Arc::new(config.with_root_certificates(authorities).with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_named() {
        let why = |file: &str| trusting(Path::new(file)).unwrap_err().to_string();
        assert!(why("/nowhere/ca.pem").starts_with("/nowhere/ca.pem cannot be read: "));
        assert!(why(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).contains("holds no certificate"));
    }
}
