/**
 * The parts of km that need npm packages. They are named by variables and not by literals: Deno downloads what a literal import names
 * before it runs anything, and `km monitor` must start in a client without a network.
 * @module
 */

const DAEMON: string = "../daemon/daemon.ts";
const CLIENT: string = "../client/client.ts";
const LICENCE_TOKEN: string = "../auth/licence_token.ts";

/** The daemon: hono, zod, jose. */
export async function loadDaemon(): Promise<typeof import("../daemon/daemon.ts")> {
  // deno-lint-ignore rooms/direction -- the type above is the same path, and is checked
  return await import(DAEMON);
}

/** The caller of a running daemon: hono. */
export async function loadClient(): Promise<typeof import("../client/client.ts")> {
  // deno-lint-ignore rooms/direction -- the type above is the same path, and is checked
  return await import(CLIENT);
}

/** The reader of licence tokens: jose. */
export async function loadLicenceToken(): Promise<typeof import("../auth/licence_token.ts")> {
  // deno-lint-ignore rooms/direction -- the type above is the same path, and is checked
  return await import(LICENCE_TOKEN);
}

const REPLAY: string = "../plugins/author/replay.ts";

/** A plugin, tried out: protobuf. */
export async function loadReplay(): Promise<typeof import("../plugins/author/replay.ts")> {
  // deno-lint-ignore rooms/direction -- the type above is the same path, and is checked
  return await import(REPLAY);
}

const PLUGIN_HOST: string = "../plugins/host/run_host.ts";
const HOSTILE_SUITE: string = "../plugins/hostile/hostile_suite.ts";

/** The host of plugins: protobuf. */
export async function loadPluginHost(): Promise<typeof import("../plugins/host/run_host.ts")> {
  // deno-lint-ignore rooms/direction -- the type above is the same path, and is checked
  return await import(PLUGIN_HOST);
}

/** The hostile suite: protobuf, the lexer. */
export async function loadHostileSuite(): Promise<typeof import("../plugins/hostile/hostile_suite.ts")> {
  // deno-lint-ignore rooms/direction -- the type above is the same path, and is checked
  return await import(HOSTILE_SUITE);
}
