/** Which page an address names, and how to go to another one without loading anything. @module */
import { useEffect, useState } from "preact/hooks";

/** A page of the dashboard; `none` is an address that names no page. */
export type Route =
  | { readonly page: "overview" | "live" | "servers" | "tools" | "settings" | "docs" | "none" }
  | { readonly page: "inspect"; readonly id: string }
  /** `number`: the session that is shown; null: all. */
  | { readonly page: "sessions"; readonly number: number | null };

/** Where the reader is. `params` is the query: what is filtered, sorted and open belongs there, so that an address can be shared. */
export interface Place {
  readonly path: string;
  readonly params: URLSearchParams;
}

const PAGES = ["live", "servers", "tools", "settings", "docs"] as const;

/** Returns the page that `path` names. */
export function parseRoute(path: string): Route {
  const [first = "", second, ...rest] = path.replace(/^\//, "").replace(/\/$/, "").split("/");
  if (rest.length > 0) return { page: "none" };
  if (first === "inspect") return { page: "inspect", id: decode(second ?? "") };
  if (first === "sessions" && (second === undefined || /^[1-9]\d{0,9}$/.test(second))) {
    return { page: "sessions", number: second === undefined ? null : Number(second) };
  }
  if (second !== undefined) return { page: "none" };
  if (first === "") return { page: "overview" };
  return { page: PAGES.find((page) => page === first) ?? "none" };
}

/** Goes to `href`, a path with its query. `replace` leaves no entry in the history: for filters and sorting. */
export function navigate(href: string, options: { readonly replace?: boolean } = {}): void {
  if (href === location.pathname + location.search) return;
  if (options.replace) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  tellAll();
}

/** Changes parts of the query of the page that is shown; null takes one away. Leaves no entry in the history unless told. */
export function setParams(
  changes: Readonly<Record<string, string | null>>,
  options: { readonly push?: boolean } = {},
): void {
  navigate(location.pathname + changedQuery(location.search, changes), { replace: !options.push });
}

/** Returns `search` with `changes` made: `?a=1`, or empty when nothing is left. */
export function changedQuery(search: string, changes: Readonly<Record<string, string | null>>): string {
  const params = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") params.delete(name);
    else params.set(name, value);
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** Where the reader is; draws again when that changes. */
export function usePlace(): Place {
  const [place, setPlace] = useState(currentPlace);
  useEffect(() => {
    const update = () => setPlace(currentPlace());
    update();
    listeners.add(update);
    return () => void listeners.delete(update);
  }, []);
  return place;
}

/** Makes plain links of this page go where they lead without loading it again. Returns what undoes it. */
export function followLinks(): () => void {
  const onClick = (event: MouseEvent) => {
    const href = localTarget(event);
    if (href === null) return;
    event.preventDefault();
    navigate(href);
  };
  document.addEventListener("click", onClick);
  addEventListener("popstate", tellAll);
  return () => {
    document.removeEventListener("click", onClick);
    removeEventListener("popstate", tellAll);
  };
}

const listeners = new Set<() => void>();

function tellAll(): void {
  for (const listener of [...listeners]) listener();
}

function currentPlace(): Place {
  return { path: location.pathname, params: new URLSearchParams(location.search) };
}

/** The path that a click should lead to; null when the browser should do what it always does. */
function localTarget(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target !== "" || link.hasAttribute("download") || link.origin !== location.origin) {
    return null;
  }
  if (link.getAttribute("href")?.startsWith("#")) return null;
  return parseRoute(link.pathname).page === "none" ? null : link.pathname + link.search;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
