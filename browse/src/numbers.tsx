/** Rows grouped and counted, by the grammar's aggregates: a table whose rows are bars, or a table of two columns. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { nextQuery, send, type Call } from "./api";
import { columnOf, profile, rowsPath, table as loadTable, tables, type Column, type Name, type Table } from "./catalog";
import { Cell, isNumeric } from "./cells";
import { FilterBar, isFilter } from "./filters";
import { equals, nameText, parseQuery, parseSelect, valueOf, withValue, writeQuery, type Query } from "./grammar";
import { asRows, isLosslessNumber, parseJson, textOf, type Json, type Row } from "./json";
import { go, link, type Route } from "./route";
import { Code, Heading } from "./rows";
import { count, Failure, useLoad, useTitle } from "./ui";

const MOST_PAGES = 10;
const SHOWN = 60;
const COLUMNS = 10;
const VALUE = "value";

const MEASURES = ["count", "sum", "avg", "min", "max"] as const;
type Measure = (typeof MEASURES)[number];

interface Question {
  groups: string[];
  measure: Measure;
  /** What is summed up; null with `count`. */
  of: string | null;
}

function questionIn(query: Query, table: Table): Question {
  const items = parseSelect(valueOf(query, "select"));
  const groups = items.flatMap((item) => (item.column !== null && columnOf(table, item.column) ? [item.column] : [])).slice(0, 2);
  const measured = /^value:(?:(.*)\.)?(count|sum|avg|min|max)\(\)$/s.exec(items.find((item) => item.name === VALUE)?.text ?? "");
  const of = measured?.[1] === undefined ? null : (parseSelect(measured[1])[0]?.column ?? null);
  return { groups, measure: (measured?.[2] as Measure | undefined) ?? "count", of };
}

function written(question: Question, filters: Query): string {
  const measure = question.of === null ? "count()" : `${nameText(question.of)}.${question.measure}()`;
  const select = [...question.groups.map(nameText), `${VALUE}:${measure}`].join(",");
  return writeQuery(withValue(filters, "select", select));
}

const canGroup = (column: Column): boolean => !["json", "geometry", "binary"].includes(column.kind);

/** The first that people would count by: few values, or the way to another table. */
function firstGroup(table: Table): string | undefined {
  const references = table.foreign_keys.filter((key) => key.columns.length === 1).map((key) => key.columns[0]);
  const kinds = ["enum", "boolean", "set", "year"];
  return (
    table.columns.find((column) => kinds.includes(column.kind))?.name ??
    references[0] ??
    table.columns.find((column) => canGroup(column) && !table.primary_key.includes(column.name))?.name ??
    table.columns.find(canGroup)?.name
  );
}

export function Numbers({ route }: { route: Route }): JSX.Element {
  const name: Name = { schema: route.schema, table: route.table };
  useTitle(`Numbers · ${name.table}`);
  const table = useLoad(() => Promise.all([loadTable(name), tables()]), []);
  if (table.error) return <section class="view"><Failure error={table.error} again={table.again} /></section>;
  if (!table.value) return <section class="view" aria-busy="true" />;
  const [found, known] = table.value;
  return <Answered route={route} name={name} table={found} isDefault={known[0]?.schema === name.schema} />;
}

function Answered({ route, name, table, isDefault }: { route: Route; name: Name; table: Table; isDefault: boolean }): JSX.Element {
  const query = parseQuery(route.query);
  const filters = query.filter(isFilter);
  const asked = questionIn(query, table);
  const first = firstGroup(table);
  const question: Question = asked.groups.length === 0 && first !== undefined ? { ...asked, groups: [first] } : asked;
  const call: Call = { method: "GET", path: rowsPath(name.table), query: written(question, filters), headers: profile(name.schema) };
  const [byValue, setByValue] = useState(true);
  const [coded, setCoded] = useState(false);
  const answer = useLoad(
    async (signal) => {
      const rows: Row[] = [];
      let next: string | null = call.query!;
      for (let page = 0; next !== null && page < MOST_PAGES; page++) {
        const reply = await send({ ...call, query: next }, signal);
        rows.push(...asRows(parseJson(reply.text)));
        next = nextQuery(reply);
      }
      return { query: call.query, question, rows, isCut: next !== null };
    },
    [call.query],
  );
  const ask = (changed: Question): void => go(link("numbers", name, written(changed, filters)));
  const group = (index: number, value: string): void => {
    const groups = [...question.groups];
    if (value === "") groups.splice(index, 1);
    else groups[index] = value;
    ask({ ...question, groups });
  };
  const groupable = table.columns.filter(canGroup);
  const numeric = table.columns.filter((column) => isNumeric(column.kind));
  const measured = question.measure === "min" || question.measure === "max" ? groupable : numeric;
  return (
    <section class="view numbers" aria-label={`Numbers of ${name.table}`}>
      <header class="head">
        <Heading table={table}><a href={link("rows", name, writeQuery(filters))}><bdi>{table.name}</bdi></a> <span class="faint">in numbers</span></Heading>
        <div class="tools"><button type="button" aria-pressed={coded} onClick={() => setCoded(!coded)}>Code</button></div>
      </header>
      <form class="question" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span>Show</span>
          <select aria-label="Show" value={question.of === null ? "count" : question.measure} onChange={(event) => {
            const measure = event.currentTarget.value as Measure;
            ask({ ...question, measure, of: measure === "count" ? null : (question.of ?? numeric[0]?.name ?? null) });
          }}>
            {MEASURES.filter((each) => each === "count" || numeric.length > 0).map((each) => <option key={each} value={each}>{each === "count" ? "the number of rows" : each}</option>)}
          </select>
        </label>
        {question.of !== null && (
          <label>
            <span>of</span>
            <select aria-label="of" value={question.of} onChange={(event) => ask({ ...question, of: event.currentTarget.value })}>
              {measured.map((column) => <option key={column.name} value={column.name}>{column.name}</option>)}
            </select>
          </label>
        )}
        <label>
          <span>by</span>
          <select aria-label="by" value={question.groups[0] ?? ""} onChange={(event) => group(0, event.currentTarget.value)}>
            {groupable.map((column) => <option key={column.name} value={column.name}>{column.name}</option>)}
          </select>
        </label>
        <label>
          <span>and</span>
          <select aria-label="and" value={question.groups[1] ?? ""} onChange={(event) => group(1, event.currentTarget.value)}>
            <option value="">nothing else</option>
            {groupable.filter((column) => column.name !== question.groups[0]).map((column) => <option key={column.name} value={column.name}>{column.name}</option>)}
          </select>
        </label>
        <label>
          <span>ordered by</span>
          <select aria-label="ordered by" value={byValue ? "value" : "group"} onChange={(event) => setByValue(event.currentTarget.value === "value")}>
            <option value="value">number</option>
            <option value="group">{question.groups[0] ?? "group"}</option>
          </select>
        </label>
      </form>
      {coded && <Code reading={{ table: name.table, schema: isDefault ? null : name.schema, call }} />}
      <FilterBar key={route.query} table={table} query={filters} change={(changed) => go(link("numbers", name, written(question, changed)))} />
      {answer.error && <Failure error={answer.error} again={answer.again} />}
      {answer.value && (
        <div class="scroll" data-busy={answer.busy || answer.value.query !== call.query}>
          {answer.value.question.groups.length === 2 ? (
            <Crossed name={name} table={table} question={answer.value.question} rows={answer.value.rows} filters={filters} byValue={byValue} />
          ) : (
            <Bars name={name} table={table} question={answer.value.question} rows={answer.value.rows} filters={filters} byValue={byValue} />
          )}
          {answer.value.isCut && <p class="faint padded">There are more groups than the {count(answer.value.rows.length)} that were fetched. A filter makes them fewer.</p>}
        </div>
      )}
    </section>
  );
}

const numberIn = (value: Json | undefined): number => (isLosslessNumber(value) ? Number(value.value) : 0);

function compare(one: Json, other: Json): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  if (isLosslessNumber(one) && isLosslessNumber(other)) return Number(one.value) - Number(other.value);
  return textOf(one).localeCompare(textOf(other), "en", { numeric: true });
}

/** The rows of one group. A set is not found by `eq`. */
function groupLink(name: Name, table: Table, filters: Query, values: readonly (readonly [string, Json])[]): string | null {
  if (values.some(([column]) => columnOf(table, column)?.kind === "set")) return null;
  const added = values.map(([column, value]) => {
    const isTruth = typeof value === "boolean";
    return isTruth ? ([nameText(column), `is.${value}`] as const) : equals(column, value === null ? null : textOf(value));
  });
  return link("rows", name, writeQuery([...filters, ...added]));
}

interface Shown {
  name: Name;
  table: Table;
  question: Question;
  rows: readonly Row[];
  filters: Query;
  byValue: boolean;
}

function Bars({ name, table, question, rows, filters, byValue }: Shown): JSX.Element {
  const group = question.groups[0]!;
  const kind = columnOf(table, group)?.kind ?? null;
  const sorted = rows.toSorted((one, other) => (byValue ? numberIn(other[VALUE]) - numberIn(one[VALUE]) : compare(one[group] ?? null, other[group] ?? null)));
  const [all, setAll] = useState(false);
  const shown = all ? sorted : sorted.slice(0, SHOWN);
  const most = Math.max(...rows.map((row) => Math.abs(numberIn(row[VALUE]))), 0);
  return (
    <>
      <table class="grid bars" aria-label={`Numbers by ${group}`}>
        <thead><tr><th><div><span class="column-name"><bdi>{group}</bdi></span></div></th><th class="end"><div><span class="column-name">{measureText(question)}</span></div></th><th class="bar-cell" aria-hidden="true" /></tr></thead>
        <tbody>
          {shown.map((row, index) => {
            const value = row[group] ?? null;
            const target = groupLink(name, table, filters, [[group, value]]);
            return (
              <tr key={index}>
                <td>{target ? <a class="reference" href={target}><Cell value={value} kind={kind} /></a> : <Cell value={value} kind={kind} />}</td>
                <td class="end"><Figure value={row[VALUE] ?? null} /></td>
                <td class="bar-cell" aria-hidden="true">
                  <svg viewBox="0 0 100 10" preserveAspectRatio="none"><rect width={most ? (Math.abs(numberIn(row[VALUE])) / most) * 100 : 0} height="10" rx="0.4" /></svg>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {shown.length < sorted.length && <p class="padded"><button type="button" onClick={() => setAll(true)}>Show all {count(sorted.length)} groups</button></p>}
    </>
  );
}

function measureText(question: Question): string {
  return question.of === null ? "rows" : `${question.measure} of ${question.of}`;
}

/** A number with separators of thousands; its digits stay what they are. */
function Figure({ value }: { value: Json }): JSX.Element {
  if (!isLosslessNumber(value)) return <Cell value={value} kind={null} />;
  const [whole, fraction] = value.value.split(".");
  if (/[eE]/.test(value.value)) return <>{value.value}</>;
  return <>{whole!.replace(/\B(?=(\d{3})+$)/g, ",")}{fraction === undefined ? "" : `.${fraction}`}</>;
}

function Crossed({ name, table, question, rows, filters, byValue }: Shown): JSX.Element {
  const [down, across] = question.groups as [string, string];
  const kinds = [columnOf(table, down)?.kind ?? null, columnOf(table, across)?.kind ?? null] as const;
  const lines = new Map<string, { value: Json; total: number; cells: Map<string, Json> }>();
  const heads = new Map<string, { value: Json; total: number }>();
  for (const row of rows) {
    const [line, head] = [row[down] ?? null, row[across] ?? null];
    const [lineKey, headKey] = [JSON.stringify([line === null, textOf(line)]), JSON.stringify([head === null, textOf(head)])];
    const amount = Math.abs(numberIn(row[VALUE]));
    const found = lines.get(lineKey) ?? { value: line, total: 0, cells: new Map<string, Json>() };
    lines.set(lineKey, { ...found, total: found.total + amount });
    found.cells.set(headKey, row[VALUE] ?? null);
    heads.set(headKey, { value: head, total: (heads.get(headKey)?.total ?? 0) + amount });
  }
  const order = <T extends { value: Json; total: number }>([, one]: [string, T], [, other]: [string, T]): number =>
    byValue ? other.total - one.total : compare(one.value, other.value);
  const shownHeads = [...heads].sort(order).slice(0, COLUMNS);
  const shownLines = [...lines].sort(order).slice(0, SHOWN);
  const most = Math.max(...rows.map((row) => Math.abs(numberIn(row[VALUE]))), 1e-9);
  const cut = [lines.size > SHOWN ? `${count(lines.size - SHOWN)} more of ${down}` : "", heads.size > COLUMNS ? `${count(heads.size - COLUMNS)} more of ${across}` : ""].filter(Boolean);
  return (
    <>
      <table class="grid crossed" aria-label={`Numbers by ${down} and ${across}`}>
        <thead>
          <tr>
            <th><div><span class="column-name"><bdi>{down}</bdi></span><span class="column-note">{measureText(question)} by <bdi>{across}</bdi></span></div></th>
            {shownHeads.map(([key, head]) => <th key={key} class="end"><div><span class="column-name"><Cell value={head.value} kind={kinds[1]} /></span></div></th>)}
          </tr>
        </thead>
        <tbody>
          {shownLines.map(([key, line]) => (
            <tr key={key}>
              <td><Cell value={line.value} kind={kinds[0]} /></td>
              {shownHeads.map(([head, { value: headValue }]) => {
                const value = line.cells.get(head);
                const target = value === undefined ? null : groupLink(name, table, filters, [[down, line.value], [across, headValue]]);
                const share = value === undefined ? 0 : Math.sqrt(Math.abs(numberIn(value)) / most);
                return (
                  <td key={head} class="end heat">
                    <svg class="heat-fill" aria-hidden="true"><rect width="100%" height="100%" opacity={(share * 0.55).toFixed(3)} /></svg>
                    <span>{value === undefined ? "" : target ? <a href={target}><Figure value={value} /></a> : <Figure value={value} />}</span>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {cut.length > 0 && <p class="faint padded">Not shown: {cut.join(", ")}.</p>}
    </>
  );
}

