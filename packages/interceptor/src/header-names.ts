/** Names of a raw header list `[name, value, name, value, …]` of strings or Buffers. */
export function namesOfRaw(raw: ArrayLike<unknown>): string[] {
  const names: string[] = [];
  for (let i = 0; i < raw.length; i += 2) names.push(String(raw[i]));
  return names;
}

/** Names in the text of a header block as it is sent, first line (method or status) left out. */
export function namesOfBlock(block: string): string[] {
  const names: string[] = [];
  let start = block.indexOf('\r\n') + 2;
  while (start > 1 && start < block.length) {
    const end = block.indexOf('\r\n', start);
    const line = end === -1 ? block.length : end;
    const colon = block.indexOf(':', start);
    if (colon > start && colon < line) names.push(block.slice(start, colon));
    if (end === -1) break;
    start = end + 2;
  }
  return names;
}
