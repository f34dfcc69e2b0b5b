/** How an address is written in a URL. @module */

/** The address as a URL has it: one to connect to, where it is "all of them". */
export function urlHost(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  if (address === "::") return "[::1]";
  return address.includes(":") ? `[${address}]` : address;
}
