/** The file that is km, and those beside it: the previous version, and what an update leaves for a moment. @module */
import { basename, dirname, join } from "node:path";
import { KmError } from "../core/error.ts";

/** Paths in km's folder. */
export interface KmFiles {
  readonly folder: string;
  /** The file itself, no link. */
  readonly current: string;
  readonly previous: string;
  readonly lock: string;
  /** A new path for a file that is to become km. */
  fresh(): string;
  /** A new path for a file that had to make room. */
  aside(): string;
  /** True for a name that `fresh` or `aside` once gave. */
  isLeftover(name: string): boolean;
}

/** The files of the km at `path`, which is no link. */
export function kmFiles(path: string, windows: boolean = Deno.build.os === "windows"): KmFiles {
  const [folder, name] = [dirname(path), basename(path)];
  const [, stem = name, end = ""] = windows ? /^(.*?)(\.exe)?$/i.exec(name) ?? [] : [];
  const beside = (suffix: string) => join(folder, `${stem}.${suffix}${end}`);
  const random = () => crypto.randomUUID().slice(0, 8);
  const leftover = /^(new|old)-[0-9a-f]{8}$/;
  return {
    folder,
    current: path,
    previous: beside("previous"),
    lock: beside("update-lock"),
    fresh: () => beside(`new-${random()}`),
    aside: () => beside(`old-${random()}`),
    isLeftover: (other) =>
      other.startsWith(`${stem}.`) && other.endsWith(end) &&
      leftover.test(other.slice(stem.length + 1, other.length - end.length)),
  };
}

/** Who looks after a km that was not installed by its own installer. */
export interface Manager {
  readonly name: string;
  /** What updates it there. */
  readonly command: string;
}

const MANAGERS: readonly (readonly [RegExp, Manager])[] = [
  [/\/(Cellar|homebrew|linuxbrew)\//i, { name: "Homebrew", command: "brew upgrade km" }],
  [/[\\/]scoop[\\/]apps[\\/]/i, { name: "Scoop", command: "scoop update km" }],
  [/^\/nix\/store\//, { name: "Nix", command: "nix profile upgrade km" }],
];

/** Null: nobody but km itself. */
export function managerOf(path: string): Manager | null {
  return MANAGERS.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}

/** The real file behind the path that km was started by. @throws {KmError} update_failed when there is none any more */
export function realFile(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (cause) {
    throw new KmError(
      "update_failed",
      `Cannot find km at "${path}": it was moved or removed since it was started`,
      {
        hint: "run km update again, by the path where it is now",
        cause,
      },
    );
  }
}
