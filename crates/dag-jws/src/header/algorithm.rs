//! Names of signature algorithms, as they stand in `alg`.

use didkey::Algorithm;

/// The name of EdDSA with Ed25519 in RFC 9864, which replaces `EdDSA`.
const ED25519: &str = "Ed25519";

/// The algorithm of a name, and the name. Names match exactly, letter case included.
pub(super) fn from_name(name: &str) -> Option<(Algorithm, &'static str)> {
    if name == ED25519 {
        return Some((Algorithm::EdDsa, ED25519));
    }
    let algorithm = Algorithm::from_name(name).ok()?;
    Some((algorithm, default_name(algorithm)))
}

/// The name that is written unless another one is asked for: for Ed25519 it is `EdDSA`, which
/// every reader knows.
pub(super) const fn default_name(algorithm: Algorithm) -> &'static str {
    algorithm.name()
}
