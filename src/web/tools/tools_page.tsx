/** Tools. @module */
import type { JSX } from "preact";
import { PageHead } from "../ui/page_head.tsx";

export function ToolsPage(): JSX.Element {
  return <PageHead title="Tools" />;
}
