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
