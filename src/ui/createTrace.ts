import type { RoomLine, Trace } from "../context/events.ts";
import { toJson } from "./toJson.ts";

/** One room's line on stderr, for people and programs alike. */
export const roomText = (line: RoomLine): string => `${toJson(line)}\n`;

/** Writes a command's part of the walk. Lines of rooms that come before the agent wait for the id of the request. */
export function createTrace(write: (text: string) => void): Trace {
  const held: RoomLine[] = [];
  let id: string | undefined;
  return {
    room(room, event, fields = {}) {
      const line = { room, event, ...fields };
      if (id === undefined) held.push(line); else write(roomText({ ...line, messageId: id }));
    },
    request(messageId) {
      id = messageId;
      for (const line of held.splice(0)) write(roomText({ ...line, messageId }));
    },
    line: (line) => write(roomText(line)),
  };
}
