// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

/// A wallet of one owner (ERC-1271).
contract Wallet {
    bytes4 internal constant YES = 0x1626ba7e;
    bytes4 internal constant NO = 0xffffffff;

    address private immutable owner;

    constructor(address owner_) {
        owner = owner_;
    }

    function isValidSignature(
        bytes32 digest,
        bytes calldata signature
    ) external view virtual returns (bytes4) {
        return signedByOwner(digest, signature) ? YES : NO;
    }

    function signedByOwner(
        bytes32 digest,
        bytes calldata signature
    ) internal view returns (bool) {
        if (signature.length != 65) return false;
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        address signer = ecrecover(digest, uint8(signature[64]), r, s);
        return signer != address(0) && signer == owner;
    }
}

/// Deploys wallets at addresses that are known beforehand.
contract Factory {
    function deploy(address owner, bytes32 salt) external returns (address) {
        return address(new Wallet{salt: salt}(owner));
    }
}

/// A wallet that refuses everything until somebody prepares it.
contract Sleeping is Wallet {
    bool private awake;

    constructor(address owner_) Wallet(owner_) {}

    function prepare() external {
        awake = true;
    }

    function isValidSignature(
        bytes32 digest,
        bytes calldata signature
    ) external view override returns (bytes4) {
        require(awake, "asleep");
        return signedByOwner(digest, signature) ? YES : NO;
    }
}

/// A wallet of two owners, both of whom must sign. As Safe does it, what they did not sign is
/// no refusal but a revert, which ends the question about this text alone.
contract Safe {
    address private immutable first;
    address private immutable second;

    constructor(address first_, address second_) {
        first = first_;
        second = second_;
    }

    function isValidSignature(
        bytes32 digest,
        bytes calldata signatures
    ) external view returns (bytes4) {
        require(signatures.length >= 130, "GS020");
        require(signer(digest, signatures[0:65]) == first, "GS026");
        require(signer(digest, signatures[65:130]) == second, "GS026");
        return 0x1626ba7e;
    }

    function signer(
        bytes32 digest,
        bytes calldata signature
    ) private pure returns (address) {
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        return ecrecover(digest, uint8(signature[64]), r, s);
    }
}
