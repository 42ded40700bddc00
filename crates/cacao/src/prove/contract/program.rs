//! The program that a chain executes for a wrapped signature (ERC-6492, "verifier side").
//!
//! It runs as the constructor of a contract that `eth_call` pretends to create, so nothing needs
//! to be deployed and nothing is left. In words:
//!
//! ```text
//! ready := the contract has no code yet      (then it cannot be asked before the factory)
//! if the contract has code: ask it; if it says yes, or was made ready before: done
//! call the factory, once; whether that succeeds shows in what the contract answers
//! ask the contract
//! ```
//!
//! The answer is three words: whether the last question succeeded, how many bytes it returned, and
//! the first 32 of them. What they mean is judged outside, as for ERC-1271.

use super::abi::{Wrapped, address, is_valid_signature, push_number};
use crate::error::Error;
use alloc::vec::Vec;

const WORD: usize = 32;

/// Memory: 0x00 succeeded, 0x20 length, 0x40 answer, then the arguments: 0x60 contract, 0x80
/// factory, 0xa0 length of the factory's data, 0xc0 length of the question, 0xe0 both.
#[rustfmt::skip]
const PROGRAM: [u8; 98] = [
    // copy the arguments, which follow the program, to 0x60
    0x60, 98,               // PUSH1 program length
    0x80,                   // DUP1
    0x38,                   // CODESIZE
    0x03,                   // SUB
    0x90,                   // SWAP1
    0x60, 0x60,             // PUSH1 0x60
    0x39,                   // CODECOPY
    // prepared := 0; a contract without code must be deployed first
    0x60, 0x00,             // PUSH1 0
    0x60, 0x60, 0x51,       // MLOAD contract
    0x3b,                   // EXTCODESIZE
    0x15,                   // ISZERO
    0x60, 63,               // PUSH1 prepare
    0x57,                   // JUMPI
    // ask:                                          stack: prepared
    0x5b,                   // JUMPDEST (19)
    0x60, 0x20,             // PUSH1 32              room for the answer
    0x60, 0x40,             // PUSH1 0x40            its place
    0x60, 0xc0, 0x51,       // MLOAD length of the question
    0x60, 0xa0, 0x51,       // MLOAD length of the factory's data
    0x60, 0xe0, 0x01,       // ADD 0xe0              where the question stands
    0x60, 0x60, 0x51,       // MLOAD contract
    0x5a,                   // GAS
    0xfa,                   // STATICCALL            prepared, succeeded
    // did it say yes?
    0x80,                   // DUP1
    0x3d,                   // RETURNDATASIZE
    0x60, 0x20, 0x14,       // EQ 32
    0x16,                   // AND
    0x60, 0x40, 0x51,       // MLOAD answer
    0x63, 0x16, 0x26, 0xba, 0x7e, // PUSH4 magic value
    0x60, 0xe0, 0x1b,       // SHL 224
    0x14,                   // EQ
    0x16,                   // AND                   prepared, succeeded, yes
    0x82,                   // DUP3
    0x17,                   // OR                    yes, or nothing left to try
    0x60, 85,               // PUSH1 done
    0x57,                   // JUMPI
    0x50,                   // POP                   prepared
    // prepare:
    0x5b,                   // JUMPDEST (63)
    0x50,                   // POP
    0x60, 0x01,             // PUSH1 1               prepared
    0x60, 0x00,             // PUSH1 0               no room for an answer
    0x80,                   // DUP1
    0x60, 0xa0, 0x51,       // MLOAD length of the factory's data
    0x60, 0xe0,             // PUSH1 0xe0            where it stands
    0x82,                   // DUP3                  no value
    0x60, 0x80, 0x51,       // MLOAD factory
    0x5a,                   // GAS
    0xf1,                   // CALL                  prepared, succeeded
    0x50,                   // POP
    0x60, 19,               // PUSH1 ask
    0x56,                   // JUMP
    // done:                                         prepared, succeeded
    0x5b,                   // JUMPDEST (85)
    0x60, 0x00, 0x52,       // MSTORE succeeded
    0x3d,                   // RETURNDATASIZE
    0x60, 0x20, 0x52,       // MSTORE length
    0x60, 0x60,             // PUSH1 96
    0x60, 0x00,             // PUSH1 0
    0xf3,                   // RETURN
];

/// The program and its arguments.
pub(super) fn for_contract(
    contract: &[u8; 20],
    wrapped: &Wrapped<'_>,
    digest: &[u8; 32],
) -> Vec<u8> {
    let question = is_valid_signature(digest, wrapped.signature);
    let mut code = Vec::from(PROGRAM);
    code.extend_from_slice(&address(contract));
    code.extend_from_slice(&address(&wrapped.factory));
    push_number(&mut code, wrapped.factory_data.len());
    push_number(&mut code, question.len());
    code.extend_from_slice(wrapped.factory_data);
    code.extend_from_slice(&question);
    code
}

/// What `isValidSignature` returned, from the three words of the program.
pub(super) fn answer(returned: &[u8]) -> Result<&[u8], Error> {
    const FOREIGN: Error = Error::ContractAnswer("it is not that of the program for ERC-6492");
    let (succeeded, rest) = returned.split_first_chunk::<WORD>().ok_or(FOREIGN)?;
    let (length, word) = rest.split_first_chunk::<WORD>().ok_or(FOREIGN)?;
    let word = <&[u8; WORD]>::try_from(word).map_err(|_| FOREIGN)?;
    match number(succeeded) {
        Some(0) => return Err(Error::ContractReverted),
        Some(1) => {}
        _ => return Err(FOREIGN),
    }
    match number(length) {
        Some(0) => Ok(&[]),
        Some(32) => Ok(word),
        _ => Err(Error::ContractAnswer("it is not one word of 32 bytes")),
    }
}

/// A number of one byte.
fn number(word: &[u8; WORD]) -> Option<u8> {
    let (last, high) = word.split_last()?;
    high.iter().all(|byte| *byte == 0).then_some(*last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUMPDEST: u8 = 0x5b;
    const PUSH1: u8 = 0x60;
    const PUSH4: u8 = 0x63;

    /// Jumps go to their destinations, and what is copied starts where the program ends.
    #[test]
    fn places_in_the_program() {
        let mut pushed = Vec::new();
        let mut destinations = Vec::new();
        let mut jumps = Vec::new();
        let mut at = 0;
        while at < PROGRAM.len() {
            match PROGRAM[at] {
                PUSH1 => {
                    pushed.push(usize::from(PROGRAM[at + 1]));
                    at += 1;
                }
                PUSH4 => at += 4,
                JUMPDEST => destinations.push(at),
                0x56 | 0x57 => jumps.push(*pushed.last().unwrap()),
                _ => {}
            }
            at += 1;
        }
        jumps.sort_unstable();
        assert_eq!(jumps, destinations);
        assert_eq!(pushed[0], PROGRAM.len());
    }

    #[test]
    fn answers() {
        let words = |succeeded: u8, length: u8, word: [u8; 32]| {
            let mut bytes = [0; 96];
            bytes[31] = succeeded;
            bytes[63] = length;
            bytes[64..].copy_from_slice(&word);
            bytes
        };
        let code = |bytes: &[u8]| answer(bytes).map_err(|error| error.code()).map(<[u8]>::len);
        assert_eq!(answer(&words(1, 32, [7; 32])).unwrap(), [7; 32]);
        assert_eq!(code(&words(1, 0, [7; 32])), Ok(0));
        assert_eq!(code(&words(0, 32, [7; 32])), Err("contract_reverted"));
        let malformed = Err("malformed_contract_answer");
        assert_eq!(code(&words(1, 31, [7; 32])), malformed);
        assert_eq!(code(&words(1, 33, [7; 32])), malformed);
        assert_eq!(code(&words(2, 32, [7; 32])), malformed);
        let mut high = words(1, 32, [7; 32]);
        high[32] = 1;
        assert_eq!(code(&high), malformed);
        let whole = words(1, 32, [7; 32]);
        assert_eq!(code(&whole[..95]), malformed);
        assert_eq!(code(&[&whole[..], &[0]].concat()), malformed);
        assert_eq!(code(&[]), malformed);
        assert_eq!(code(&[1]), malformed);
    }
}
