/** The rows of a table: the address that asks for them, the forms that write it, and the answer. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { nextQuery, send, totalOf, type Call } from "./api";
import { columnOf, methods, outgoing, profile, rowsPath, shortType, table as loadTable, tables, withoutViews, type Name, type Summary, type Table } from "./catalog";
import { Cell, isNumeric, keyOf, rowTitle, targetLink, Whole } from "./cells";
import { ColumnMenu, itemsOf, offers, type Offer } from "./columns";
import { Download } from "./download";
import { FilterBar, isFilter } from "./filters";
import { placesOf } from "./geometry";
import { equals, nameText, parseOrder, parseQuery, valueOf, withValue, writeOrder, writeQuery, type Item, type Query } from "./grammar";
import { Grid, type GridColumn } from "./grid";
import { asRows, parseJson, textOf, type Json, type Row } from "./json";
import { MapView } from "./map";
import { go, link, rowLink, type Route } from "./route";
import { LANGUAGES, snippet, type Language, type Reading } from "./snippets";
import { asError, Copy, count, Dialog, Failure, plural, Tabs, useLoad, useTitle } from "./ui";

const PAGE = 50;
const PAGES = [25, 50, 100, 500];

/** The pages that were left by “Next”, by the address that it led to. */
const earlier = new Map<string, string>();

interface Page {
  query: string;
  rows: Row[];
  next: string | null;
  milliseconds: number;
}

/** What is sent for a route: its query, where the page starts, and the page's length. */
export function queryOf(route: Route): Query {
  const query = parseQuery(route.query);
  const start = route.start ? parseQuery(route.start.query) : [];
  const kept = start.length ? query.filter(([name]) => name !== "offset") : query;
  const limit = valueOf(query, "limit") || String(PAGE);
  return withValue([...kept.filter(([name]) => name !== "limit"), ...start], "limit", limit);
}

/** The parameters of the next page's address that this query does not have: they say where it starts. */
function startOf(query: Query, next: Query): Query {
  const left = query.map(([name, value]) => `${name}=${value}`);
  return next.filter(([name, value]) => {
    if (name === "limit") return false;
    const at = left.indexOf(`${name}=${value}`);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function pageLink(name: Name, query: string, start: Route["start"]): string {
  return `${link("rows", name)}${query || start ? "?" : ""}${query}${start ? `&&${start.before}&${start.query}` : ""}`;
}

export function Rows({ route }: { route: Route }): JSX.Element {
  const name: Name = { schema: route.schema, table: route.table };
  useTitle(route.table);
  const query = writeQuery(queryOf(route));
  const call: Call = { method: "GET", path: rowsPath(name.table), query, headers: profile(name.schema) };
  const page = useLoad<Page>(
    async (signal) => {
      const reply = await send(call, signal);
      return { query, rows: asRows(parseJson(reply.text)), next: nextQuery(reply), milliseconds: reply.milliseconds };
    },
    [query],
  );
  const table = useLoad(() => loadTable(name), []);
  const known = useLoad(() => tables(), []);
  const allowed = useLoad(() => methods(name), []);
  if (table.error) return <section class="view"><Failure error={table.error} again={table.again} /></section>;
  if (!table.value) return <section class="view" aria-busy="true"><header class="head"><h1><bdi>{name.table}</bdi></h1></header></section>;
  return (
    <Loaded
      route={route} name={name} table={table.value} known={known.value ?? []} allowed={allowed.value ?? new Set()} call={call}
      page={page.value} busy={page.busy || (page.value !== null && page.value.query !== query)} failure={page.error && <Failure error={page.error} again={page.again} />}
    />
  );
}

function Loaded({ route, name, table, known, allowed, call, page, busy, failure }: {
  route: Route;
  name: Name;
  table: Table;
  known: readonly Summary[];
  allowed: ReadonlySet<string>;
  call: Call;
  page: Page | null;
  busy: boolean;
  failure: ComponentChildren;
}): JSX.Element {
  const [mapped, setMapped] = useState(false);
  const [coded, setCoded] = useState(false);
  const [whole, setWhole] = useState<Row | null>(null);
  const query = parseQuery(route.query);
  const order = parseOrder(valueOf(query, "order"));
  // of the rows that are there, while others are on their way
  const items = itemsOf(table, valueOf(page ? parseQuery(page.query) : query, "select"));
  const places = useMemo(() => placesOf(table), [table]);
  const change = (changed: Query): void => go(link("rows", name, writeQuery(changed)));
  const related = useMemo(() => offers(table, known), [table, known]);
  const columns = items.map((item) => gridColumn(item, table, known, related));
  const sort = (field: string, added: boolean): void => {
    const key = order.find((each) => each.field === field);
    const turned = key ? (key.descending ? [] : [{ ...key, descending: true }]) : [{ field, descending: false, nulls: "" }];
    const changed = added ? (key ? order.flatMap((each) => (each === key ? turned : [each])) : [...order, ...turned]) : turned;
    change(withValue(query, "order", writeOrder(changed)));
  };
  const gutter = (row: Row, index: number): ComponentChildren => {
    const number = (route.start?.before ?? 0) + index + 1;
    const key = keyOf(table, row);
    if (key) return <a href={rowLink(name, key)} aria-label={`Open row ${number}`}>{number}</a>;
    return <button type="button" onClick={() => setWhole(row)} aria-label={`Show all of row ${number}`}>{number}</button>;
  };
  const filters = query.filter(isFilter);
  const reading: Reading = { table: name.table, schema: known[0] && known[0].schema !== name.schema ? name.schema : null, call };
  const first = { ...call, query: route.query };
  return (
    <section class="view rows" aria-label={`Rows of ${name.table}`}>
      <header class="head">
        <Heading table={table} />
        <div class="tools">
          <ColumnMenu table={table} known={known} select={valueOf(query, "select")} change={(select) => change(withValue(query, "select", select))} />
          {places && <button type="button" aria-pressed={mapped} onClick={() => setMapped(!mapped)}>Map</button>}
          <a class="button" href={link("numbers", name, writeQuery(filters))}>Numbers</a>
          <Download table={name.table} page={call} all={first} />
          {allowed.has("POST") && <a class="button" href={link("import", name)}>Import</a>}
          {allowed.has("POST") && <a class="button primary" href={link("new", name)}>Insert row</a>}
        </div>
      </header>
      <Address key={route.query} name={name} route={route} coded={coded} code={() => setCoded(!coded)} />
      {coded && <Code reading={reading} />}
      <FilterBar key={route.query} table={table} query={query} change={change} />
      {mapped && page && places && (
        <div class="map-panel">
          <MapView
            height={Math.min(320, innerHeight * 0.36)}
            places={page.rows.flatMap((row) => {
              const shape = places(row);
              const key = keyOf(table, row) ?? [];
              return shape ? [{ shape, label: rowTitle(table, row, labelIn(table, row), key), href: key.length ? rowLink(name, key) : undefined }] : [];
            })}
          />
        </div>
      )}
      {failure}
      {!failure && (
        <div class="scroll" data-busy={busy}>
          <Grid label={`Rows of ${name.table}`} columns={columns} rows={page?.rows ?? []} gutter={gutter} order={order} sort={sort} busy={busy} />
          {page?.rows.length === 0 && !busy && <p class="empty">{route.start ? "No more rows." : filters.length ? "No row matches these filters." : "This table is empty."}</p>}
        </div>
      )}
      <Footer route={route} name={name} table={table} page={busy ? null : page} busy={busy} call={call} filtered={filters.length > 0} change={change} query={query} />
      {whole && (
        <Dialog title="Row" close={() => setWhole(null)}>
          <p class="faint">Without a primary key, a single row has no address, so it cannot be changed here.</p>
          <dl class="fields">
            {table.columns.filter((column) => column.name in whole).map((column) => (
              <div class="field" key={column.name}>
                <dt><bdi>{column.name}</bdi></dt>
                <dd><Whole value={whole[column.name]!} column={column} name={column.name} /></dd>
              </div>
            ))}
          </dl>
          <form method="dialog"><button class="primary">Close</button></form>
        </Dialog>
      )}
    </section>
  );
}

const labelIn = (table: Table, row: Row): string | null =>
  table.columns.find((column) => column.kind === "text" && !table.primary_key.includes(column.name) && typeof row[column.name] === "string")?.name ?? null;

export function Heading({ table, children }: { table: Table; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="heading">
      <h1>{children ?? <bdi>{table.name}</bdi>}</h1>
      <p class="faint">
        {table.kind}
        {table.rows_estimate !== null && ` · about ${plural(table.rows_estimate, "row")}`}
        {table.comment && <> · <bdi>{table.comment}</bdi></>}
      </p>
    </div>
  );
}

/** A column of the grid for a member of `select`. */
function gridColumn(item: Item, table: Table, known: readonly Summary[], related: readonly Offer[]): GridColumn {
  const column = item.column === null ? undefined : columnOf(table, item.column);
  const base = { name: item.name, title: item.text, isKey: false, alignEnd: false, orderField: null, note: "" };
  if (column) {
    const reference = withoutViews(outgoing(table), known).find((each) => each.columns.length === 1 && each.columns[0] === column.name);
    const composite = reference ?? outgoing(table).find((each) => each.columns.includes(column.name));
    return {
      ...base,
      note: composite ? `${shortType(column)} → ${composite.table}` : shortType(column),
      title: [`${column.name} ${column.type}${column.nullable ? "" : " not null"}`, column.comment].filter(Boolean).join("\n"),
      isKey: table.primary_key.includes(column.name),
      alignEnd: isNumeric(column.kind),
      orderField: column.kind === "geometry" ? null : nameText(column.name),
      render: (row) => {
        const value = row[item.name] ?? null;
        const target = value !== null && composite ? targetLink(composite, row, known) : null;
        const cell = <Cell value={value} kind={column.kind} />;
        return target ? <a class="reference" href={target}>{cell}</a> : cell;
      },
    };
  }
  const offer = related.find((each) => item.text.startsWith(each.start));
  if (offer) {
    const { relationship, many } = offer;
    const name: Name = { schema: relationship.schema, table: relationship.table };
    return {
      ...base,
      note: many ? `rows of ${relationship.table}` : `of ${relationship.table}`,
      alignEnd: many,
      render: (row) => {
        const value = row[item.name] ?? null;
        if (many) {
          const amount = Array.isArray(value) ? ((value[0] as Row | undefined)?.count ?? null) : null;
          const values = relationship.columns.map((each) => row[each]);
          if (values.some((each) => each === undefined || each === null)) return <Cell value={amount} kind={null} />;
          const filters = relationship.table_columns.map((each, index) => equals(each, textOf(values[index]!)));
          return <a class="reference" href={link("rows", name, writeQuery(filters))}><Cell value={amount} kind={null} /></a>;
        }
        const label = value !== null && typeof value === "object" && !Array.isArray(value) ? (Object.values(value)[0] as Json) : null;
        const target = targetLink(relationship, row, known);
        return target && label !== null ? <a class="reference" href={target}><Cell value={label} kind={null} /></a> : <Cell value={label} kind={null} />;
      },
    };
  }
  return { ...base, render: (row) => <Cell value={row[item.name] ?? null} kind={null} /> };
}

/** The query as it is sent, to be read and changed. */
function Address({ name, route, coded, code }: { name: Name; route: Route; coded: boolean; code: () => void }): JSX.Element {
  const plain = parseQuery(route.query).map(([each, value]) => `${each}=${value.replaceAll("%", "%25").replaceAll("&", "%26").replaceAll("+", "%2B")}`).join("&");
  const [text, setText] = useState(plain);
  const submit = (event: Event): void => {
    event.preventDefault();
    go(link("rows", name, writeQuery(parseQuery(text.replace(/^\?/, "")))));
  };
  return (
    <form class="address" onSubmit={submit}>
      <label>
        <span class="address-path">GET /rest/v1/<bdi>{name.table}</bdi>?</span>
        <input class="mono" aria-label="Query in the API’s grammar" spellcheck={false} autocapitalize="off" autocomplete="off" placeholder="select=…&column=eq.value&order=column.desc" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      {text !== plain && <button type="submit" class="primary">Go</button>}
      <button type="button" aria-pressed={coded} onClick={code}>Code</button>
    </form>
  );
}

export function Code({ reading }: { reading: Reading }): JSX.Element {
  const [language, setLanguage] = useState<Language>("curl");
  const text = snippet(language, reading);
  return (
    <div class="code">
      <div class="code-head">
        <Tabs names={LANGUAGES} chosen={language} choose={setLanguage} label="Language" />
        <Copy text={text} />
      </div>
      <pre tabIndex={0} aria-label={language}>{text}</pre>
    </div>
  );
}

function Footer({ route, name, table, page, busy, call, filtered, change, query }: {
  route: Route;
  name: Name;
  table: Table;
  page: Page | null;
  busy: boolean;
  call: Call;
  filtered: boolean;
  change: (query: Query) => void;
  query: Query;
}): JSX.Element {
  const [total, setTotal] = useState<string | null>(null);
  const filters = writeQuery(query.filter(isFilter));
  useEffect(() => setTotal(null), [filters]);
  const before = route.start?.before ?? 0;
  const shown = page?.rows.length ?? 0;
  const limit = Number(valueOf(query, "limit") || PAGE);
  const countAll = async (): Promise<void> => {
    setTotal("…");
    try {
      const reply = await send({ ...call, method: "HEAD", query: filters, headers: { ...call.headers, Prefer: "count=exact" } });
      setTotal(count(totalOf(reply) ?? 0));
    } catch (error) {
      setTotal(asError(error).message);
    }
  };
  const here = pageLink(name, route.query, route.start);
  const start = page?.next && page.query === call.query ? startOf(query, parseQuery(page.next)) : null;
  const next = start?.length ? pageLink(name, route.query, { before: before + shown, query: writeQuery(start) }) : null;
  if (next) earlier.set(next, here);
  const previous = earlier.get(location.hash) ?? (route.start ? link("rows", name, route.query) : null);
  const complete = page !== null && !next && !route.start && valueOf(query, "offset") === "";
  return (
    <footer class="status">
      <span role="status">
        {page === null ? (busy ? "…" : "") : (shown ? `${count(before + 1)}–${count(before + shown)}` : "0 rows")}
        {total !== null ? ` of ${total}` : complete ? ` of ${count(shown)}` : !filtered && table.rows_estimate !== null ? ` of about ${count(table.rows_estimate)}` : ""}
      </span>
      {page && !complete && total === null && <button type="button" class="quiet" onClick={countAll}>Count</button>}
      {page && <span class="faint wide-only">{Math.round(page.milliseconds)} ms</span>}
      <span class="spring" />
      <label class="wide-only">
        <span class="faint">Rows a page</span>
        <select value={limit} onChange={(event) => change(withValue(query, "limit", event.currentTarget.value === String(PAGE) ? "" : event.currentTarget.value))}>
          {[...new Set([...PAGES, limit])].sort((one, other) => one - other).map((each) => <option key={each} value={each}>{each}</option>)}
        </select>
      </label>
      <nav aria-label="Pages">
        {previous ? <a class="button" href={previous}>{earlier.has(location.hash) ? "‹ Previous" : "« First"}</a> : <span class="button" aria-disabled="true">‹ Previous</span>}
        {next ? <a class="button" href={next}>Next ›</a> : <span class="button" aria-disabled="true">Next ›</span>}
      </nav>
    </footer>
  );
}

