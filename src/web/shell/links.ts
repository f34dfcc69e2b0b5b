/** Addresses of things, so that every page leads to the same place. @module */

export function serverHref(server: string): string {
  return `/servers?${new URLSearchParams({ server })}`;
}

export function toolHref({ server, tool }: { readonly server: string; readonly tool: string }): string {
  return `/tools?${new URLSearchParams({ of: server, tool })}`;
}

/** What Live may be narrowed to by a link. */
export interface LiveLink {
  readonly server?: string;
  readonly method?: string | null;
  readonly tool?: string | null;
  /** Of one run. */
  readonly correlation?: string;
  readonly outcome?: "errors";
}

/** Messages as they come, narrowed to what `link` names. */
export function liveHref(link: LiveLink): string {
  const given = Object.entries(link).filter(([, value]) =>
    value !== null && value !== undefined && value !== ""
  );
  return `/live${given.length === 0 ? "" : `?${new URLSearchParams(given)}`}`;
}

export function eventHref(id: string): string {
  return `/inspect/${encodeURIComponent(id)}`;
}

export function sessionHref(number: number): string {
  return `/sessions/${number}`;
}
