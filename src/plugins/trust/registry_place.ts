/** Where a registry may be. @module */
import { resolve } from "node:path";
import { KmError } from "../../core/error.ts";
import { isPackageAddress } from "../package/read_package.ts";

/** A registry's place, in one form. @throws {KmError} usage */
export function registryPlace(text: string): string {
  if (!isPackageAddress(text)) return resolve(text);
  const url = URL.parse(text);
  const isSafe = url?.protocol === "https:" ||
    (url?.protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname));
  if (url !== null && isSafe && url.search === "" && url.hash === "" && url.username === "") {
    return url.href.replace(/\/+$/, "");
  }
  throw new KmError("usage", `Cannot use "${text}" as a registry: it is no https address`, {
    hint: "a registry is a folder, or an address by https; http only on this machine",
  });
}
