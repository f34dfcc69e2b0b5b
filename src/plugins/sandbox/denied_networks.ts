/**
 * Addresses that no plugin reaches, whatever it was granted: this machine, the networks around it, cloud metadata. Deno checks them against what a
 * granted name resolves to as well, in `fetch`, WebSocket and raw connections alike (2.9.6).
 *
 * Its flags know networks of IPv4 only; of IPv6, single addresses. An address of IPv6 is never granted by a name's grant, but a granted name that
 * its owner makes resolve to a private IPv6 address of another machine is not stopped here.
 * @module
 */

/** @see IANA IPv4 Special-Purpose Address Registry (RFC 6890), and RFC 5771 for multicast */
const NETWORKS_V4 = [
  "0.0.0.0/8", // "this host": reaches loopback on Linux
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT, and what VPNs like Tailscale use
  "127.0.0.0/8", // loopback, in decimal, octal, hexadecimal and IPv4-mapped forms too
  "168.63.129.16", // Azure's host
  "169.254.0.0/16", // link-local: cloud metadata
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments: Oracle's metadata
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
] as const;

const ADDRESSES_V6 = [
  "[::]",
  "[::1]",
  "[::7f00:1]", // IPv4-compatible loopback
  "[64:ff9b::7f00:1]", // the same through NAT64
  "[64:ff9b::a9fe:a9fe]", // 169.254.169.254 through NAT64
  "[2002:7f00:1::]", // and through 6to4
  "[fd00:ec2::254]", // Amazon's metadata
  "[fd20:ce::254]", // Google's metadata
  "[fe80::1]",
  "[fe80::a9fe:a9fe]", // link-local metadata of OpenStack
  "[ff02::1]", // multicast: all hosts
  "[ff02::2]",
  "[ff02::fb]", // and mDNS
] as const;

const NAMES = [
  "localhost",
  "*.localhost",
  "*.local",
  "*.internal",
  "*.lan",
  "*.home.arpa",
  "localhost.localdomain",
  "ip6-localhost",
  "ip6-loopback",
  "metadata",
  "host.docker.internal",
] as const;

/** What `--deny-net` says, with this machine's own addresses. */
export function deniedNetworks(): string[] {
  return [...new Set([...NETWORKS_V4, ...ADDRESSES_V6, ...NAMES, ...ownAddresses()])];
}

/** Also those that the whole internet could reach: what listens there expects a firewall before it, and no program of this machine. */
function ownAddresses(): string[] {
  try {
    return Deno.networkInterfaces().map(({ family, address }) =>
      // Without the zone of a link-local one (`fe80::1%eth0`), which flags do not take.
      family === "IPv6" ? `[${address.replace(/%.*$/, "")}]` : address
    );
  } catch {
    return []; // Not to be had; the networks above hold most of them.
  }
}
