/** The systems that km is built for. @module */

/** A Rust target triple that `deno compile --target` takes. */
export type Target = keyof typeof TARGETS;

/** What a target's files are called elsewhere. */
export interface TargetNames {
  /** The npm package that carries Deno's executable. Source: `optionalDependencies` of npm's `deno`. */
  readonly npm: string;
  readonly os: typeof Deno.build.os;
  readonly arch: typeof Deno.build.arch;
}

export const TARGETS = {
  "x86_64-unknown-linux-gnu": { npm: "@deno/linux-x64-glibc", os: "linux", arch: "x86_64" },
  "aarch64-unknown-linux-gnu": { npm: "@deno/linux-arm64-glibc", os: "linux", arch: "aarch64" },
  "x86_64-apple-darwin": { npm: "@deno/darwin-x64", os: "darwin", arch: "x86_64" },
  "aarch64-apple-darwin": { npm: "@deno/darwin-arm64", os: "darwin", arch: "aarch64" },
  "x86_64-pc-windows-msvc": { npm: "@deno/win32-x64", os: "windows", arch: "x86_64" },
  "aarch64-pc-windows-msvc": { npm: "@deno/win32-arm64", os: "windows", arch: "aarch64" },
} as const satisfies Record<string, TargetNames>;

/** All of them, sorted. */
export const TARGET_NAMES: readonly Target[] = (Object.keys(TARGETS) as Target[]).sort();

/** The one of this machine. @throws {TypeError} on a system that km is not built for */
export function hostTarget(): Target {
  const target = TARGET_NAMES.find((name) => name === Deno.build.target);
  if (target === undefined) throw new TypeError(`km is not built for ${Deno.build.target}`);
  return target;
}

/** What km's file is called. */
export function fileName(version: string, target: Target): string {
  return `km-${version}-${target}${TARGETS[target].os === "windows" ? ".exe" : ""}`;
}
