/** A tile of C2SP tlog-tiles: `width` hashes from number `index` · 256 on, of subtrees of 256^`level` rows. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

const PATH = /^\/tile\/(0|[1-9]\d?)\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** @returns undefined for any path but the one spelling of a tile */
export function tileOf(url: string): Tile | undefined {
  const [, level = '', index = '', width] = PATH.exec(url) ?? [];
  if (index === '' || index.startsWith('x000/')) return undefined;
  const tile = {
    level: Number(level),
    index: Number(index.replaceAll(/[x/]/g, '')),
    width: width === undefined ? 256 : Number(width),
  };
  return tile.level > 63 || (width !== undefined && tile.width > 255) ? undefined : tile;
}
