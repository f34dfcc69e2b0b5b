/** Live. @module */
import type { JSX } from "preact";
import { PageHead } from "../ui/page_head.tsx";

export function LivePage(): JSX.Element {
  return <PageHead title="Live" />;
}
