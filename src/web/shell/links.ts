/** Addresses of things, so that every page leads to the same place. @module */

export function serverHref(server: string): string {
  return `/servers?${new URLSearchParams({ server })}`;
}

export function toolHref({ server, tool }: { readonly server: string; readonly tool: string }): string {
  return `/tools?${new URLSearchParams({ of: server, tool })}`;
}

/** Messages of a server, or of one of its tools, as they come. */
export function liveHref(filter: { readonly server: string; readonly tool?: string }): string {
  return `/live?${new URLSearchParams(filter)}`;
}

export function eventHref(id: string): string {
  return `/inspect/${encodeURIComponent(id)}`;
}
