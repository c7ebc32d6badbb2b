import { type Result, type SubnetId, err, ok } from "../../types/index.ts";
import type { BatchPayload, PayloadSection, ValidationContext, ValidationError } from "../../interfaces/consensus.ts";
import type { StreamHeader, StreamPosition, StreamSlice, XNetSource } from "../../interfaces/xnet.ts";
import { isNews } from "../../state/streamNews.ts";

const invalid = (reason: string): { readonly ok: false; readonly error: ValidationError } => err({ kind: "invalid", reason });
const transient = (reason: string): { readonly ok: false; readonly error: ValidationError } => err({ kind: "transient", reason });

export { isNews };

/** Messages behind the end of a stream are announced, not shown: a slice may stop anywhere. */
const shown = ({ header, begin, messages }: StreamSlice): StreamHeader => ({ ...header, end: begin + BigInt(messages.length) });

/**
 * Messages of other subnets (protocol digest §1.5, §2.2): each slice is signed by the subnet that it comes from, goes on exactly where the
 * state at the context's certified height and the payloads since then stopped, and acknowledges nothing that was not sent.
 */
export function createXNetSection(source: XNetSource): PayloadSection<"xnet"> {
  const read = new WeakMap<object, StreamSlice>();
  const slices = (payload: BatchPayload, subnet: SubnetId): readonly StreamSlice[] => payload.xnet.filter((slice) => slice.source === subnet).flatMap((slice) => {
    const known = read.get(slice) ?? source.read(slice);
    if (known !== undefined) read.set(slice, known);
    return known ?? [];
  });
  /** Where the chain up to the parent has got to. */
  function expected(subnet: SubnetId, context: ValidationContext, past: readonly BatchPayload[]): StreamPosition | undefined {
    let position = source.position(subnet, context.certifiedHeight);
    for (const { header, begin, messages } of position === undefined ? [] : past.flatMap((payload) => slices(payload, subnet))) {
      const message = begin + BigInt(messages.length), { firstReject } = position!;
      position = {
        ...position!, message: messages.length > 0 && message > position!.message ? message : position!.message, begin: header.signalsEnd > position!.begin ? header.signalsEnd : position!.begin,
        firstReject: firstReject !== undefined && header.begin > firstReject ? undefined : firstReject,
      };
    }
    return position;
  }
  function judge({ header, begin, messages }: StreamSlice, position: StreamPosition): Result<void, ValidationError> {
    if (messages.length > 0 && begin !== position.message) return invalid("a stream goes on at another message");
    if (header.begin > position.message || header.end < position.message) return invalid("a stream has left out messages, or taken some back");
    if (header.signalsEnd < position.begin) return invalid("a stream takes back what it acknowledged");
    if (header.signalsEnd > position.end) return transient("a stream acknowledges messages that the certified state has not sent");
    return isNews(shown({ header, begin, messages }), position) ? ok(undefined) : invalid("a slice of a stream says nothing new");
  }
  return {
    build(_, context, past, bytesMax) {
      const chosen: BatchPayload["xnet"][number][] = [];
      let left = bytesMax;
      for (const subnet of source.subnets(context.registryVersion)) {
        const position = expected(subnet, context, past), header = position && source.streams.peek(subnet, position);
        if (header === undefined || position === undefined || !isNews(header, position)) continue;
        const slice = source.streams.slice(subnet, position.message, left), content = slice && source.read(slice);
        if (slice === undefined || content === undefined || slice.certificate.length > left || !source.isCertified(slice, context.registryVersion)) continue;
        if (!judge(content, position).ok) continue;
        left -= slice.certificate.length;
        chosen.push(slice);
      }
      return chosen;
    },
    validate(_, context, section, past) {
      const subnets = source.subnets(context.registryVersion);
      for (const [i, slice] of section.entries()) {
        if (!subnets.includes(slice.source)) return invalid("a stream of no other subnet of the registry");
        if (i > 0 && section[i - 1]!.source >= slice.source) return invalid("streams are not sorted by their subnets");
        const content = source.read(slice);
        if (content === undefined) return invalid("a slice of a stream is malformed");
        if (!source.isCertified(slice, context.registryVersion)) return invalid("a slice of a stream is not signed by its subnet");
        const position = expected(slice.source, context, past);
        if (position === undefined) return transient("state at the certified height is not at hand");
        const verdict = judge(content, position);
        if (!verdict.ok) return verdict;
      }
      return ok(undefined);
    },
  };
}
