/** The way between pages: at the side, or at the foot of a phone. @module */
import type { JSX } from "preact";
import { answer, askHealth, useQuery } from "./api.ts";
import type { Route } from "./router.ts";

const HEALTH_EVERY_MS = 10_000;

/** Paths of 24 × 24 icons, drawn as strokes. */
const ICONS = {
  overview: "M3 13a9 9 0 0 1 18 0M12 13l4-4M3 13v5h18v-5",
  live: "M3 12h4l3-8 4 16 3-8h4",
  sessions: "M3 5h18v14H3zM7 9l3 3-3 3M12 15h5",
  servers: "M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01",
  tools: "M14 6a4 4 0 0 1 5-3l-2 3 1 1 3-2a4 4 0 0 1-6 5l-8 8a2 2 0 0 1-3-3l8-8a4 4 0 0 1 2-1z",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  docs: "M8 8l-4 4 4 4M16 8l4 4-4 4M13 5l-2 14",
} as const;

const LINKS = [
  { page: "overview", href: "/", label: "Overview" },
  { page: "live", href: "/live", label: "Live" },
  { page: "sessions", href: "/sessions", label: "Sessions" },
  { page: "servers", href: "/servers", label: "Servers" },
  { page: "tools", href: "/tools", label: "Tools" },
  { page: "settings", href: "/settings", label: "Settings" },
  { page: "docs", href: "/docs", label: "API" },
] as const;

/** Links to every page; the one of `page` is marked as the current one. `attention`: sessions that want to be looked at. */
export function Navigation(
  { page, attention }: { readonly page: Route["page"]; readonly attention: number },
): JSX.Element {
  // A message is looked at from the stream.
  const current = page === "inspect" ? "live" : page;
  return (
    <nav class="nav" aria-label="Pages">
      <a class="nav-brand" href="/" aria-label="km, overview">km</a>
      <ul>
        {LINKS.map((link) => (
          <li key={link.page}>
            <a href={link.href} {...(link.page === current && { "aria-current": "page" as const })}>
              <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d={ICONS[link.page]} />
              </svg>
              <span>{link.label}</span>
              {link.page === "sessions" && attention > 0 && (
                <b class="nav-count">
                  {attention}
                  <span class="sr-only">want to be looked at</span>
                </b>
              )}
            </a>
          </li>
        ))}
      </ul>
      <Status />
    </nav>
  );
}

/** Whether km answers, and which version of it. */
function Status(): JSX.Element {
  const { data, error } = useQuery("health", (signal) => answer(askHealth(signal)), {
    refreshMs: HEALTH_EVERY_MS,
  });
  return (
    <p class="nav-status" role="status">
      <i class={error ? "is-down" : ""} />
      {error ? "km does not answer" : data ? `km ${data.version}` : ""}
    </p>
  );
}
