import type { AdminRow } from "./adminDoor.ts";
import { jsonAnswer, textAnswer } from "./answer.ts";

/** One virtual node as its owner sees it; ids are texts. */
export interface NodeStatus { readonly id: string; readonly subnet: string; readonly subnetType: string; readonly running: boolean; /** Answers for its subnet at the moment. */ readonly serving: boolean; readonly height: number; readonly certifiedHeight: number;
  /** What it has notarized and finalized, and its newest catch-up package. */
  readonly notarizedHeight: number; readonly finalizedHeight: number; readonly catchUpHeight: number;
  /** Running nodes of its subnet that its artifacts reach, itself among them. */
  readonly reaches: number;
}

/** What the door may do with nodes. */
export interface NodeControl { list(): readonly NodeStatus[]; stop(id: string): Promise<void>; start(id: string): void; /** Cuts its links. */ isolate(id: string): void;
  /** Flips a bit of a canister's memory in its state. Rejects with a RangeError when there is none to flip. */
  corrupt(id: string): Promise<{ readonly canister: string; readonly memory: string; readonly offset: number }>;
}

/** `GET /_icx/nodes`; `POST /_icx/nodes/stop?id=<node>`, `/_icx/nodes/start?id=<node>` and `/_icx/nodes/isolate?id=<node>` answer with the node as it is then. */
export function adminNodes(nodes: NodeControl): readonly AdminRow[] {
  const change = (verb: "stop" | "start" | "isolate", summary: string): AdminRow => ({
    method: "POST", path: `nodes/${verb}`, summary,
    async respond(_network, _body, url) {
      const id = url.searchParams.get("id") ?? "", find = (): NodeStatus | undefined => nodes.list().find((node) => node.id === id);
      if (find() === undefined) return textAnswer(404, "The network has no such node.");
      await nodes[verb](id);
      return jsonAnswer(200, find());
    },
  });
  return [
    { method: "GET", path: "nodes", summary: "Every virtual node, its subnet and its heights", respond: () => jsonAnswer(200, nodes.list()) },
    change("stop", "Stop a virtual node: `?id=<node>`"), change("start", "Start it again: `?id=<node>`"),
    {
      method: "POST", path: "nodes/corrupt", summary: "Flip a bit of a canister's memory in a node's state: `?id=<node>`",
      async respond(_network, _body, url) {
        const id = url.searchParams.get("id") ?? "";
        if (!nodes.list().some((node) => node.id === id)) return textAnswer(404, "The network has no such node.");
        try { return jsonAnswer(200, await nodes.corrupt(id)); } catch (error) { if (error instanceof RangeError) return textAnswer(409, error.message); throw error; }
      },
    },
    change("isolate", "Cut its links to the other nodes, until they are healed: `?id=<node>`"),
  ];
}
