import { ASKED, type Asked, type Point, isAsked } from "./points.ts";

/** `name:what it does`, as `_describe` takes it. */
const entry = (name: string, summary: string): string => quoted(`${name.replaceAll(":", "\\:")}:${summary}`);
const asking = (what: Asked): string => `\${(f)"$(\${words[1]} ${ASKED[what]} 2>/dev/null)"}`;
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** For zsh's completion system: sourced, or as the file `_icx` on `$fpath`. */
export function zshScript(points: readonly Point[]): string {
  const known = points.filter(({ words }) => words !== "").map(({ words }) => quoted(words)).join("|");
  const after = points.flatMap(({ words, options }) => options.filter(({ takes }) => takes !== "nothing").map(({ long, short, takes, choices }) => {
    const reply = choices.length > 0 ? `compadd -- ${choices.join(" ")}` : isAsked(takes) ? `compadd -- ${asking(takes)}` : takes === "file" ? "_files" : "_message value";
    return `    ${[long, ...(short === undefined ? [] : [short])].map((spelling) => quoted(`${words}|${spelling}`)).join("|")}) ${reply}; return ;;`;
  }));
  const at = points.map(({ words, commands, options, values }) => [
    `    ${quoted(words)})`,
    `      entries=(${commands.map(({ name, summary }) => entry(name, summary)).join(" ")})`,
    `      flags=(${options.map(({ long, summary }) => entry(long, summary)).join(" ")})`,
    ...(isAsked(values) ? [`      names=(${asking(values)})`] : values === "files" ? ["      files=1"] : values.length > 0 ? [`      names=(${values.join(" ")})`] : []),
    "      ;;",
  ].join("\n"));
  return `#compdef icx
# zsh completion for icx; made by: icx completion zsh
_icx() {
  local at="" word files=""
  local -a entries flags names
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${at:+$at }$word" in ${known}) at="\${at:+$at }$word" ;; esac
  done
  case "$at|\${words[CURRENT-1]}" in
${after.join("\n")}
  esac
  case "$at" in
${at.join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then _describe -o option flags; return; fi
  (( \${#entries} )) && _describe command entries
  (( \${#names} )) && compadd -- $names
  if [[ -n "$files" || ( \${#entries} -eq 0 && \${#names} -eq 0 ) ]]; then _files; fi
}
if [ "$funcstack[1]" = "_icx" ]; then _icx "$@"; else compdef _icx icx; fi
`;
}
