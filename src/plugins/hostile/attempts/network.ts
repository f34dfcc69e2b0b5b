/** Reaching other programs: by network, by sockets of this machine, by descriptors. @module */
import { type Attempt, attempts, type Lure } from "../attempt.ts";

/** Forms of an address that all lead to the listener on loopback. */
const LOOPBACK: readonly (readonly [id: string, host: string])[] = [
  ["v4", "127.0.0.1"],
  ["v4-other", "127.8.9.10"],
  ["short", "127.1"],
  ["decimal", "2130706433"],
  ["hex", "0x7f000001"],
  ["hex-dotted", "0x7f.0.0.1"],
  ["octal", "017700000001"],
  ["octal-dotted", "0177.0.0.1"],
  ["unspecified", "0.0.0.0"],
  ["zero", "0"],
  ["name", "localhost"],
  ["name-capitals", "LOCALHOST"],
  ["name-dot", "localhost."],
  ["name-below", "km.localhost"],
  ["v6", "[::1]"],
  ["v6-long", "[0:0:0:0:0:0:0:1]"],
  ["v6-unspecified", "[::]"],
  ["v6-mapped", "[::ffff:127.0.0.1]"],
  ["v6-mapped-hex", "[::ffff:7f00:1]"],
  ["v6-compatible", "[::127.0.0.1]"],
  ["v6-nat64", "[64:ff9b::127.0.0.1]"],
  ["wide-digits", "\uff11\uff12\uff17.0.0.1"],
  ["circled", "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460"],
];

const FETCHED = (host: string) =>
  `return await (await fetch("http://${host}:" + c.tcpPort + "/", { signal: AbortSignal.timeout(700) })).text();`;

const NETWORK = attempts("network", [
  ["net-fetch", "Fetches from this machine", FETCHED("127.0.0.1")],
  [
    "net-fetch-machine",
    "Fetches from this machine by its name",
    `return await (await fetch("http://" + c.hostname + ":" + c.tcpPort + "/")).text();`,
  ],
  [
    "net-fetch-request",
    "Fetches by a Request",
    `return await (await fetch(new Request("http://127.0.0.1:" + c.tcpPort, { method: "POST", body: "x" }))).text();`,
  ],
  [
    "net-fetch-user",
    "Fetches by an address with a name before it",
    `return await (await fetch("http://example.com@127.0.0.1:" + c.tcpPort)).text();`,
  ],
  [
    "net-fetch-metadata",
    "Fetches a cloud's metadata",
    `return await (await fetch("http://169.254.169.254/latest/meta-data/", { signal: AbortSignal.timeout(300) })).text();`,
  ],
  [
    "net-fetch-away",
    "Fetches from the internet",
    `return (await fetch("https://example.com/", { signal: AbortSignal.timeout(500) })).ok ? c.claim : "";`,
  ],
  [
    "net-websocket",
    "Opens a WebSocket",
    `await new Promise((yes, no) => { const w = new WebSocket("ws://127.0.0.1:" + c.tcpPort); w.onopen = yes; w.onerror = no; });`,
  ],
  [
    "net-websocket-stream",
    "Opens a WebSocketStream",
    `await new WebSocketStream("ws://127.0.0.1:" + c.tcpPort).opened;`,
  ],
  [
    "net-event-source",
    "Opens an EventSource",
    `await new Promise((yes, no) => { const e = new EventSource("http://127.0.0.1:" + c.tcpPort); e.onopen = yes; e.onerror = no; });`,
  ],
  [
    "net-xhr",
    "Asks by XMLHttpRequest",
    `const x = new XMLHttpRequest(); x.open("GET", "http://127.0.0.1:" + c.tcpPort, false); x.send(); return x.responseText;`,
  ],
  [
    "net-beacon",
    "Sends a beacon",
    `return navigator.sendBeacon("http://127.0.0.1:" + c.tcpPort, "x") ? c.claim : "";`,
  ],
  [
    "net-connect",
    "Connects by TCP",
    `const s = await Deno.connect({ hostname: "127.0.0.1", port: c.tcpPort }); const b = new Uint8Array(99); await s.read(b); return show(b);`,
  ],
  [
    "net-connect-tls",
    "Connects by TLS",
    `await Deno.connectTls({ hostname: "127.0.0.1", port: c.tcpPort });`,
  ],
  [
    "net-start-tls",
    "Makes TLS of a connection",
    `await Deno.startTls(await Deno.connect({ port: c.tcpPort }));`,
  ],
  ["net-quic", "Connects by QUIC", `await Deno.connectQuic({ hostname: "127.0.0.1", port: c.tcpPort });`],
  [
    "net-web-transport",
    "Opens a WebTransport",
    `await new WebTransport("https://127.0.0.1:" + c.tcpPort).ready;`,
  ],
  [
    "net-udp",
    "Sends by UDP",
    `const s = Deno.listenDatagram({ port: 0, transport: "udp" }); await s.send(new Uint8Array(3), { transport: "udp", hostname: "127.0.0.1", port: c.udpPort });`,
  ],
  ["net-listen", "Listens", `Deno.listen({ port: 0 }); return c.claim;`],
  ["net-listen-tls", "Listens with TLS", `Deno.listenTls({ port: 0, key: "", cert: "" }); return c.claim;`],
  [
    "net-serve",
    "Serves HTTP",
    `Deno.serve({ port: 0, onListen() {} }, () => new Response("x")); return c.claim;`,
  ],
  ["net-dns", "Asks for a name", `return (await Deno.resolveDns("example.com", "A")) && c.claim;`],
  [
    "net-dns-server",
    "Asks this machine for a name",
    `await Deno.resolveDns("secret.example.com", "A", { nameServer: { ipAddr: "127.0.0.1", port: c.udpPort } });`,
  ],
  [
    "net-dns-prefetch",
    "Has a name looked up by fetch",
    `await fetch("http://secret.example.com/", { signal: AbortSignal.timeout(300) }); return c.claim;`,
  ],
  [
    "net-client-proxy",
    "Fetches through a proxy of this machine",
    `await fetch("http://example.com/", { client: Deno.createHttpClient({ proxy: { url: "http://127.0.0.1:" + c.tcpPort } }) });`,
  ],
  [
    "net-client-unix",
    "Fetches through a socket of this machine",
    `await fetch("http://x/", { client: Deno.createHttpClient({ proxy: { transport: "unix", path: c.unixPath } }) });`,
  ],
  [
    "net-node-http",
    "Asks by node:http",
    `const http = await load("node:http"); await new Promise((yes, no) => http.get({ host: "127.0.0.1", port: c.tcpPort }, yes).on("error", no));`,
  ],
  [
    "net-node-https",
    "Asks by node:https",
    `const http = await load("node:https"); await new Promise((yes, no) => http.get({ host: "127.0.0.1", port: c.tcpPort }, yes).on("error", no));`,
  ],
  [
    "net-node-http2",
    "Connects by node:http2",
    `(await load("node:http2")).connect("http://127.0.0.1:" + c.tcpPort);`,
  ],
  [
    "net-node-net",
    "Connects by node:net",
    `const net = await load("node:net"); await new Promise((yes, no) => net.connect(c.tcpPort, "127.0.0.1").on("connect", yes).on("error", no));`,
  ],
  ["net-node-tls", "Connects by node:tls", `(await load("node:tls")).connect({ port: c.tcpPort });`],
  [
    "net-node-dgram",
    "Sends by node:dgram",
    `(await load("node:dgram")).createSocket("udp4").send("x", c.udpPort, "127.0.0.1");`,
  ],
  [
    "net-node-dns",
    "Looks up a name by node:dns",
    `return (await (await load("node:dns/promises")).lookup("localhost")).address && c.claim;`,
  ],
  [
    "net-wasm-fetch",
    "Compiles WebAssembly from this machine",
    `await WebAssembly.instantiateStreaming(fetch("http://127.0.0.1:" + c.tcpPort));`,
  ],
]);

/** The same without the kernel's wall: Deno alone must hold. */
const BARE = NETWORK.filter(({ id }) => !id.startsWith("net-node")).map((attempt): Attempt => ({
  ...attempt,
  id: `${attempt.id}-bare`,
  what: `${attempt.what}, without the kernel's wall`,
  without: "system",
}));

/** Another host is granted. */
const ADDRESSES = attempts(
  "addresses",
  [
    ...LOOPBACK.map(([id, host]) =>
      [`address-${id}`, `Fetches from ${host} with another host granted`, FETCHED(host)] as const
    ),
    [
      "address-connect",
      "Connects to 127.0.0.1 with another host granted",
      `await Deno.connect({ hostname: "127.0.0.1", port: c.tcpPort });`,
    ],
    [
      "address-websocket",
      "Opens a WebSocket with another host granted",
      `await new Promise((yes, no) => { const w = new WebSocket("ws://127.0.0.1:" + c.tcpPort); w.onopen = yes; w.onerror = no; });`,
    ],
    [
      "address-import",
      "Imports from this machine with another host granted",
      `await load("http://127.0.0.1:" + c.tcpPort + "/x.js");`,
    ],
    [
      "address-other-port",
      "Fetches from another port of the granted host",
      `await fetch("http://granted.invalid:81/", { signal: AbortSignal.timeout(300) }); return c.claim;`,
    ],
  ],
  { grants: () => ({ net: ["granted.invalid:80"] }) },
);

const named = (host: string) => ({ tcpPort }: Lure) => ({ net: [`${host}:${tcpPort}`] });

/** Loopback itself is granted, as it could be by a name that its owner makes lead there. */
const GRANTED: Attempt[] = [
  ...(["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "2130706433"] as const)
    .flatMap((host, i) =>
      attempts("addresses", [
        [`granted-${i}-fetch`, `Fetches from ${host}, which is granted and private`, FETCHED(host)],
        [
          `granted-${i}-websocket`,
          `Opens a WebSocket to ${host}, which is granted and private`,
          `await new Promise((yes, no) => { const w = new WebSocket("ws://${host}:" + c.tcpPort); w.onopen = yes; w.onerror = no; });`,
        ],
      ], { grants: named(host) })
    ),
  ...attempts("addresses", [
    [
      "granted-machine-fetch",
      "Fetches from a granted name that leads to this machine",
      `return await (await fetch("http://" + c.hostname + ":" + c.tcpPort + "/")).text();`,
    ],
    [
      "granted-machine-websocket",
      "Opens a WebSocket to a granted name that leads to this machine",
      `await new Promise((yes, no) => { const w = new WebSocket("ws://" + c.hostname + ":" + c.tcpPort); w.onopen = yes; w.onerror = no; });`,
    ],
  ], { grants: ({ hostname, tcpPort }) => ({ net: [`${hostname}:${tcpPort}`] }) }),
];

const SOCKETS = attempts("sockets", [
  [
    "unix-connect",
    "Connects to a socket of this machine",
    `await Deno.connect({ transport: "unix", path: c.unixPath });`,
  ],
  [
    "unix-abstract",
    "Connects to an abstract socket",
    `await Deno.connect({ transport: "unix", path: "\\0km" }); return c.claim;`,
  ],
  [
    "unix-listen",
    "Listens on a socket of this machine",
    `Deno.listen({ transport: "unix", path: c.out + "/unix-listen" });`,
  ],
  [
    "unix-datagram",
    "Sends to a socket of this machine",
    `Deno.listenDatagram({ transport: "unixpacket", path: c.out + "/unix-datagram" });`,
  ],
  [
    "unix-docker",
    "Connects to Docker",
    `await Deno.connect({ transport: "unix", path: "/var/run/docker.sock" }); return c.claim;`,
  ],
  [
    "unix-node",
    "Connects to a socket of this machine by node:net",
    `const net = await load("node:net"); await new Promise((yes, no) => net.connect({ path: c.unixPath }).on("connect", yes).on("error", no));`,
  ],
  [
    "vsock",
    "Connects to the host of a virtual machine",
    `await Deno.connect({ transport: "vsock", cid: 2, port: 1 }); return c.claim;`,
  ],
], {});

const DESCRIPTORS = attempts("descriptors", [
  [
    "fd-net-inherited",
    "Takes what km inherited for a socket",
    `const net = await load("node:net"); return await new Promise((yes, no) => new net.Socket({ fd: c.fd, readable: true }).on("data", (b) => yes(String(b))).on("error", no));`,
  ],
  [
    "fd-net-all",
    "Takes every descriptor for a socket",
    `const net = await load("node:net"); let n = 0; for (let fd = 0; fd < 64; fd++) { try { new net.Socket({ fd }); n++; } catch {} } return n ? c.claim : "";`,
  ],
  [
    "fd-fs",
    "Reads a descriptor by node:fs",
    `const fs = await load("node:fs"); const b = new Uint8Array(99); fs.readSync(c.fd, b); return show(b);`,
  ],
  [
    "fd-tty",
    "Takes a descriptor for a terminal",
    `const tty = await load("node:tty"); new tty.ReadStream(c.fd); return c.claim;`,
  ],
  ["fd-resources", "Lists its resources", `return JSON.stringify(Deno.resources()) && c.claim;`],
  ["fd-close", "Closes a resource", `Deno.close(0); return c.claim;`],
  ["fd-read", "Reads a resource", `const b = new Uint8Array(9); Deno.readSync(0, b); return c.claim;`],
  [
    "fd-stdin",
    "Reads what km says",
    `const b = new Uint8Array(9); await Deno.stdin.read(b); return c.claim;`,
  ],
  ["fd-stdin-stream", "Takes stdin as a stream", `Deno.stdin.readable.getReader(); return c.claim;`],
  ["fd-path", "Reads a descriptor by its path", `return show(Deno.readFileSync("/dev/fd/" + c.fd));`],
]);

/** Attempts to reach another program. */
export const NETWORKS: readonly Attempt[] = [
  ...NETWORK,
  ...BARE,
  ...ADDRESSES,
  ...GRANTED,
  ...SOCKETS,
  ...DESCRIPTORS,
];
