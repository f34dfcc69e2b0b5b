/** The title of the window: what is looked at, on which page. @module */
import { useEffect } from "preact/hooks";
import { printable } from "../../core/printable.ts";

let page = "";
let subject: string | null = null;

/** Names the page. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    page = title;
    tell();
  }, [title]);
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
  document.title = [subject, page, "km"].filter((part) => part !== null && part !== "").join(" · ");
}
