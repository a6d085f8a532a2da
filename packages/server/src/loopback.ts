/** Whether an address is one of this machine alone. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address === 'localhost' || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(address);
}
