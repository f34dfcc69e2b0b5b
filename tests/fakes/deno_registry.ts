/** An npm registry on this machine that carries one package with a Deno in it. @module */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { createTar } from "nanotar";
import type { DenoPin } from "../../src/proc/deno_pins.ts";
import { TempFolder } from "../e2e/harness.ts";
import { ReleaseServer } from "./release_server.ts";

const PACKAGE = "@deno/for-tests";

/** A tarball as npm packs it, and what would be pinned of it. */
export interface PackedDeno {
  readonly tarball: Uint8Array<ArrayBuffer>;
  readonly pin: DenoPin;
}

/** Packs `executable` as npm does. */
export function denoPackage(executable: Uint8Array, name: string = "package/deno"): PackedDeno {
  const tar = createTar([
    { name: "package/package.json", data: JSON.stringify({ name: PACKAGE }) },
    { name, data: executable, attrs: { mode: "755" } },
    { name: "package/README.md", data: "Deno" },
  ]);
  const tarball = new Uint8Array(gzipSync(tar, { level: 1 }));
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const sha256 = createHash("sha256").update(executable).digest("hex");
  return { tarball, pin: { package: PACKAGE, integrity, sha256 } };
}

/** The registry; gone when disposed of. */
export class DenoRegistry {
  readonly #folder = new TempFolder();
  readonly server: ReleaseServer = new ReleaseServer(this.#folder.path);
  /** The one path that it knows. */
  readonly path: string;

  constructor(tarball: Uint8Array, version: string) {
    const name = PACKAGE.split("/")[1];
    this.path = `/${PACKAGE}/-/${name}-${version}.tgz`;
    Deno.mkdirSync(`${this.#folder.path}/${PACKAGE}/-`, { recursive: true });
    Deno.writeFileSync(this.#folder.path + this.path, tarball);
  }

  get url(): string {
    return this.server.baseUrl;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}
