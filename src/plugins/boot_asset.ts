/** The bootstrap that runs in each sandbox before a plugin's code does: made by `scripts/build_boot.ts`, committed in `assets`. @module */

let read: Promise<Uint8Array<ArrayBuffer>> | undefined;

/** Its bytes. Read once. */
export async function bootAsset(): Promise<Uint8Array<ArrayBuffer>> {
  read ??= Deno.readFile(new URL("./assets/boot.js", import.meta.url));
  return await read;
}
