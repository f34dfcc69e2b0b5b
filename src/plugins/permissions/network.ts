/** Networks that no plugin reaches, whatever it was granted: this machine, the networks around it, and those that carry others inside. @module */

/** A range of addresses, and what it is. */
export interface Network {
  /** CIDR: `10.0.0.0/8`, `fc00::/7`. */
  readonly cidr: string;
  readonly what: string;
}

/**
 * All that is not the internet, and every range that stands for addresses of another one.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export const PRIVATE_NETWORKS: readonly Network[] = [
  { cidr: "0.0.0.0/8", what: "this machine" },
  { cidr: "10.0.0.0/8", what: "a private network" },
  { cidr: "100.64.0.0/10", what: "a provider's inner network" },
  { cidr: "127.0.0.0/8", what: "this machine" },
  { cidr: "169.254.0.0/16", what: "this network segment, and cloud metadata" },
  { cidr: "172.16.0.0/12", what: "a private network" },
  { cidr: "192.0.0.0/24", what: "a protocol's own" },
  { cidr: "192.0.2.0/24", what: "documentation" },
  { cidr: "192.88.99.0/24", what: "6to4 relays" },
  { cidr: "192.168.0.0/16", what: "a private network" },
  { cidr: "198.18.0.0/15", what: "benchmarks" },
  { cidr: "198.51.100.0/24", what: "documentation" },
  { cidr: "203.0.113.0/24", what: "documentation" },
  { cidr: "224.0.0.0/3", what: "multicast, reserved, broadcast" },
  { cidr: "::/3", what: "this machine, IPv4 inside IPv6, NAT64" },
  { cidr: "2001::/23", what: "protocols' own, Teredo" },
  { cidr: "2001:db8::/32", what: "documentation" },
  { cidr: "2002::/16", what: "6to4" },
  { cidr: "3fff::/20", what: "documentation" },
  { cidr: "4000::/2", what: "nobody's" },
  { cidr: "8000::/1", what: "private, link-local, multicast, nobody's" },
];

/** The IPv4 ones, for whoever compares 32 bits. */
export const PRIVATE_IPV4: readonly string[] = PRIVATE_NETWORKS.map(({ cidr }) => cidr).filter((cidr) =>
  cidr.includes(".")
);

/** Ends of names that lead into this machine, its network or its provider's own services, wherever they are looked up. */
export const PRIVATE_NAMES: readonly string[] = [
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
