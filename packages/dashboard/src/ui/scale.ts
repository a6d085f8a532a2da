/** The least of 1, 2, 5 times a power of ten that divides `length` into at most `steps` parts; at least 1. */
export function roundStep(length: number, steps: number): number {
  const raw = Math.max(1, length / steps);
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5].find((factor) => factor * power >= raw) ?? 10) * power;
}
