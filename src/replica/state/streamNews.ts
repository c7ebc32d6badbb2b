import type { StreamHeader, StreamPosition } from "../interfaces/xnet.ts";

/** Whether a stream says anything that this subnet does not know: a message, a signal, or that our rejections were read. */
export const isNews = ({ end, signalsEnd, begin }: Pick<StreamHeader, "begin" | "end" | "signalsEnd">, position: StreamPosition): boolean =>
  end > position.message || signalsEnd > position.begin || (position.firstReject !== undefined && begin > position.firstReject);
