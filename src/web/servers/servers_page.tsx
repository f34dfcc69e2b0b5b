/** Servers. @module */
import type { JSX } from "preact";
import { PageHead } from "../ui/page_head.tsx";

export function ServersPage(): JSX.Element {
  return <PageHead title="Servers" />;
}
