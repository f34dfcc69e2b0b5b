/**
 * Versions, ordered as SemVer 2.0.0 says. By hand, so that no command waits for a package: it is one expression and one comparison.
 * @see https://semver.org/spec/v2.0.0.html#spec-item-11
 * @module
 */

// The expression of the specification's own FAQ, without its named groups.
const VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*))?(?:\+[\da-zA-Z-]+(?:\.[\da-zA-Z-]+)*)?$/;

/** Longer ones are nobody's. */
const MAX_VERSION_LENGTH = 100;

/** True for `1.2.3`, `1.2.3-beta.1`, `1.2.3+build`; not for `v1.2.3` or `1.2`. */
export function isVersion(text: string): boolean {
  return text.length <= MAX_VERSION_LENGTH && VERSION.test(text);
}

/** True for `1.2.3-beta.1`. */
export function isPrerelease(version: string): boolean {
  return parse(version).prerelease.length > 0;
}

/** -1 where `a` comes before `b`, 1 where it comes after, 0 where neither does: builds (`+…`) do not count. @throws {TypeError} for no version */
export function compareVersions(a: string, b: string): -1 | 0 | 1 {
  const [left, right] = [parse(a), parse(b)];
  for (const [at, part] of left.core.entries()) {
    const order = compareNumbers(part, right.core[at] ?? "0");
    if (order !== 0) return order;
  }
  return comparePrereleases(left.prerelease, right.prerelease);
}

interface Version {
  /** Digits of major, minor and patch: they may be more than a number holds. */
  readonly core: readonly string[];
  readonly prerelease: readonly string[];
}

function parse(version: string): Version {
  const match = isVersion(version) ? VERSION.exec(version) : null;
  if (match === null) throw new TypeError(`"${version}" is no version`);
  const [, major = "", minor = "", patch = "", prerelease] = match;
  return { core: [major, minor, patch], prerelease: prerelease?.split(".") ?? [] };
}

function comparePrereleases(a: readonly string[], b: readonly string[]): -1 | 0 | 1 {
  if (a.length === 0 || b.length === 0) return sign(Number(a.length === 0) - Number(b.length === 0));
  for (const [at, part] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    const order = compareIdentifiers(part, other);
    if (order !== 0) return order;
  }
  return sign(a.length - b.length);
}

/** Numbers come before words. */
function compareIdentifiers(a: string, b: string): -1 | 0 | 1 {
  const [isNumber, otherIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && otherIsNumber) return compareNumbers(a, b);
  if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Of digits without leading zeros. */
function compareNumbers(a: string, b: string): -1 | 0 | 1 {
  if (a.length !== b.length) return sign(a.length - b.length);
  return a === b ? 0 : a < b ? -1 : 1;
}

function sign(value: number): -1 | 0 | 1 {
  return value === 0 ? 0 : value < 0 ? -1 : 1;
}
