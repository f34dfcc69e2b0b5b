/** Dialogs that everything else waits for. @module */
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** Opens the dialog over the page, which does not scroll meanwhile and keeps its width: all of it is dimmed, its scrollbar's place too. */
export function useModal(dialog: RefObject<HTMLDialogElement | null>): void {
  useEffect(() => {
    const { style, clientWidth } = document.documentElement;
    const gutterPx = innerWidth - clientWidth;
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
