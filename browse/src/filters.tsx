/** Filters as a row of chips, and the form that writes them. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { columnOf, type Column, type Kind, type Table } from "./catalog";
import { isNumeric } from "./cells";
import { parseFilter, parseList, writeFilter, writeList, type Filter, type Parameter, type Query } from "./grammar";

/** A way to compare, as people say it. */
interface Comparison {
  name: string;
  label: string;
  operator: string;
  negated?: boolean;
  modifier?: string;
  /** How many values it takes; `fixed`: this one. */
  takes: "one" | "many" | "fixed";
  value?: string;
  before?: string;
  after?: string;
}

const one = (name: string, label: string, operator: string, more: Partial<Comparison> = {}): Comparison => ({ name, label, operator, takes: "one", ...more });
const fixed = (name: string, label: string, value: string): Comparison => ({ name, label, operator: "is", takes: "fixed", value });

const EQUAL = [one("eq", "=", "eq"), one("neq", "≠", "neq")];
const SIZES = [one("gt", ">", "gt"), one("gte", "≥", "gte"), one("lt", "<", "lt"), one("lte", "≤", "lte")];
const LISTS: Comparison[] = [
  { name: "in", label: "is one of", operator: "in", takes: "many" },
  { name: "not in", label: "is none of", operator: "in", negated: true, takes: "many" },
];
const NULLS = [fixed("null", "is null", "null"), fixed("not null", "is not null", "not_null")];
const TRUTHS = [fixed("true", "is true", "true"), fixed("false", "is false", "false")];
const TEXTS = [
  one("contains", "contains", "ilike", { before: "*", after: "*" }),
  one("starts", "starts with", "ilike", { after: "*" }),
  one("like", "is like", "like"),
  one("ilike", "is like, in any case", "ilike"),
  one("not ilike", "does not contain", "ilike", { negated: true, before: "*", after: "*" }),
  one("match", "matches the pattern", "match"),
];
const MEMBERS: Comparison[] = [
  { name: "cs", label: "contains all of", operator: "cs", takes: "one" },
  { name: "ov", label: "contains any of", operator: "ov", takes: "one" },
];

/** What a form offers for a column; every other way stays what it is in the address. */
function offered(table: Table, column: Column, path: string): Comparison[] {
  const kind: Kind = column.kind;
  if (kind === "json") return path ? [...EQUAL, ...TEXTS, ...SIZES, ...LISTS, ...NULLS] : [...MEMBERS, ...NULLS];
  if (kind === "set") return [...MEMBERS, ...NULLS];
  if (kind === "geometry") return NULLS;
  if (kind === "binary") return [...EQUAL, ...NULLS];
  if (kind === "boolean") return [...TRUTHS, ...NULLS];
  if (kind === "enum") return [...EQUAL, ...LISTS, ...NULLS];
  if (kind !== "text") return [...EQUAL, ...SIZES, ...LISTS, ...NULLS];
  const indexed = table.fulltext_indexes.some((columns) => columns.length === 1 && columns[0] === column.name);
  return [...EQUAL, ...TEXTS, ...(indexed ? [one("wfts", "has the words", "wfts")] : []), ...SIZES, ...LISTS, ...NULLS];
}

function nameOfComparison(filter: Filter, comparisons: readonly Comparison[]): Comparison | null {
  const fits = comparisons.filter(
    (each) => each.operator === filter.operator && (each.negated ?? false) === filter.negated && filter.modifier === (each.modifier ?? ""),
  );
  return (
    fits.find((each) => each.takes === "fixed" && each.value === filter.value) ??
    fits.find((each) => each.before && filter.value.length > 1 && filter.value.startsWith("*") && filter.value.endsWith("*")) ??
    fits.find((each) => each.after && !each.before && filter.value.endsWith("*") && !filter.value.startsWith("*")) ??
    fits.find((each) => each.takes !== "fixed" && !each.before && !each.after) ??
    null
  );
}

function bare(filter: Filter, comparison: Comparison): string {
  if (comparison.takes === "many") return parseList(filter.value).join("\n");
  return filter.value.slice(comparison.before?.length ?? 0, filter.value.length - (comparison.after?.length ?? 0));
}

function written(column: string, path: string, comparison: Comparison, text: string): Parameter {
  const list = (): string => writeList(text.split("\n").filter(Boolean));
  const value = comparison.takes === "fixed" ? comparison.value! : comparison.takes === "many" ? list() : `${comparison.before ?? ""}${text}${comparison.after ?? ""}`;
  return writeFilter({ column, path, negated: comparison.negated ?? false, operator: comparison.operator, modifier: comparison.modifier ?? "", value });
}

const NOT_FILTERS = new Set(["select", "order", "limit", "offset"]);

export const isFilter = ([name]: Parameter): boolean => !NOT_FILTERS.has(name);

export function FilterBar({ table, query, change }: { table: Table; query: Query; change: (query: Query) => void }): JSX.Element {
  /** Which parameter the form changes; -1: a new one; null: the form is closed. */
  const [edited, setEdited] = useState<number | null>(null);
  const columns = new Set(table.columns.map((column) => column.name));
  const chips = query.map((parameter, index) => ({ parameter, index })).filter(({ parameter }) => isFilter(parameter));
  const apply = (parameter: Parameter): void => {
    change(edited === -1 ? [...query, parameter] : query.map((each, index) => (index === edited ? parameter : each)));
    setEdited(null);
  };
  return (
    <div class="filters" role="group" aria-label="Filters">
      {chips.map(({ parameter, index }) => (
        <Chip
          key={index}
          table={table}
          parameter={parameter}
          columns={columns}
          edit={() => setEdited(index)}
          remove={() => change(query.filter((_, each) => each !== index))}
        />
      ))}
      {edited === null ? (
        <button type="button" class="quiet" onClick={() => setEdited(-1)}>+ Filter</button>
      ) : (
        <FilterForm key={edited} table={table} columns={columns} initial={edited < 0 ? null : query[edited]!} apply={apply} cancel={() => setEdited(null)} />
      )}
    </div>
  );
}

function Chip({ table, parameter, columns, edit, remove }: {
  table: Table;
  parameter: Parameter;
  columns: ReadonlySet<string>;
  edit: () => void;
  remove: () => void;
}): JSX.Element {
  const filter = parseFilter(parameter, columns);
  const column = filter && columnOf(table, filter.column);
  const comparison = filter && column ? nameOfComparison(filter, offered(table, column, filter.path)) : null;
  const text = `${parameter[0]}=${parameter[1]}`;
  return (
    <span class="chip">
      <button type="button" title={text} onClick={edit}>
        {filter && comparison ? (
          <>
            <bdi>{filter.column}{filter.path}</bdi> <span class="faint">{comparison.label}</span>
            {comparison.takes !== "fixed" && <> <bdi class="chip-value">{bare(filter, comparison).split("\n").join(", ") || "“”"}</bdi></>}
          </>
        ) : (
          <span class="mono">{text}</span>
        )}
      </button>
      <button type="button" aria-label={`Remove the filter ${text}`} onClick={remove}>×</button>
    </span>
  );
}

function FilterForm({ table, columns, initial, apply, cancel }: {
  table: Table;
  columns: ReadonlySet<string>;
  initial: Parameter | null;
  apply: (parameter: Parameter) => void;
  cancel: () => void;
}): JSX.Element {
  const known = initial && parseFilter(initial, columns);
  const first = (known && columnOf(table, known.column)) ?? table.columns[0]!;
  const found = known && nameOfComparison(known, offered(table, first, known.path));
  const raw = initial !== null && !found;
  const [name, setName] = useState(first.name);
  const [path, setPath] = useState(known?.path ?? "");
  const [chosen, setChosen] = useState(found?.name ?? "");
  const [text, setText] = useState(known && found ? bare(known, found) : raw ? `${initial[0]}=${initial[1]}` : "");
  const column = columnOf(table, name)!;
  const comparisons = offered(table, column, path);
  const comparison = comparisons.find((each) => each.name === chosen) ?? comparisons[0]!;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (raw) {
      const at = text.indexOf("=");
      if (at > 0) apply([text.slice(0, at), text.slice(at + 1)]);
    } else apply(written(name, path, comparison, text));
  };
  const escape = (event: KeyboardEvent): void => {
    if (event.key === "Escape") cancel();
  };
  const buttons = (
    <>
      <button type="submit" class="primary">Apply</button>
      <button type="button" class="quiet" onClick={cancel}>Cancel</button>
    </>
  );
  if (raw) {
    return (
      <form class="filter-form" onSubmit={submit} onKeyDown={escape}>
        <input class="wide mono" aria-label="Filter in the grammar" value={text} ref={focus} onInput={(event) => setText(event.currentTarget.value)} />
        {buttons}
      </form>
    );
  }
  return (
    <form class="filter-form" onSubmit={submit} onKeyDown={escape}>
      <select aria-label="Column" value={name} ref={focus} onChange={(event) => { setName(event.currentTarget.value); setPath(""); setText(""); }}>
        {table.columns.map((each) => <option key={each.name} value={each.name}>{each.name}</option>)}
      </select>
      {column.kind === "json" && (
        <input class="mono" aria-label="Path within the JSON" placeholder="->key->>inner" value={path} onInput={(event) => setPath(event.currentTarget.value)} />
      )}
      <select aria-label="Comparison" value={comparison.name} onChange={(event) => setChosen(event.currentTarget.value)}>
        {comparisons.map((each) => <option key={each.name} value={each.name}>{each.label}</option>)}
      </select>
      {comparison.takes !== "fixed" && <ValueInput column={column} many={comparison.takes === "many"} members={comparison.operator === "cs" || comparison.operator === "ov"} value={text} change={setText} />}
      {buttons}
    </form>
  );
}

function ValueInput({ column, many, members, value, change }: {
  column: Column;
  many: boolean;
  members: boolean;
  value: string;
  change: (text: string) => void;
}): JSX.Element {
  if (many) {
    return <textarea aria-label="Values, one a line" placeholder="one a line" rows={3} value={value} onInput={(event) => change(event.currentTarget.value)} />;
  }
  if (column.values && column.kind === "enum") {
    return (
      <select aria-label="Value" value={value} onChange={(event) => change(event.currentTarget.value)}>
        {["", ...column.values.filter((each) => each !== "")].map((each) => <option key={each} value={each}>{each}</option>)}
      </select>
    );
  }
  if (column.kind === "date") return <input aria-label="Value" type="date" value={value} onInput={(event) => change(event.currentTarget.value)} />;
  return (
    <input
      aria-label="Value"
      type="text"
      inputMode={isNumeric(column.kind) ? "decimal" : "text"}
      placeholder={members ? (column.kind === "set" ? "{a,b}" : '["a"] or {"key":1}') : column.kind === "datetime" || column.kind === "timestamp" ? "2024-01-31 12:00:00" : ""}
      value={value}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}

const focus = (element: HTMLElement | null): void => {
  if (element && !element.dataset.focused) {
    element.dataset.focused = "yes";
    element.focus();
  }
};
