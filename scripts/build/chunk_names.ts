/**
 * Names a bundle's files by what is in them. The bundler's own names hold a hash of paths too, so that the same commit would give other
 * bytes in another folder or with another cache.
 * @module
 */
import { createHash } from "node:crypto";

/** A name as the bundler makes it: what it is, a dash, eight letters and digits. */
const NAMED = /^(.+)-[0-9A-Z]{8}\.js$/;
/** More than the longest way from one chunk to another. */
const ROUNDS = 64;
const REFERENCE = /"\.\/([\w.-]+\.js)"/g;

/** Renames the files of a flat bundle, by name, and every reference from one to another. */
export function nameByContent(files: ReadonlyMap<string, string>): Map<string, string> {
  const names = newNames(files);
  return new Map([...files].map(([name, code]) => [
    names.get(name) ?? name,
    code.replaceAll(
      REFERENCE,
      (whole, other: string) => names.has(other) ? `"./${names.get(other)}"` : whole,
    ),
  ]));
}

function newNames(files: ReadonlyMap<string, string>): Map<string, string> {
  const hashes = contentHashes(files);
  const names = new Map<string, string>();
  const taken = new Set(files.keys());
  for (const name of [...files.keys()].sort()) {
    const base = NAMED.exec(name)?.[1];
    if (base === undefined) continue;
    let chosen = `${base}-${hashes.get(name)?.slice(0, 8)}.js`;
    // Two files of one content are interchangeable, and still two modules.
    while (taken.has(chosen)) chosen = chosen.replace(".js", "0.js");
    taken.add(chosen);
    names.set(name, chosen);
  }
  return names;
}

/** Files may refer to each other in circles: each round tells a file's hash to those that refer to it, one step further. */
function contentHashes(files: ReadonlyMap<string, string>): Map<string, string> {
  const references = new Map([...files].map(([name, code]) => [name, referencesIn(code, files)]));
  let hashes = new Map([...files].map(([name, code]) => [name, hash(withoutHashes(code, files))]));
  for (let round = 0; round < ROUNDS; round++) {
    const before = hashes;
    hashes = new Map(
      [...references].map(([name, others]) => [
        name,
        hash([name, ...others].map((each) => before.get(each)).join()),
      ]),
    );
  }
  return hashes;
}

function referencesIn(code: string, files: ReadonlyMap<string, string>): string[] {
  return [...code.matchAll(REFERENCE)].flatMap(([, name = ""]) => files.has(name) ? [name] : []);
}

/** The code with the changing part of each reference left out. */
function withoutHashes(code: string, files: ReadonlyMap<string, string>): string {
  return code.replaceAll(
    REFERENCE,
    (whole, name: string) => files.has(name) ? `"./${NAMED.exec(name)?.[1] ?? name}"` : whole,
  );
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
