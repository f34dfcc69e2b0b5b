/** The dashboard: what runs in the browser. @module */
import "./style.css";
import "uplot/dist/uPlot.min.css";
import { render } from "preact";

const root = document.getElementById("app");
if (root) render(<h1>km</h1>, root);
