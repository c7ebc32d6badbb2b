/** What the subnets that live in one thread share. */
import { principalToText } from "./types/index.ts";
import type { Bls, Verifier } from "./interfaces/crypto.ts";
import type { RequestValidator, VerifyCertificate } from "./interfaces/ingress.ts";
import type { NetworkEvent, NetworkOptions } from "./interfaces/network.ts";
import type { ReceiptRecorder } from "./interfaces/receipts.ts";
import type { RegistryVersionDelta } from "./interfaces/registry.ts";
import type { Runtime } from "./interfaces/runtime.ts";
import { createCertificateVerifier } from "./certification/verifyCertificate.ts";
import { createVerifier } from "./crypto/verifier.ts";
import { type Execution, createExecution } from "./execution/createExecution.ts";
import type { SharedPermits } from "./execution/longRuns/permits.ts";
import { createReceipts } from "./execution/receipts.ts";
import { importSignatures } from "./execution/systemApi/systemCallRows.ts";
import { createWasmEngine } from "./execution/wasm/createWasmEngine.ts";
import { type EnvelopeReader, createEnvelopeReader } from "./ingress/envelopeReader.ts";
import { createRequestValidator } from "./ingress/requestValidator.ts";
import { localRulesOf } from "./registry/genesis.ts";
import { proxyProgram } from "./systemCanisters/proxy/proxy.ts";
import { registryProgram } from "./systemCanisters/nns/registry/registry.ts";

export interface ThreadParts {
  readonly verifier: Verifier;
  /** Checks certificates under the network's root key. */
  readonly verify: VerifyCertificate;
  /** Judges everybody's requests, and the owner's. */
  readonly validator: RequestValidator;
  readonly ownersValidator: RequestValidator;
  readonly envelopes: EnvelopeReader;
  readonly receipts: ReceiptRecorder;
  readonly execution: Execution;
}

/** @param registry the network's first registry version @param permits of long messages, when other threads run some too */
export function createThreadParts({ bls, rootKey, registry, runtime, options, report, permits }: {
  readonly bls: Bls; readonly rootKey: Uint8Array; readonly registry: RegistryVersionDelta; readonly runtime: Runtime; readonly options: Pick<NetworkOptions, "log">; readonly report: (event: NetworkEvent) => void; readonly permits?: SharedPermits;
}): ThreadParts {
  const verifier = createVerifier(bls), verify = createCertificateVerifier(verifier, () => rootKey), validator = createRequestValidator(verify);
  /** Blocks hold what the owner sent too: the rule is the genesis registry's, the same at every height and in every replay. */
  const rules = localRulesOf(registry), ownersValidator = rules.unsigned ? createRequestValidator(verify, rules) : validator, receipts = createReceipts();
  const execution = createExecution({
    engine: createWasmEngine(importSignatures), nativePrograms: [registryProgram, proxyProgram], receipts, threads: runtime.threads === true, ...(permits !== undefined && { permits }),
    onCanisterLog: (line) => { report({ kind: "canisterLog", canister: principalToText(line.canister), timestampNanos: line.time, content: line.content }); },
    ...(options.log && { log: options.log }),
  });
  return { verifier, verify, validator, ownersValidator, envelopes: createEnvelopeReader(ownersValidator), receipts, execution };
}

