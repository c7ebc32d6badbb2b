import { principalToText } from "../types/index.ts";
import type { NetworkView } from "../interfaces/subnet.ts";
import { type Answer, textAnswer } from "./answer.ts";

/** `GET /`: what a person who opens the address in a browser should know. */
export const rootPage = (network: NetworkView, implementation: { readonly name: string; readonly version: string }): Answer => textAnswer(200, [
  `This is a local Internet Computer, run by ${implementation.name} ${implementation.version}.`, "",
  ...network.subnets.map((subnet) => `${subnet.type} subnet ${principalToText(subnet.subnetId)}: ${subnet.health}, height ${subnet.certifiedHeight}`), "",
  "Agents speak to it below /api; its root key is in /api/v2/status.", "",
].join("\n"));
