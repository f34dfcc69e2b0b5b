/** Where a plugin may ask to connect to: named hosts of the internet, each with its port. Pure: no name is looked up. @module */

/** Names that lead into this machine, its network or its provider's own services, wherever they are looked up. */
const PRIVATE_ENDS: readonly string[] = [
  "localhost",
  "local",
  "localdomain",
  "internal",
  "intranet",
  "private",
  "lan",
  "home",
  "corp",
  "home.arpa",
  "in-addr.arpa",
  "ip6.arpa",
];

/** Networks that are not the internet: first number, bits that count. @see https://www.iana.org/assignments/iana-ipv4-special-registry */
const PRIVATE_IPV4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

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
  if (PRIVATE_ENDS.some((end) => host === end || host.endsWith(`.${end}`))) {
    return "is a name of this machine or of a private network";
  }
  return labels.length < 2 ? "is a name of a private network: name a host with its domain" : null;
}

function ipv4Problem(host: string): string | null {
  const bits = ipv4Bits(host);
  if (bits === null) return "is no address: write it as four numbers from 0 to 255";
  const isPrivate = PRIVATE_IPV4.some(([net, length]) =>
    (bits >>> (32 - length)) === ((ipv4Bits(net) ?? 0) >>> (32 - length))
  );
  return isPrivate ? "is an address of this machine or of a private network" : null;
}

function ipv4Bits(host: string): number | null {
  const numbers = host.split(".");
  if (numbers.length !== 4) return null;
  // Some read 010 as eight.
  if (!numbers.every((number) => /^(0|[1-9]\d{0,2})$/.test(number) && Number(number) <= 255)) return null;
  return numbers.reduce((bits, number) => (bits * 256 + Number(number)) >>> 0, 0);
}

/** Only global unicast (2000::/3), and in it nothing that carries another address inside. */
function ipv6Problem(host: string): string | null {
  const url = URL.parse(`http://${host}/`);
  if (url === null || !host.endsWith("]")) return "is no address";
  if (url.hostname !== host) return `is not the short form of its address: write ${url.hostname}`;
  const [first = 0, second = 0] = host.slice(1, -1).split(":").map((group) => parseInt(group || "0", 16));
  const isGlobal = first >= 0x2000 && first <= 0x3fff;
  // Teredo and other protocols' own (2001::/23), documentation, 6to4, documentation.
  const isSpecial = (first === 0x2001 && (second < 0x200 || second === 0x0db8)) || first === 0x2002 ||
    first === 0x3fff;
  return isGlobal && !isSpecial ? null : "is an address of this machine or of a private network";
}
