/**
 * What the pages of sessions load when they are opened, and no other page: xterm.js and what km makes of it. A bundle of its own
 * (`scripts/build_web.ts`, `/assets/terminal.js`).
 * @module
 */
import "@xterm/xterm/css/xterm.css";

export { TerminalScreen } from "./terminal_screen.ts";
