//! Certificates for tests of TLS, by an authority that nobody else trusts.

use std::path::Path;
use std::process::Command;

/// An authority in `dir` (`name.pem`, `name.key`), and a certificate by it for `localhost`
/// (`name-end.pem`, `name-end.key`). Needs openssl.
pub fn authority(dir: &Path, name: &str) {
    let openssl = |arguments: &str| {
        let done = Command::new("openssl").args(arguments.split(' ')).current_dir(dir).output();
        let done = done.expect("openssl runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(&format!(
        "req -x509 {key} -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name} \
         -addext basicConstraints=critical,CA:TRUE"
    ));
    openssl(&format!(
        "req -x509 {key} -keyout {name}-end.key -out {name}-end.pem -days 2 -subj /CN=end \
         -CA {name}.pem -CAkey {name}.key -addext subjectAltName=DNS:localhost \
         -addext basicConstraints=critical,CA:FALSE"
    ));
}
