/** Which km this is: a checkout, the portable file or a compiled one. @module */

export type InstallationKind = "source" | "portable" | "compiled";

/** How this km was started. */
export interface Installation {
  readonly kind: InstallationKind;
  /** Absolute path of the file that the user starts, links not followed; of `main.ts` in a checkout. */
  readonly file: string;
}

let portableFile: string | null = null;

/** Called by the portable file's entry with the path it was started by, before anything asks. */
export function enterPortable(file: string): void {
  portableFile = file.startsWith("/") ? file : absolute(file.replace(/^(?:\.\/+)+/, ""));
}

/** In a folder that was deleted no relative path is found again: it stays as it is. */
function absolute(path: string): string {
  try {
    return `${Deno.cwd().replace(/\/$/, "")}/${path}`;
  } catch {
    return path;
  }
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
