/** The dashboard: what runs in the browser. @module */
import "uplot/dist/uPlot.min.css";
import "./style/palette.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/figures.css";
import "./style/lists.css";
import "./style/docs.css";
import { render } from "preact";
import { App } from "./shell/app.tsx";

const root = document.getElementById("app");
if (root) render(<App />, root);
