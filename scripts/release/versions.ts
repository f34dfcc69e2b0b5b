/** Versions, as Semantic Versioning 2.0.0 has them. @module */

const VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;

/** Whether `text` is a version. */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** Whether a version is one before a release, as 0.3.0-beta.1. */
export function isPrerelease(version: string): boolean {
  return VERSION.exec(version)?.[4] !== undefined;
}
