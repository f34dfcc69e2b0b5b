/** The answers of the API that pages read, as the API itself declares them. @module */
import type { InferResponseType } from "hono/client";
import type { Client } from "../../client/client.ts";

type Routes = Client["api"];

export type Overview = InferResponseType<Routes["overview"]["$get"], 200>;
export type Odometer = Overview["odometer"]["today"];
export type Finding = Overview["findings"][number];
export type Change = Overview["changes"][number];
export type Stats = InferResponseType<Routes["stats"]["$get"], 200>;
export type SeriesPoint = Stats["series"][number];
export type Latency = InferResponseType<Routes["latency"]["$get"], 200>;
export type Server = InferResponseType<Routes["servers"]["$get"], 200>["servers"][number];
export type Settings = InferResponseType<Routes["settings"]["$get"], 200>;
export type Setting = Settings["settings"][number];
export type Keys = InferResponseType<Routes["keys"]["$get"], 200>;
export type Calls = InferResponseType<Routes["calls"]["$get"], 200>;
export type Tool = InferResponseType<Routes["tools"]["$get"], 200>["tools"][number];
