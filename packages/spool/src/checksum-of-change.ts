const POLYNOMIAL = 0xedb88320;
/** Bytes behind a change up to which it is known what the change does. */
export const FARTHEST = 1024;
/** For each distance from the end what a change of the fourth bit does to the checksum. Those of the lower bits follow from it in less time than it takes to fetch them from a larger table. */
const EFFECTS = new Int32Array(FARTHEST);
let known = 0;

/**
 * By what the CRC-32 of a text changes if one of its bytes does in the lower four bits, as digits do: CRCs of texts of one length are linear, so this needs neither the text nor the other changes, and what several do is put together by `^`.
 *
 * @param bits old byte ^ new byte, 0 to 15
 * @param distance bytes behind it, below {@link FARTHEST}
 */
export function checksumOfChange(bits: number, distance: number): number {
  if (distance >= known) learn(distance);
  let effect = EFFECTS[distance] as number;
  let sum = -(bits >>> 3) & effect;
  effect = shifted(effect);
  sum ^= -((bits >>> 2) & 1) & effect;
  effect = shifted(effect);
  sum ^= -((bits >>> 1) & 1) & effect;
  return sum ^ (-(bits & 1) & shifted(effect));
}

function learn(distance: number): void {
  for (; known <= distance; known++) {
    let effect = known === 0 ? 8 : (EFFECTS[known - 1] as number);
    for (let i = 0; i < 8; i++) effect = shifted(effect);
    EFFECTS[known] = effect;
  }
}

/** One bit further from the end. */
function shifted(crc: number): number {
  return (crc >>> 1) ^ (POLYNOMIAL & -(crc & 1));
}
