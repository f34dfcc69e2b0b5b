/** The title of the window: what is looked at, on which page. @module */
import { useEffect } from "preact/hooks";
import { printable } from "../../core/printable.ts";

let page = "";
let subject: string | null = null;
let attention = 0;

/** Names the page, and says how many sessions want to be looked at: `(2) Live · km`. */
export function usePageTitle(title: string, attentionCount = 0): void {
  useEffect(() => {
    page = title;
    attention = attentionCount;
    tell();
  }, [title, attentionCount]);
}

/** Names what is looked at on it: `echo · Tools · km`; null while there is nothing. */
export function useSubjectTitle(name: string | null): void {
  useEffect(() => {
    if (name === null) return;
    subject = printable(name);
    tell();
    return () => {
      subject = null;
      tell();
    };
  }, [name]);
}

function tell(): void {
  const name = [subject, page, "km"].filter((part) => part !== null && part !== "").join(" · ");
  document.title = attention > 0 ? `(${attention}) ${name}` : name;
}
