import { Box, Static, Text, render, useInput, type Key } from "ink";
import { createElement as h, useState, type ReactNode } from "react";
import type { Io } from "../context/io.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";

/** Questions to a person at a terminal, one after the other; answers stay visible above. */
export interface QuestionForm {
  /** A line of text; `problemOf` says what is wrong with it, and the question stays. */
  text(question: string, problemOf?: (answer: string) => string | undefined): Promise<string>;
  yesNo(question: string): Promise<boolean>;
  /** The index of the chosen option. */
  choose(question: string, options: readonly string[]): Promise<number>;
  close(): void;
}

type Question =
  | { readonly kind: "text"; readonly question: string; readonly problemOf: (answer: string) => string | undefined; readonly answer: (text: string) => void }
  | { readonly kind: "choose"; readonly question: string; readonly options: readonly string[]; readonly answer: (index: number) => void };
interface Shown { readonly done: readonly string[]; readonly question: Question | undefined }

/** Opens a form on stderr, because stdout carries the result alone. Escape and Ctrl-C end it: the pending question is refused with ICX5010. */
export function openForm(io: Pick<Io, "stdin" | "stderr">): QuestionForm {
  let shown: Shown = { done: [], question: undefined }, redraw: ((next: Shown) => void) | undefined, refuse: (reason: IcxError) => void = () => undefined;
  const change = (next: Shown): void => { shown = next; redraw?.(next); };
  const cancel = (): void => refuse(new IcxError(ERRORS.arguments.declined));
  const app = render(h(Form, { initial: shown, bind: (set: (next: Shown) => void) => { redraw = set; if (shown.question !== undefined) set(shown); }, cancel }),
    { stdout: io.stderr as NodeJS.WriteStream, stdin: io.stdin as NodeJS.ReadStream, exitOnCtrlC: false, patchConsole: false, interactive: true });
  const ask = <T>(make: (answer: (value: T) => void) => Question, words: (value: T) => string): Promise<T> => new Promise((resolve, reject) => {
    refuse = reject;
    const question = make((value) => { change({ done: [...shown.done, `${question.question} ${words(value)}`], question: undefined }); resolve(value); });
    change({ ...shown, question });
  });
  const choose = (question: string, options: readonly string[]): Promise<number> => ask((answer) => ({ kind: "choose", question, options, answer }), (index) => options[index]!);
  return {
    text: (question, problemOf = () => undefined) => ask((answer) => ({ kind: "text", question, problemOf, answer }), (text) => text),
    yesNo: async (question) => await choose(question, ["no", "yes"]) === 1,
    choose, close: () => app.unmount(),
  };
}

function Form({ initial, bind, cancel }: { readonly initial: Shown; readonly bind: (set: (next: Shown) => void) => void; readonly cancel: () => void }): ReactNode {
  const [shown, setShown] = useState(initial), [typed, setTyped] = useState(""), [at, setAt] = useState(0), [problem, setProblem] = useState<string>();
  const { question } = shown;
  useState(() => { queueMicrotask(() => bind((next) => { setTyped(""); setAt(0); setProblem(undefined); setShown(next); })); });
  useInput((input: string, key: Key) => {
    if (key.escape || (key.ctrl && input === "c")) return cancel();
    if (question?.kind === "choose") return onChoice(question, input, key, at, setAt);
    if (question?.kind !== "text") return;
    if (key.return) { const wrong = question.problemOf(typed); if (wrong === undefined) question.answer(typed); else setProblem(wrong); return; }
    setProblem(undefined);
    if (key.backspace || key.delete) setTyped([...typed].slice(0, -1).join(""));
    else if (!key.ctrl && !key.meta) setTyped(typed + input);
  });
  return h(Box, { flexDirection: "column" },
    h(Static<string>, { items: [...shown.done], children: (line: string, index: number) => h(Text, { key: index, dimColor: true }, line) }),
    question === undefined ? null : h(Text, null, h(Text, { bold: true }, question.question), question.kind === "text" ? ` ${typed}█` : ""),
    question?.kind === "choose" ? question.options.map((option, index) => h(Text, { key: index, ...(index === at ? { color: "cyan" } : {}) }, `${index === at ? "❯" : " "} ${option}`)) : null,
    problem === undefined ? null : h(Text, { color: "red" }, problem));
}

/** Arrows and Enter, or the first letter of an option that no other begins with. */
function onChoice(question: Extract<Question, { readonly kind: "choose" }>, input: string, key: Key, at: number, setAt: (index: number) => void): void {
  const { options } = question;
  if (key.return) return question.answer(at);
  if (key.upArrow) return setAt((at + options.length - 1) % options.length);
  if (key.downArrow) return setAt((at + 1) % options.length);
  const meant = input === "" ? [] : options.flatMap((option, index) => (option.startsWith(input) ? [index] : []));
  if (meant.length === 1) question.answer(meant[0]!);
}
