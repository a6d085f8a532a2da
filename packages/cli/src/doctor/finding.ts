/** Something that stands in the way of a complete record: what, expected and got, what to do. */
export interface Finding {
  id: string;
  /** `coverage`: calls may go unseen. `problem`: something else is not as it must be. */
  severity: 'problem' | 'coverage';
  text: string;
  expected: string;
  got: string;
  action: string;
  /** The audited process it is about. */
  pid: number | null;
}
