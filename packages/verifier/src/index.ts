/** The stand-alone verifier of Outwitness evidence: no dependency, no code shared with the writer. */
export {};
