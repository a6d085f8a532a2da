/** The HTTP API of the Trust Report: sessions, roles and live updates. */
export {};
