import { ASKED, type Point, isAsked } from "./points.ts";

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** For fish 3 and later. */
export function fishScript(points: readonly Point[]): string {
  const lines = points.flatMap(({ words, commands, options, values }) => {
    const at = `complete -c icx -n ${quoted(`__icx_at ${quoted(words)}`)}`;
    return [
      ...commands.map(({ name, summary }) => `${at} -f -a ${name} -d ${quoted(summary)}`),
      ...options.map(({ long, short, summary, takes, choices }) => {
        const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : isAsked(takes) ? ` -x -a '(icx ${ASKED[takes]} 2>/dev/null)'` : takes === "file" ? " -r -F" : takes === "text" ? " -x" : "";
        return `${at} -l ${long.slice(2)}${short === undefined ? "" : ` -s ${short.slice(1)}`}${value} -d ${quoted(summary)}`;
      }),
      ...(isAsked(values) ? [`${at} -f -a '(icx ${ASKED[values]} 2>/dev/null)'`] : values === "files" ? [] : values.length > 0 ? [`${at} -f -a ${quoted(values.join(" "))}`] : []),
    ];
  });
  return `# fish completion for icx; made by: icx completion fish
function __icx_at
    set -l known ${points.filter(({ words }) => words !== "").map(({ words }) => quoted(words)).join(" ")}
    set -l at ""
    for word in (commandline -opc)[2..-1]
        set -l next (string trim -- "$at $word")
        contains -- "$next" $known; and set at $next
    end
    test "$at" = "$argv[1]"
end
${lines.join("\n")}
`;
}
