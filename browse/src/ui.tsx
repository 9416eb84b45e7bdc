/** Small parts that every view uses. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ApiError } from "./api";

export interface Loaded<T> {
  value: T | null;
  error: ApiError | null;
  /** A newer value is on its way; the old one stays until it is there. */
  busy: boolean;
  again: () => void;
}

export function asError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, "", error instanceof Error ? error.message : String(error));
}

/** Load for these dependencies; what was asked before is given up. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, dependencies: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<{ value: T | null; error: ApiError | null; busy: boolean }>({ value: null, error: null, busy: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    setState((before) => ({ ...before, busy: true }));
    load(controller.signal).then(
      (value) => controller.signal.aborted || setState({ value, error: null, busy: false }),
      (error: unknown) => controller.signal.aborted || setState({ value: null, error: asError(error), busy: false }),
    );
    return () => controller.abort();
  }, [...dependencies, turn]);
  return { ...state, again: () => setTurn((before) => before + 1) };
}

export function Failure({ error, again }: { error: ApiError; again?: () => void }): JSX.Element {
  return (
    <div class="failure" role="alert">
      <p class="failure-message">{error.message}</p>
      {error.details && <p>{error.details}</p>}
      {error.hint && <p>{error.hint}</p>}
      <p class="faint">
        {[error.status || "", error.code].filter(Boolean).join(" · ")}
        {again && <button type="button" class="quiet" onClick={again}>Try again</button>}
      </p>
    </div>
  );
}

export function Copy({ text, label = "Copy" }: { text: string; label?: string }): JSX.Element {
  const [done, setDone] = useState("");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setDone("Copied");
    } catch {
      setDone("Not allowed here");
    }
    setTimeout(() => setDone(""), 1500);
  };
  return <button type="button" onClick={copy} aria-live="polite">{done || label}</button>;
}

/** A button that opens a panel below itself; Escape and a click elsewhere close it. */
export function Menu({ label, children, align = "start" }: {
  label: ComponentChildren;
  children: ComponentChildren | ((close: () => void) => ComponentChildren);
  align?: "start" | "end";
}): JSX.Element {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      setOpen(false);
      root.current?.querySelector("button")?.focus();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("keydown", escape, true);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("keydown", escape, true);
    };
  }, [open]);
  return (
    <div class="menu" ref={root}>
      <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {label}
      </button>
      {open && (
        <div class={`panel panel-${align}`} id={id}>
          {typeof children === "function" ? children(() => setOpen(false)) : children}
        </div>
      )}
    </div>
  );
}

export function Dialog({ title, children, close }: { title: string; children: ComponentChildren; close: () => void }): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} aria-labelledby={id} onClose={close}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

export function Tabs<T extends string>({ names, chosen, choose, label }: {
  names: readonly T[];
  chosen: T;
  choose: (name: T) => void;
  label: string;
}): JSX.Element {
  return (
    <div class="tabs" role="group" aria-label={label}>
      {names.map((name) => (
        <button type="button" key={name} aria-pressed={name === chosen} onClick={() => choose(name)}>{name}</button>
      ))}
    </div>
  );
}

export function count(number: number): string {
  return number.toLocaleString("en");
}

export function plural(number: number, one: string): string {
  return `${count(number)} ${number === 1 ? one : `${one}s`}`;
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/** Whether the event comes from a place where letters are typed. */
export function isTyping(event: Event): boolean {
  const target = event.target as HTMLElement;
  return target.matches("input, textarea, select") || target.isContentEditable;
}

/** Offer a file to be saved. */
export function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name.replace(/[\\/:*?"<>|\p{Cc}]/gu, "_");
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
