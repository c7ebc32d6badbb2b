import { parentPort } from "node:worker_threads";
import { depthOf, SHAPES } from "./depthOf.ts";

parentPort!.postMessage(Object.keys(SHAPES).map((shape) => depthOf(shape)));
