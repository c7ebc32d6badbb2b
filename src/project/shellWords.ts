/** Words of a command line as a POSIX shell parts them: quotes group, a backslash keeps what follows. Nothing is expanded. */
export function shellWords(text: string): string[] {
  return [...text.matchAll(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/gs)].map(([word]) =>
    word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs, (_, double: string | undefined, single: string | undefined, kept: string | undefined) =>
      double?.replace(/\\(["\\$`])/g, "$1") ?? single ?? kept ?? ""));
}
