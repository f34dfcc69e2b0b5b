/**
 * xterm.js draws with `<style>` elements and `style` attributes, which the dashboard's Content-Security-Policy refuses: whoever could place
 * either could show what is not there. Here both are made by the CSSOM, which the policy allows, because only a script of the page has it.
 * @module
 */
import type { Terminal } from "@xterm/xterm";

/** The part of xterm.js 6.0.0 that writes attributes: colours that are in no palette. */
interface RowFactory {
  _addStyle(element: HTMLElement, style: string): void;
}

interface RendererCore {
  readonly _renderService?: {
    readonly _renderer?: { readonly value?: { readonly _rowFactory?: RowFactory } };
  };
}

/** As `terminal.open(host)`, within the policy. */
export function openWithinPolicy(terminal: Terminal, host: HTMLElement): void {
  const { document } = globalThis;
  const create = document.createElement;
  // xterm.js makes its sheets while it opens, and only then.
  document.createElement =
    ((name: string, options?: ElementCreationOptions) =>
      name === "style" ? styleElement(document) : create.call(document, name, options)) as typeof create; // as: it makes what it is asked for
  try {
    terminal.open(host);
  } finally {
    document.createElement = create;
  }
  // As: the public interface does not lead to it.
  const core = (terminal as unknown as { readonly _core: RendererCore })._core;
  const factory = core._renderService?._renderer?.value?._rowFactory;
  if (typeof factory?._addStyle !== "function") {
    throw new TypeError("xterm.js draws in another way than 6.0.0");
  }
  factory._addStyle = (element, style) => void (element.style.cssText += `${style};`);
}

/** In the place of a `<style>`: an element without content, whose text becomes a sheet of the document. */
function styleElement(document: Document): HTMLElement {
  const element = Document.prototype.createElement.call(document, "template");
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, "textContent", { set: (text: string) => sheet.replaceSync(text) });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}
