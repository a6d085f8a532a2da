const POLYNOMIAL = 0xedb88320;
/** Bytes behind a change up to which it is known what the change does. */
export const FARTHEST = 1024;
/** For each distance from the end what a change of one of the lower four bits, and of any of them together, does to the checksum. */
const EFFECTS = new Int32Array(16 * FARTHEST);
let known = 0;

/**
 * By what the CRC-32 of a text changes if one of its bytes does in the lower four bits, as digits do: CRCs of texts of one length are linear, so this needs neither the text nor the other changes, and what several do is put together by `^`.
 *
 * @param bits old byte ^ new byte, 0 to 15
 * @param distance bytes behind it, below {@link FARTHEST}
 */
export function checksumOfChange(bits: number, distance: number): number {
  if (distance >= known) learn(distance);
  return EFFECTS[distance * 16 + bits] as number;
}

function learn(distance: number): void {
  for (; known <= distance; known++) {
    const at = known * 16;
    for (let bit = 1; bit < 16; bit *= 2) {
      let crc = known === 0 ? bit : (EFFECTS[at - 16 + bit] as number);
      for (let i = 0; i < 8; i++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
      EFFECTS[at + bit] = crc;
    }
    for (let bits = 3; bits < 16; bits++) {
      const low = bits & -bits;
      EFFECTS[at + bits] = (EFFECTS[at + low] as number) ^ (EFFECTS[at + bits - low] as number);
    }
  }
}
