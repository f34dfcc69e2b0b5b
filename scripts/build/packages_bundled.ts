/** Takes the place of `src/cli/packages.ts` in a bundle, where nothing is downloaded: literal imports, which a bundler follows. @module */

/** @see src/cli/packages.ts */
export async function loadDaemon(): Promise<typeof import("../../src/daemon/daemon.ts")> {
  return await import("../../src/daemon/daemon.ts");
}

/** @see src/cli/packages.ts */
export async function loadClient(): Promise<typeof import("../../src/client/client.ts")> {
  return await import("../../src/client/client.ts");
}

/** @see src/cli/packages.ts */
export async function loadLicenceToken(): Promise<typeof import("../../src/auth/licence_token.ts")> {
  return await import("../../src/auth/licence_token.ts");
}

/** @see src/cli/packages.ts */
export async function loadReplay(): Promise<typeof import("../../src/plugins/author/replay.ts")> {
  return await import("../../src/plugins/author/replay.ts");
}

/** @see src/cli/packages.ts */
export async function loadPluginHost(): Promise<typeof import("../../src/plugins/host/run_host.ts")> {
  return await import("../../src/plugins/host/run_host.ts");
}

/** @see src/cli/packages.ts */
export async function loadHostileSuite(): Promise<
  typeof import("../../src/plugins/hostile/hostile_suite.ts")
> {
  return await import("../../src/plugins/hostile/hostile_suite.ts");
}
