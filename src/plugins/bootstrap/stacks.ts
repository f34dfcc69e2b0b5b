/** Where an error came from, without where km keeps its files: stack traces name the plugin and the bootstrap, not their paths. @module */

/** A place on the stack, as V8 hands it over. */
interface Site {
  toString(): string;
}

/** `names`: what stands in place of each address or path. From here on nobody else says how a stack is shown. */
export function hidePaths(names: readonly (readonly [place: string, name: string])[]): void {
  const show = (error: unknown, sites: readonly Site[]): string => {
    let text = headOf(error);
    for (let at = 0; at < sites.length; at++) text += `\n    at ${sites[at]}`;
    for (const [place, name] of names) text = text.replaceAll(place, name);
    return text;
  };
  Object.defineProperty(Error, "prepareStackTrace", { value: show, writable: false, configurable: false });
}

function headOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "Error";
  }
}
