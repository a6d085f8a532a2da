/** Codes thrown by this package, always as `OutwitnessError<ReportErrorCode>`. */
export type ReportErrorCode = 'catalogue-invalid' | 'manifest-invalid' | 'pair-invalid' | 'lock-invalid';
