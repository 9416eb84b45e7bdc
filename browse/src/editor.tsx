/** The form for a new row, or for the changes of one: only what was touched is sent. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError, send, type Reply } from "./api";
import { outgoing, profile, rowAddress, rowsPath, type Table } from "./catalog";
import { Field, draftOf, valueFrom, type Draft } from "./fields";
import { asRows, newRow, parseJson, textOf, writeJson, type Row } from "./json";
import { asError, Failure, plural } from "./ui";

/** The columns that an error is about. The API's own messages name them; a constraint's name leads to its columns. */
export function columnsOf(error: ApiError, table: Table, sent: Row): string[] {
  const text = `${error.message}\n${error.details}`;
  const named = table.columns.map((column) => column.name).filter((name) =>
    [`column '${name}'`, `column "${name}"`, `'${name}' column`, `Column '${name}'`, `Field '${name}'`].some((words) => text.includes(words)),
  );
  if (named.length > 0) return named;
  const key = /^The key \(([^]*)\) is not present/.exec(error.details);
  if (key) return table.columns.map((column) => column.name).filter((name) => key[1]!.split(/, ?/).includes(name));
  const clash = /^Key ([^]*) = '([^]*)' already exists\.$/.exec(error.details);
  if (clash) {
    const keys = clash[1]!.endsWith("PRIMARY") ? [table.primary_key] : table.unique_keys;
    const values = clash[2]!.toLowerCase();
    const fits = (columns: readonly string[]): boolean => columns.map((name) => textOf(sent[name] ?? "")).join("-").toLowerCase() === values;
    return keys.find(fits) ?? keys.find((columns) => clash[1]!.endsWith(columns[0]!)) ?? keys.find((columns) => columns.some((name) => name in sent)) ?? [];
  }
  return table.columns.map((column) => column.name).filter((name) => name in sent && name.length > 2 && error.message.includes(name));
}

export function Editor({ table, row, tag, current, saved, cancel }: {
  table: Table;
  /** The row as it was read; null: a new one. */
  row: Row | null;
  /** Its ETag, where the API gives one: it keeps this form from overwriting a later change. */
  tag: string | null;
  /** The key in the address. */
  current: readonly string[];
  saved: (row: Row | null) => void;
  cancel: () => void;
}): JSX.Element {
  const [drafts, setDrafts] = useState<ReadonlyMap<string, Draft>>(new Map());
  const [error, setError] = useState<ApiError | null>(null);
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const [busy, setBusy] = useState(false);
  const writable = table.columns.filter((column) => !column.generated);
  const before = (name: string): string | null | undefined => {
    const column = table.columns.find((each) => each.name === name)!;
    return row && name in row ? draftOf(row[name]!, column) : undefined;
  };
  const change = (name: string, draft: Draft): void => {
    const original = before(name);
    setDrafts((all) => new Map(all).set(name, row && draft === original ? undefined : draft));
    setErrors((all) => new Map([...all].filter(([each]) => each !== name)));
  };
  const changed = writable.filter((column) => drafts.get(column.name) !== undefined);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const sent = newRow();
    const wrong = new Map<string, string>();
    for (const column of changed) {
      const draft = drafts.get(column.name)!;
      const original = before(column.name);
      // a text area shows every line break as \n: one that was \r\n stays so
      const text = draft !== null && typeof original === "string" && original.includes("\r\n") ? draft.replace(/\r?\n/g, "\r\n") : draft;
      try {
        sent[column.name] = valueFrom(text, column);
      } catch (failure) {
        wrong.set(column.name, `This is not JSON: ${(failure as Error).message}`);
      }
    }
    setErrors(wrong);
    setError(null);
    if (wrong.size > 0) return focusFirst();
    setBusy(true);
    try {
      const reply = await (row ? update(table, current, sent, tag) : insert(table, sent));
      saved(reply.text ? (asRows(parseJson(reply.text))[0] ?? null) : null);
    } catch (failure) {
      const refused = asError(failure);
      const columns = columnsOf(refused, table, sent).filter((name) => writable.some((column) => column.name === name));
      const words = [refused.message, refused.details].filter(Boolean).join(" ");
      setErrors(new Map(columns.map((name) => [name, words])));
      setError(columns.length > 0 ? null : refused);
      setBusy(false);
      focusFirst();
    }
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) (event.currentTarget as HTMLFormElement).requestSubmit();
  };
  return (
    <form class="editor" onSubmit={submit} onKeyDown={keys} noValidate>
      {writable.map((column) => (
        <Field
          key={column.name} column={column} isNew={row === null}
          draft={drafts.get(column.name) === undefined ? before(column.name) : drafts.get(column.name)}
          change={(draft) => change(column.name, draft)}
          error={errors.get(column.name) ?? null}
          reference={outgoing(table).find((each) => each.columns.length === 1 && each.columns[0] === column.name)}
        />
      ))}
      {error?.status === 412 ? (
        <div class="failure" role="alert">
          <p class="failure-message">Somebody has changed this row since you opened it.</p>
          <p>Nothing was saved. Open the row again to see it as it is now; your changes here are lost then.</p>
          <button type="button" onClick={() => location.reload()}>Open it again</button>
        </div>
      ) : (
        error && <Failure error={error} />
      )}
      <div class="actions">
        <button type="submit" class="primary" disabled={busy || (row !== null && changed.length === 0)}>
          {row ? (changed.length ? `Save ${plural(changed.length, "change")}` : "Save") : "Insert"}
        </button>
        <button type="button" class="quiet" onClick={cancel}>Cancel</button>
      </div>
    </form>
  );
}

function focusFirst(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".field[data-invalid=true] :is(input, select, textarea), .failure")?.focus());
}

const writing = (table: Table): Record<string, string> => ({
  "Content-Profile": table.schema,
  "Content-Type": "application/json",
});

function insert(table: Table, row: Row): Promise<Reply> {
  // the way to the new row is its key; without one there is nothing to be read back
  const answer = table.primary_key.length > 0 ? "representation" : "minimal";
  return send({ method: "POST", path: rowsPath(table.name), headers: { ...writing(table), Prefer: `return=${answer}` }, body: writeJson(row) });
}

function update(table: Table, key: readonly string[], row: Row, tag: string | null): Promise<Reply> {
  const condition: Record<string, string> = tag ? { "If-Match": tag } : {};
  const headers = { ...writing(table), ...condition, Prefer: "return=representation" };
  return send({ method: "PATCH", ...rowAddress(table, key), headers, body: writeJson(row) });
}

export function remove(table: Table, key: readonly string[], tag: string | null): Promise<Reply> {
  const condition: Record<string, string> = tag ? { "If-Match": tag } : {};
  return send({ method: "DELETE", ...rowAddress(table, key), headers: { ...profile(table.schema), "Content-Profile": table.schema, ...condition } });
}
