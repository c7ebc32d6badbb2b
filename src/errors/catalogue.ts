import type { ErrorDescriptor } from "./icxError.ts";
import { argumentsErrors } from "./arguments.ts";
import { buildErrors } from "./build.ts";
import { canisterErrors } from "./canister.ts";
import { identityErrors } from "./identity.ts";
import { internalErrors } from "./internal.ts";
import { networkErrors } from "./network.ts";
import { projectErrors } from "./project.ts";

/** Every error that a user can meet, one file a range; `docs/reference/errors.md` is generated from here. */
export const ERRORS = {
  project: projectErrors, network: networkErrors, identity: identityErrors, build: buildErrors, arguments: argumentsErrors, canister: canisterErrors, internal: internalErrors,
} as const satisfies Record<string, Record<string, ErrorDescriptor>>;
