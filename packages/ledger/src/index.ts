/** The record: call assembly, hash chain, Merkle tree, checkpoints, epochs, retention and evidence bundles. */
export {};
