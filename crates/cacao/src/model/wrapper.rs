//! How a signature that comes with what deploys its contract is told (ERC-6492).

/// What a wrapped signature ends in, sixteen times.
pub(crate) const SUFFIX: [u8; 2] = [0x64, 0x92];

/// The length of all of them, in bytes.
pub(crate) const SUFFIX_LEN: usize = 32;

/// Whether a signature is wrapped as ERC-6492 has it: it ends in the suffix. What is within may be
/// malformed all the same.
pub(crate) fn is_wrapped(signature: &[u8]) -> bool {
    let (rest, suffix) = signature.split_at(signature.len().saturating_sub(SUFFIX_LEN));
    // shorter than the suffix it is no wrapper
    !(rest.is_empty() && suffix.len() < SUFFIX_LEN)
        && suffix.chunks_exact(2).all(|two| two == SUFFIX)
}
