/** Dialogs that everything else waits for. @module */
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** Opens the dialog over the page, which does not scroll meanwhile and keeps its width: all of it is dimmed, its scrollbar's place too. */
export function useModal(dialog: RefObject<HTMLDialogElement | null>): void {
  useEffect(() => {
    const { style } = document.documentElement;
    // Not the root's clientWidth: it counts the place that is kept free for a scrollbar.
    const gutterPx = innerWidth - document.body.getBoundingClientRect().right;
    style.overflow = "hidden";
    style.scrollbarGutter = "auto";
    document.body.style.paddingRight = `${gutterPx}px`;
    dialog.current?.showModal();
    return () => {
      style.overflow = "";
      style.scrollbarGutter = "";
      document.body.style.paddingRight = "";
    };
  }, []);
}
