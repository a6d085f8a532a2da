/** The glue inside an audited process: registration, attribution, redaction and host frameworks. */
export {};
