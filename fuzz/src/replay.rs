//! Replays the seeds, as tests on any toolchain and by the program that searches for all targets:
//! each seed keeps the laws of its target, and seeds that no longer reach the laws are noticed.

use std::path::Path;

/// The laws of a target: whether an input was accepted.
pub type Laws = fn(&[u8]) -> bool;

/// Replays the seeds of a target.
///
/// # Panics
///
/// When a seed breaks a law, or when the seeds do not reach the laws.
pub fn replay(target: &str, laws: Laws) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(target);
    let entries = std::fs::read_dir(&folder).expect("every target has seeds");
    let (mut accepted, mut refused) = (0, 0);
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        let seed = std::fs::read(&path).expect("a readable seed");
        *(if laws(&seed) {
            &mut accepted
        } else {
            &mut refused
        }) += 1;
    }
    assert!(
        accepted > 0,
        "no seed of {target} is accepted: its laws were not asked"
    );
    assert!(refused > 0, "no seed of {target} is refused");
}

macro_rules! targets {
    ($($target:ident),+ $(,)?) => {
        /// The laws of the target that is called so.
        pub fn laws_of(target: &str) -> Option<Laws> {
            match target {
                $(stringify!($target) => Some(crate::$target::laws),)+
                _ => None,
            }
        }

        #[cfg(test)]
        mod tests {
            $(
                #[test]
                fn $target() {
                    super::replay(stringify!($target), crate::$target::laws);
                }
            )+

            /// The targets of `Cargo.toml` and the tests above are the same, but for the one that
            /// stands for all.
            #[test]
            fn every_target_is_replayed() {
                let manifest = include_str!("../Cargo.toml");
                let named = [$(stringify!($target)),+];
                for name in named {
                    assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is no target");
                }
                assert_eq!(manifest.matches("[[bin]]").count(), named.len() + 1);
            }
        }
    };
}

targets!(
    base58check,
    c32check,
    backends,
    cacao_car,
    cacao_dag_cbor,
    cacao_dag_json,
    caip10,
    did_key,
    did_url,
    fs_record,
    http_proof,
    json_rpc_answer,
    jws,
    recap,
    revocation,
    sealed_record,
    session_string,
    sign_in_text,
    siwx_text,
    verify,
    wallet_codecs,
    webauthn,
);
