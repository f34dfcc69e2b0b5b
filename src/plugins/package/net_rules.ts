/** Where a plugin may ask to connect to: named hosts of the internet, each with its port. Pure: no name is looked up. @module */
import { PRIVATE_NAMES, PRIVATE_NETWORKS } from "../permissions/network.ts";

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const MAX_NAME_LENGTH = 253;

/** A host and a port as a manifest may ask for them: `api.example.com:443`. */
export type NetTarget = { readonly target: string } | { readonly problem: string };

/** Reads `host` or `host:port`; the port of a host alone is 443. `problem` ends a sentence: `"x" …`. */
export function readNetTarget(text: string): NetTarget {
  const { host, port } = split(text);
  if (/[*?]/.test(text)) return { problem: "is a pattern: each host is named" };
  if (/[/@\\]|\s/.test(text)) {
    return { problem: "is no host: write it as host:port, without a scheme or a path" };
  }
  if (host !== host.toLowerCase()) return { problem: "has capitals: write the host in small letters" };
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65535) {
    return { problem: "has no port from 1 to 65535: write it as host:port" };
  }
  const problem = host.startsWith("[") ? ipv6Problem(host) : nameProblem(host);
  return problem === null ? { target: `${host}:${port}` } : { problem };
}

function split(text: string): { readonly host: string; readonly port: string } {
  const colon = text.startsWith("[") ? text.indexOf(":", text.indexOf("]")) : text.indexOf(":");
  return colon < 0
    ? { host: text, port: "443" }
    : { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function nameProblem(host: string): string | null {
  if (host === "") return "names no host";
  if (host.length > MAX_NAME_LENGTH) return "is longer than the name of a host can be";
  const labels = host.split(".");
  // What ends in a number is an address to whoever connects: 127.1, 0x7f.1, 2130706433. @see https://url.spec.whatwg.org/#ends-in-a-number-checker
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "")) return ipv4Problem(host);
  if (!labels.every((label) => LABEL.test(label))) {
    return "is no name of a host: letters, digits, hyphens and dots; others in Punycode";
  }
  if (PRIVATE_NAMES.some((end) => host === end || host.endsWith(`.${end}`))) {
    return "is a name of this machine or of a private network";
  }
  return labels.length < 2 ? "is a name of a private network: name a host with its domain" : null;
}

function ipv4Problem(host: string): string | null {
  const bits = ipv4Bits(host);
  if (bits === null) return "is no address: write it as four numbers from 0 to 255";
  return privateProblem(bits, 32);
}

function ipv6Problem(host: string): string | null {
  const url = URL.parse(`http://${host}/`);
  if (url === null || !host.endsWith("]")) return "is no address";
  if (url.hostname !== host) return `is not the short form of its address: write ${url.hostname}`;
  return privateProblem(ipv6Bits(host.slice(1, -1)), 128);
}

/** `width`: how many bits addresses of its kind have. */
function privateProblem(address: bigint, width: number): string | null {
  for (const { cidr, what } of PRIVATE_NETWORKS) {
    const [start = "", length = ""] = cidr.split("/");
    if (start.includes(":") !== (width === 128)) continue;
    const network = width === 128 ? ipv6Bits(start) : ipv4Bits(start) ?? 0n;
    const free = BigInt(width - Number(length));
    if (address >> free === network >> free) return `is no address of the internet (${cidr}: ${what})`;
  }
  return null;
}

function ipv4Bits(host: string): bigint | null {
  const numbers = host.split(".");
  if (numbers.length !== 4) return null;
  // Some read 010 as eight.
  if (!numbers.every((number) => /^(0|[1-9]\d{0,2})$/.test(number) && Number(number) <= 255)) return null;
  return numbers.reduce((bits, number) => bits * 256n + BigInt(number), 0n);
}

/** Of a short form that a URL has written. */
function ipv6Bits(address: string): bigint {
  const [head = "", tail] = address.split("::");
  const [before, after] = [groupsOf(head), groupsOf(tail ?? "")];
  const zeros: string[] = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].reduce((bits, group) => bits * 65536n + BigInt(`0x${group}`), 0n);
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}
