/** API. @module */
import type { JSX } from "preact";
import { PageHead } from "../ui/page_head.tsx";

export function DocsPage(): JSX.Element {
  return <PageHead title="API" />;
}
