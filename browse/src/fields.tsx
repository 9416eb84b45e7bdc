/** One column's value in a form. The text of a field is what the user typed; `valueFrom` makes JSON of it. */

import type { JSX, TargetedEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { getJson } from "./api";
import { base64Of, bytesIn, imageType, sizeText } from "./binary";
import { labelOf, profile, rowsPath, shortType, table as loadTable, type Column, type Relationship } from "./catalog";
import { isNumeric } from "./cells";
import { nameText, quoted, writeQuery, type Parameter } from "./grammar";
import { asRows, exactNumber, parseJson, textOf, writeJson, type Json } from "./json";

/** What is in a field: null is the database's; undefined: untouched, so a new row gets the default. */
export type Draft = string | null | undefined;

export function draftOf(value: Json, column: Column): string | null {
  if (value === null) return null;
  if (column.kind === "json" || column.kind === "geometry") return writeJson(value, column.kind === "json" ? 2 : undefined);
  if (column.kind === "set" && Array.isArray(value)) return value.map(textOf).join(",");
  return textOf(value);
}

/** Throws a `SyntaxError` where the text is not JSON and has to be. */
export function valueFrom(draft: string | null, column: Column): Json {
  if (draft === null) return null;
  switch (column.kind) {
    case "json":
    case "geometry":
      return parseJson(draft);
    case "set":
      return draft === "" ? [] : draft.split(",");
    case "boolean":
      return draft === "true" ? true : draft === "false" ? false : draft;
    default:
      return isNumeric(column.kind) ? exactNumber(draft.trim()) : draft;
  }
}

function placeholder(column: Column, isNew: boolean): string {
  if (!isNew) return "";
  if (column.auto_increment) return "counted up by the database";
  if (column.default !== null) return `default: ${column.default}`;
  return column.nullable ? "null" : "";
}

export function Field({ column, draft, change, isNew, error, reference }: {
  column: Column;
  draft: Draft;
  change: (draft: Draft) => void;
  isNew: boolean;
  error: string | null;
  /** The foreign key of this column alone. */
  reference: Relationship | undefined;
}): JSX.Element {
  const id = `field-${column.name}`;
  const described = error ? `${id}-error` : undefined;
  return (
    <div class="field" data-invalid={error !== null} data-changed={draft !== undefined}>
      <label for={id}>
        <bdi>{column.name}</bdi>
        {isNew && column.required && <span class="required" aria-hidden="true">*</span>}
        {" "}
        <span class="faint">{shortType(column)}</span>
      </label>
      <div class="field-value">
        <div class="field-input">
          <Input id={id} column={column} draft={draft} change={change} isNew={isNew} described={described} reference={reference} />
          {column.nullable && (
            <button type="button" class="quiet" aria-pressed={draft === null} onClick={() => change(draft === null ? (isNew ? undefined : "") : null)}>null</button>
          )}
        </div>
        {column.comment && <p class="faint"><bdi>{column.comment}</bdi></p>}
        {error && <p class="field-error" id={described} role="alert">{error}</p>}
      </div>
    </div>
  );
}

interface Common {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean;
  "aria-required": boolean;
  placeholder: string;
  value: string;
  onInput: (event: TargetedEvent<HTMLInputElement | HTMLTextAreaElement>) => void;
}

function Input({ id, column, draft, change, isNew, described, reference }: {
  id: string;
  column: Column;
  draft: Draft;
  change: (draft: Draft) => void;
  isNew: boolean;
  described: string | undefined;
  reference: Relationship | undefined;
}): JSX.Element {
  const text = draft ?? "";
  const common: Common = {
    id,
    "aria-describedby": described,
    "aria-invalid": described !== undefined,
    "aria-required": isNew && column.required,
    placeholder: draft === null ? "null" : placeholder(column, isNew),
    value: text,
    onInput: (event) => change(event.currentTarget.value),
  };
  if (reference) return <ReferenceInput common={common} relationship={reference} search={text} />;
  switch (column.kind) {
    case "boolean":
      return <Choice id={id} described={described} names={["true", "false"]} draft={draft} change={change} isNew={isNew} />;
    case "enum":
      if (column.values) return <Choice id={id} described={described} names={column.values} draft={draft} change={change} isNew={isNew} />;
      break;
    case "set":
      if (column.values) return <Members id={id} names={column.values} text={text} change={change} />;
      break;
    case "binary":
      return <FileInput id={id} draft={draft} change={change} limit={column.max_length} />;
    case "json":
    case "geometry":
      return <textarea {...common} class="mono" spellcheck={false} rows={Math.min(16, Math.max(3, text.split("\n").length))} />;
    case "date":
      if (text === "" || /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(text)) return <input {...common} type="date" />;
      break;
    case "text":
      if ((column.max_length ?? 0) > 255 || text.includes("\n") || text.includes("\r")) {
        return <textarea {...common} rows={Math.min(12, Math.max(3, text.split("\n").length))} />;
      }
  }
  const example = column.kind === "datetime" || column.kind === "timestamp" ? "2024-01-31 12:00:00" : column.kind === "time" ? "12:00:00" : "";
  return <input {...common} type="text" inputMode={isNumeric(column.kind) ? "decimal" : "text"} placeholder={common.placeholder || example} autocomplete="off" />;
}

function Choice({ id, described, names, draft, change, isNew }: {
  id: string;
  described: string | undefined;
  names: readonly string[];
  draft: Draft;
  change: (draft: Draft) => void;
  isNew: boolean;
}): JSX.Element {
  const listed = draft === undefined || draft === null || names.includes(draft) ? names : [...names, draft];
  return (
    <select id={id} aria-describedby={described} value={draft === undefined || draft === null ? "\0" : draft} onChange={(event) => change(event.currentTarget.value)}>
      {(draft === undefined || draft === null) && <option value={"\0"} disabled>{draft === null ? "null" : isNew ? "—" : ""}</option>}
      {listed.map((name) => <option key={name} value={name}>{name === "" ? "(empty)" : name}</option>)}
    </select>
  );
}

function Members({ id, names, text, change }: { id: string; names: readonly string[]; text: string; change: (draft: Draft) => void }): JSX.Element {
  const chosen = new Set(text === "" ? [] : text.split(","));
  const toggle = (name: string): void => {
    if (!chosen.delete(name)) chosen.add(name);
    change(names.filter((each) => chosen.has(each)).join(","));
  };
  return (
    <div class="members" role="group" id={id}>
      {names.map((name) => (
        <label key={name}><input type="checkbox" checked={chosen.has(name)} onChange={() => toggle(name)} /> <bdi>{name}</bdi></label>
      ))}
    </div>
  );
}

function FileInput({ id, draft, change, limit }: { id: string; draft: Draft; change: (draft: Draft) => void; limit: number | null }): JSX.Element {
  const image = draft ? imageType(draft) : null;
  const bytes = draft ? bytesIn(draft) : 0;
  return (
    <div class="file">
      {draft && image && <img class="thumbnail" src={`data:${image};base64,${draft}`} alt="" />}
      {draft !== null && draft !== undefined && <span class="faint">{sizeText(bytes)}</span>}
      {limit !== null && bytes > limit && <span class="field-error">at most {sizeText(limit)}</span>}
      <input id={id} type="file" onChange={async (event) => { const file = event.currentTarget.files?.[0]; if (file) change(await base64Of(file)); }} />
    </div>
  );
}

/** Suggests rows of the table that the key points at, found by key or by label. */
function ReferenceInput({ common, relationship, search }: {
  common: Common;
  relationship: Relationship;
  search: string;
}): JSX.Element {
  const [found, setFound] = useState<{ key: string; label: string }[]>([]);
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!asked) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(() => void suggest(relationship, search, controller.signal).then(setFound, () => undefined), 200);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [asked, search]);
  return (
    <>
      <input {...common} type="text" list={`${common.id}-list`} autocomplete="off" onFocus={() => setAsked(true)} />
      <datalist id={`${common.id}-list`}>
        {found.map(({ key, label }) => <option key={key} value={key}>{label}</option>)}
      </datalist>
    </>
  );
}

async function suggest(relationship: Relationship, search: string, signal: AbortSignal): Promise<{ key: string; label: string }[]> {
  const target = await loadTable({ schema: relationship.schema, table: relationship.table });
  const key = relationship.table_columns[0]!;
  const label = labelOf(target);
  const isText = target.columns.find((column) => column.name === key)?.kind === "text";
  const filters: Parameter[] = [];
  if (search !== "" && label !== null) {
    const text = quoted(`*${search}*`);
    filters.push(["or", `(${nameText(label)}.ilike.${text}${isText ? `,${nameText(key)}.ilike.${text}` : ""})`]);
  }
  const select = [key, ...(label !== null && label !== key ? [label] : [])].map(nameText).join(",");
  const query = writeQuery([["select", select], ...filters, ["limit", "20"]]);
  const rows = asRows(await getJson({ method: "GET", path: rowsPath(target.name), query, headers: profile(target.schema) }, signal));
  return rows.map((row) => ({ key: textOf(row[key] ?? null), label: label === null ? "" : textOf(row[label] ?? "") }));
}
