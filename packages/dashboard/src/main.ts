/** The web Trust Report. */
export {};
