/** The colours that are in force, for what is drawn and not styled. @module */
import { useEffect, useState } from "preact/hooks";

export type Scheme = "dark" | "light";

/** The scheme that the system asks for; draws again when it changes. */
export function useScheme(): Scheme {
  const [scheme, setScheme] = useState(readScheme);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const update = () => setScheme(readScheme());
    query.addEventListener("change", update);
    return () => query.removeEventListener("change", update);
  }, []);
  return scheme;
}

/** The value of a custom property of the palette: `color("plot-1")`. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function readScheme(): Scheme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
