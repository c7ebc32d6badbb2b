import { ASKED, type Point, isAsked } from "./points.ts";

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const row = (name: string, summary: string): string => `@(${quoted(name)}, ${quoted(summary === "" ? name : summary)})`;

/** For Windows PowerShell 5 and PowerShell 7. */
export function powershellScript(points: readonly Point[]): string {
  const table = points.map(({ words, commands, options, values }) =>
    `  ${quoted(words)} = @{ ask = ${quoted(isAsked(values) ? ASKED[values] : "")}; rows = @(${[...commands.map(({ name, summary }) => row(name, summary)), ...(typeof values === "string" ? [] : values.map((value) => row(value, value))), ...options.map(({ long, summary }) => row(long, summary))].join(", ")}) }`);
  const choices = points.flatMap(({ words, options }) => options.filter((option) => option.choices.length > 0).flatMap(({ long, short, choices: values }) =>
    [long, ...(short === undefined ? [] : [short])].map((spelling) => `  ${quoted(`${words}|${spelling}`)} = @(${values.map(quoted).join(", ")})`)));
  const asks = points.flatMap(({ words, options }) => options.flatMap(({ long, takes }) => (isAsked(takes) ? [`  ${quoted(`${words}|${long}`)} = ${quoted(ASKED[takes])}`] : [])));
  return `# PowerShell completion for icx; made by: icx completion powershell
$icxPoints = @{
${table.join("\n")}
}
$icxChoices = @{
${[...new Set(choices)].join("\n")}
}
$icxAsks = @{
${asks.join("\n")}
}
Register-ArgumentCompleter -Native -CommandName icx -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $at = ''
  foreach ($word in $words) {
    $next = "$at $word".Trim()
    if ($icxPoints.ContainsKey($next)) { $at = $next }
  }
  $last = if ($words.Count -gt 0) { $words[-1] } else { '' }
  if ($icxChoices.ContainsKey("$at|$last")) {
    $rows = $icxChoices["$at|$last"] | ForEach-Object { , @($_, $_) }
  } elseif ($icxAsks.ContainsKey("$at|$last")) {
    $rows = @(& icx @($icxAsks["$at|$last"] -split ' ') 2>$null | ForEach-Object { , @($_, $_) })
  } else {
    $rows = $icxPoints[$at].rows
    if ($icxPoints[$at].ask -ne '' -and -not $wordToComplete.StartsWith('-')) { $rows += @(& icx @($icxPoints[$at].ask -split ' ') 2>$null | ForEach-Object { , @($_, $_) }) }
  }
  $rows | Where-Object { $_[0] -like "$wordToComplete*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1]) }
}
`;
}
