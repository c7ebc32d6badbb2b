/** What an operation tells while it works. */
export type ProgressEvent =
  | { readonly kind: "started"; readonly step: string; readonly subject: string }
  | { readonly kind: "finished"; readonly step: string; readonly subject: string; readonly durationMs: number; readonly outcome?: string }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "warning"; readonly text: string };

/** Operations tell; `ui/` shows. */
export type Report = (event: ProgressEvent) => void;
