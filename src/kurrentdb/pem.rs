//! Checks the PEM files that the connection string names.
//!
//! **Invariant:** a file that passes the checks does not make the client library panic, unless it
//! changes after them.

use std::path::Path;

use eventstore::ClientSettings;
use rustls::{
    RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{Error, PemObject as _},
    },
    sign::CertifiedKey,
};

use super::OpenError;

/// Reads the files as the client library does, with its cryptography provider. An error names the
/// file that cannot be read, is malformed, or lacks what it is for, or the certificate and the key
/// that cannot be used together.
pub(super) fn check(settings: &ClientSettings) -> Result<(), OpenError> {
    if let Some(file) = settings.tls_ca_file().map(Path::new) {
        let mut authorities = RootCertStore::empty();
        let mut found = certificates(file)?.into_iter();
        found.try_for_each(|certificate| authorities.add(certificate)).map_err(|cause| malformed(file, &cause))?;
    }
    if let Some((certificate, key)) = settings.user_certificate() {
        let (certificate, key) = (Path::new(certificate), Path::new(key));
        let (chain, private) = (certificates(certificate)?, private_key(key)?);
        CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider()).map_err(|cause| {
            let (certificate, key) = (certificate.to_owned(), key.to_owned());
            OpenError::NotAPair { certificate, key, cause: cause.to_string() }
        })?;
    }
    Ok(())
}

/// Returns the certificates in a file: at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, OpenError> {
    let text = read(path)?;
    let found = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let found = found.map_err(|cause| malformed(path, &cause))?;
    if found.is_empty() { Err(OpenError::NotACertificate { path: path.to_owned() }) } else { Ok(found) }
}

/// Returns the first private key in a file.
fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, OpenError> {
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|cause| match cause {
        Error::NoItemsFound => OpenError::NotAKey { path: path.to_owned() },
        cause => malformed(path, &cause),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, OpenError> {
    std::fs::read(path).map_err(|cause| OpenError::File { path: path.to_owned(), cause })
}

fn malformed(path: &Path, cause: &dyn std::error::Error) -> OpenError {
    OpenError::Malformed { path: path.to_owned(), cause: cause.to_string() }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;
    use crate::settings::parse;

    /// The folder of a certificate, its private key, and another certificate.
    const TLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/kurrent_double/tls");

    #[test]
    fn a_file_that_would_make_the_client_library_panic_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| -> PathBuf {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let broken = |what: &str| format!("-----BEGIN {what}-----\nno base64!\n-----END {what}-----\n");
        let empty = |what: &str| format!("-----BEGIN {what}-----\nAAAA\n-----END {what}-----\n");
        let broken_key = file("broken-key.pem", &broken("PRIVATE KEY"));
        let broken_certificate = file("broken.pem", &broken("CERTIFICATE"));
        let no_certificate = file("empty.pem", &empty("CERTIFICATE"));
        let missing = folder.path().join("missing.pem");
        let [node, key, authority] = ["node.pem", "node.key", "authority.pem"].map(|name| Path::new(TLS).join(name));
        let (node, key, authority) = (&*node, &*key, &*authority);
        let user = |certificate: &Path, key: &Path| {
            parse(&format!("kurrentdb://h?userCertFile={}&userKeyFile={}", certificate.display(), key.display()))
        };
        assert!(user(node, key).is_ok());
        for (certificate, key, named, why) in [
            (node, &*missing, &*missing, "No such file"),
            (node, authority, authority, "no private key"),
            (node, &*broken_key, &*broken_key, "malformed"),
            (&*missing, key, &*missing, "No such file"),
            (&*broken_certificate, key, &*broken_certificate, "malformed"),
            (&*no_certificate, key, &*no_certificate, "cannot be used together"),
            (authority, key, authority, "cannot be used together"),
        ] {
            let refused = user(certificate, key).unwrap_err().to_string();
            assert!(refused.contains(why) && refused.contains(&*named.to_string_lossy()), "{refused}");
        }
        for broken in [broken_certificate, no_certificate] {
            let refused = parse(&format!("kurrentdb://h?tlsCaFile={}", broken.display())).unwrap_err().to_string();
            assert!(refused.contains("malformed") && refused.contains(&*broken.to_string_lossy()), "{refused}");
        }
    }
}
