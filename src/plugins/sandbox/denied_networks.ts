/**
 * Addresses that no plugin reaches, whatever it was granted: this machine, the networks around it, cloud metadata. Deno checks them against what a
 * granted name resolves to as well, in `fetch`, WebSocket and raw connections alike (2.9.6).
 *
 * Its flags know networks of IPv4 only; of IPv6, single addresses, and not even those of the form `::ffff:127.0.0.1`. So `recipe.ts` grants no private
 * address of IPv6, and has names looked up by IPv4 alone where the system can (glibc). On macOS and Windows, a granted name that its owner makes lead
 * to a private IPv6 address is not stopped.
 * @module
 */
import { PRIVATE_IPV4, PRIVATE_NAMES } from "../permissions/network.ts";

/** Addresses of the internet that are a cloud's own. */
const METADATA_V4 = ["168.63.129.16"] as const; // Azure's host

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

/** Names without a dot, which /etc/hosts knows. */
const NAMES = ["ip6-localhost", "ip6-loopback", "metadata"] as const;

/** What `--deny-net` says, with this machine's own addresses. */
export function deniedNetworks(): string[] {
  const names = PRIVATE_NAMES.flatMap((name) => [name, `*.${name}`]);
  return [
    ...new Set([...PRIVATE_IPV4, ...METADATA_V4, ...ADDRESSES_V6, ...names, ...NAMES, ...ownAddresses()]),
  ];
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
