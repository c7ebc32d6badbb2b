import { ASKED, type Asked, type CompletedOption, type Point, isAsked } from "./points.ts";

const list = (words: readonly string[]): string => words.join(" ");
const spellings = ({ long, short }: CompletedOption): readonly string[] => (short === undefined ? [long] : [long, short]);
/** What an option's value is completed from; file names are bash's own default. */
const reply = ({ choices, takes }: CompletedOption): string => (choices.length > 0 ? `_icx_reply "${list(choices)}"` : isAsked(takes) ? `_icx_reply "${asking(takes)}"` : "COMPREPLY=()");
/** Asked when a name is wanted. */
const asking = (what: Asked): string => `$("\${COMP_WORDS[0]}" ${ASKED[what]} 2>/dev/null)`;

/** Works with bash 3.2, which macOS has, and later. */
export function bashScript(points: readonly Point[]): string {
  const known = points.filter(({ words }) => words !== "").map(({ words }) => `"${words}"`).join("|");
  const values = points.flatMap(({ words, options }) => options.filter(({ takes }) => takes !== "nothing").map((option) => `    ${spellings(option).map((spelling) => `"${words}|${spelling}"`).join("|")}) ${reply(option)}; return ;;`));
  const options = points.map((point) => `      "${point.words}") _icx_reply "${list(point.options.flatMap(spellings))}" ;;`);
  const plain = points.flatMap(({ words, commands, values: from }) => {
    const offered = [...commands.map(({ name }) => name), ...(isAsked(from) ? [asking(from)] : from === "files" ? [] : from)];
    return offered.length === 0 ? [] : [`    "${words}") _icx_reply "${list(offered)}" ;;`];
  });
  return `# bash completion for icx; made by: icx completion bash
_icx_reply() { COMPREPLY=( $(compgen -W "$1" -- "\${COMP_WORDS[COMP_CWORD]}") ); }
_icx() {
  local at="" next i
  COMPREPLY=()
  for (( i = 1; i < COMP_CWORD; i++ )); do
    next="\${at:+$at }\${COMP_WORDS[i]}"
    case "$next" in ${known}) at="$next" ;; esac
  done
  case "$at|\${COMP_WORDS[COMP_CWORD-1]}" in
${values.join("\n")}
  esac
  if [[ "\${COMP_WORDS[COMP_CWORD]}" == -* ]]; then
    case "$at" in
${options.join("\n")}
    esac
    return
  fi
  case "$at" in
${plain.join("\n")}
  esac
}
complete -o default -F _icx icx
`;
}
