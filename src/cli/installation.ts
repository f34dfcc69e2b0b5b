/** Which km this is: a checkout, the portable file or a compiled one. @module */

export type InstallationKind = "source" | "portable" | "compiled";

/** How this km was started. */
export interface Installation {
  readonly kind: InstallationKind;
  /** Absolute path of the file that the user starts; of `main.ts` in a checkout. */
  readonly file: string;
}

let portableFile: string | null = null;

/** Called by the portable file's entry with the path it was started by, before anything asks. */
export function enterPortable(file: string): void {
  portableFile = file.startsWith("/") ? file : `${Deno.cwd()}/${file}`;
}

/** What runs. */
export function installation(): Installation {
  if (portableFile !== null) return { kind: "portable", file: portableFile };
  if (Deno.build.standalone) return { kind: "compiled", file: Deno.execPath() };
  return { kind: "source", file: modulePath(Deno.mainModule) };
}

/** The path of a module on disk; what is not on disk stays as it is. */
function modulePath(url: string): string {
  if (!url.startsWith("file:")) return url;
  const path = decodeURIComponent(new URL(url).pathname);
  return Deno.build.os === "windows" ? path.replace(/^\//, "").replaceAll("/", "\\") : path;
}
