/** One row: its values, everything related to it, and the form that changes it. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { getJson, send, totalOf, type ApiError } from "./api";
import {
  columnOf, incoming, labelOf, methods, outgoing, profile, rowAddress, rowsPath, table as loadTable, tables, withoutViews,
  type Name, type Relationship, type Summary, type Table,
} from "./catalog";
import { Cell, isNumeric, keyOf, rowTitle, targetLink, Whole } from "./cells";
import { Editor, remove } from "./editor";
import { equals, nameText, writeQuery, type Query } from "./grammar";
import { placesOf } from "./geometry";
import { Grid, type GridColumn } from "./grid";
import { asRows, parseJson, textOf, type Row } from "./json";
import { MapView } from "./map";
import { go, link, rowLink, type Route } from "./route";
import { asError, count, Dialog, Failure, useLoad, useTitle } from "./ui";

const OBJECT = "application/vnd.pgrst.object+json";
const RELATED_ROWS = 5;
const RELATED_COLUMNS = 6;

export function OneRow({ route }: { route: Route }): JSX.Element {
  const name: Name = { schema: route.schema, table: route.table };
  const table = useLoad(() => loadTable(name), []);
  const known = useLoad(() => tables(), []);
  const allowed = useLoad(() => methods(name), []);
  const found = useLoad(
    async (signal) => {
      const reply = await send({ method: "GET", ...rowAddress(await loadTable(name), route.key), headers: { ...profile(name.schema), Accept: OBJECT } }, signal);
      return { row: asRows(parseJson(reply.text))[0]!, tag: reply.headers.get("etag") };
    },
    [],
  );
  const [editing, setEditing] = useState(false);
  const [asked, setAsked] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const label = table.value ? labelOf(table.value) : null;
  const title = table.value && found.value ? rowTitle(table.value, found.value.row, label, route.key) : route.key.join(", ");
  useTitle(`${title} · ${route.table}`);
  const failure = table.error ?? found.error;
  if (failure) return <section class="view"><Failure error={failure} again={found.again} /></section>;
  if (!table.value || !found.value) return <section class="view" aria-busy="true"><header class="head"><h1><bdi>{title}</bdi></h1></header></section>;
  const { row, tag } = found.value;
  const current = table.value;
  const discard = async (): Promise<void> => {
    setRefused(null);
    try {
      await remove(current, route.key, tag);
      go(link("rows", name));
    } catch (error) {
      setRefused(asError(error));
    }
  };
  const saved = (changed: Row | null): void => {
    const key = changed && keyOf(current, changed);
    if (key && key.join("\0") !== route.key.join("\0")) return go(rowLink(name, key));
    setEditing(false);
    found.again();
  };
  return (
    <section class="view row" aria-label={title}>
      <header class="head">
        <div class="heading">
          <p class="crumbs"><a href={link("rows", name)}><bdi>{name.table}</bdi></a> <span class="faint">/ {route.key.join(", ")}</span></p>
          <h1><bdi>{title}</bdi></h1>
        </div>
        <div class="tools">
          {allowed.value?.has("PATCH") && !editing && <button type="button" class="primary" onClick={() => setEditing(true)}>Edit</button>}
          {allowed.value?.has("DELETE") && !editing && <button type="button" class="danger" onClick={() => setAsked(true)}>Delete</button>}
        </div>
      </header>
      <div class="columns">
        <div class="main">
          {editing ? (
            <Editor table={current} row={row} tag={tag} current={route.key} saved={saved} cancel={() => setEditing(false)} />
          ) : (
            <Fields table={current} row={row} known={known.value ?? []} />
          )}
        </div>
        {known.value && <Related table={current} row={row} known={known.value} />}
      </div>
      {asked && (
        <Dialog title={`Delete this row of ${name.table}?`} close={() => { setAsked(false); setRefused(null); }}>
          <p>This deletes <bdi>{title}</bdi> permanently. Related rows may be deleted with it, or may prevent it.</p>
          {refused && <Failure error={refused} />}
          <form method="dialog" class="actions">
            <button type="button" class="danger solid" onClick={() => void discard()}>Delete</button>
            <button class="quiet">Cancel</button>
          </form>
        </Dialog>
      )}
    </section>
  );
}

function Fields({ table, row, known }: { table: Table; row: Row; known: readonly Summary[] }): JSX.Element {
  const references = withoutViews(outgoing(table), known);
  // a geometry has its own map, beside its column
  const place = table.columns.some((column) => column.kind === "geometry") ? null : (placesOf(table)?.(row) ?? null);
  return (
    <dl class="fields">
      {table.columns.map((column) => {
        const reference = references.find((each) => each.columns.includes(column.name));
        const target = reference && row[column.name] !== null ? targetLink(reference, row, known) : null;
        return (
          <div class="field" key={column.name}>
            <dt title={[column.type, column.comment].filter(Boolean).join("\n")}>
              <bdi>{column.name}</bdi>
              {table.primary_key.includes(column.name) && <span class="key-mark" title="primary key">●</span>}
            </dt>
            <dd>
              {target && reference ? (
                <a class="reference" href={target}>
                  <Cell value={row[column.name] ?? null} kind={column.kind} />
                  <ReferenceLabel relationship={reference} row={row} />
                </a>
              ) : (
                <Whole value={row[column.name] ?? null} column={column} name={`${table.name}-${column.name}`} />
              )}
            </dd>
          </div>
        );
      })}
      {place && (
        <div class="field">
          <dt>on the map</dt>
          <dd><MapView places={[{ shape: place, label: table.name }]} height={200} /></dd>
        </div>
      )}
    </dl>
  );
}

/** The name of the row that a foreign key points at. */
function ReferenceLabel({ relationship, row }: { relationship: Relationship; row: Row }): JSX.Element | null {
  const label = useLoad(async (signal) => {
    const target = await loadTable({ schema: relationship.schema, table: relationship.table });
    const column = labelOf(target);
    if (column === null || relationship.table_columns.includes(column)) return "";
    const query = writeQuery([["select", nameText(column)], ...matching(relationship, row), ["limit", "1"]]);
    const rows = asRows(await getJson({ method: "GET", path: rowsPath(target.name), query, headers: profile(target.schema) }, signal));
    const value = rows[0]?.[column];
    return typeof value === "string" ? value : "";
  }, []);
  return label.value ? <span class="reference-label"><bdi>{label.value}</bdi></span> : null;
}

/** Filters for the related rows of a row. */
function matching(relationship: Relationship, row: Row): Query {
  return relationship.table_columns.map((column, index) => equals(column, textOf(row[relationship.columns[index]!] ?? null)));
}

function Related({ table, row, known }: { table: Table; row: Row; known: readonly Summary[] }): JSX.Element | null {
  const found = useMemo(() => {
    const all = withoutViews(incoming(table), known).filter((each) => each.columns.every((name) => (row[name] ?? null) !== null));
    return [...all.filter((each) => each.junction === null), ...all.filter((each) => each.junction !== null)];
  }, [table, row, known]);
  if (found.length === 0) return null;
  return (
    <div class="related" role="group" aria-label="Related rows">
      {found.map((relationship) => <Section key={`${relationship.name} ${relationship.table} ${relationship.junction}`} table={table} row={row} relationship={relationship} known={known} />)}
    </div>
  );
}

/** The filters by which the target's rows are found, or null where the catalog does not say enough. */
function query(table: Table, relationship: Relationship, row: Row): Query | null {
  if (relationship.junction === null) return matching(relationship, row);
  const junction = table.relationships.filter(
    (each) => each.junction === null && each.cardinality === "one-to-many" && each.table === relationship.junction && each.name !== relationship.name,
  );
  if (junction.length !== 1) return null;
  const via = junction[0]!;
  const filters = via.table_columns.map((column, index): [string, string] => {
    const [name, value] = equals(column, textOf(row[via.columns[index]!] ?? null));
    return [`via.${name}`, value];
  });
  return [["select", `*,via:${nameText(relationship.junction)}!${nameText(relationship.name)}!inner()`], ...filters];
}

function Section({ table, row, relationship, known }: {
  table: Table;
  row: Row;
  relationship: Relationship;
  known: readonly Summary[];
}): JSX.Element | null {
  const name: Name = { schema: relationship.schema, table: relationship.table };
  const filters = query(table, relationship, row);
  const found = useLoad(async (signal) => {
    if (filters === null) return null;
    const call = {
      method: "GET", path: rowsPath(name.table), query: writeQuery([...filters, ["limit", String(RELATED_ROWS)]]),
      headers: { ...profile(name.schema), Prefer: "count=estimated" },
    } as const;
    const [target, reply] = await Promise.all([loadTable(name), send(call, signal)]);
    return { target, rows: asRows(parseJson(reply.text)), total: totalOf(reply) };
  }, []);
  if (filters === null) return null;
  const how = relationship.junction === null ? relationship.table_columns.join(", ") : `through ${relationship.junction}`;
  const total = found.value?.total ?? null;
  return (
    <section class="related-table">
      <h2>
        <a href={link("rows", name, writeQuery(filters))}><bdi>{name.table}</bdi></a>
        <span class="faint"> <bdi>{how}</bdi></span>
        {total !== null && <span class="count">{count(total)}</span>}
      </h2>
      {found.error && <p class="faint">{found.error.message}</p>}
      {found.value && found.value.rows.length > 0 && <div class="scroll"><Short table={found.value.target} rows={found.value.rows} without={relationship} known={known} /></div>}
    </section>
  );
}

/** The first columns of a few rows. */
function Short({ table, rows, without, known }: { table: Table; rows: readonly Row[]; without: Relationship; known: readonly Summary[] }): JSX.Element {
  const hidden = new Set(without.junction === null ? without.table_columns : []);
  const label = labelOf(table);
  const worth = table.columns.filter((column) => !hidden.has(column.name) && !["json", "binary", "geometry"].includes(column.kind));
  const first = [...new Set([...table.primary_key.filter((name) => !hidden.has(name)), ...(label === null ? [] : [label]), ...worth.map((column) => column.name)])].slice(0, RELATED_COLUMNS);
  const columns = first.flatMap((name): GridColumn[] => {
    const column = columnOf(table, name);
    if (!column) return [];
    const reference = outgoing(table).find((each) => each.columns.includes(name));
    return [{
      name, note: "", title: column.type, isKey: table.primary_key.includes(name), alignEnd: isNumeric(column.kind), orderField: null,
      render: (row) => {
        const cell = <Cell value={row[name] ?? null} kind={column.kind} />;
        const target = reference && row[name] !== null ? targetLink(reference, row, known) : null;
        return target ? <a class="reference" href={target}>{cell}</a> : cell;
      },
    }];
  });
  const gutter = (row: Row): JSX.Element => {
    const key = keyOf(table, row);
    return key ? <a href={rowLink({ schema: table.schema, table: table.name }, key)} aria-label={`Open ${key.join(", ")}`}>›</a> : <></>;
  };
  return <Grid label={`Rows of ${table.name}`} columns={columns} rows={rows} gutter={gutter} />;
}

export function NewRow({ route }: { route: Route }): JSX.Element {
  const name: Name = { schema: route.schema, table: route.table };
  useTitle(`New row · ${name.table}`);
  const table = useLoad(() => loadTable(name), []);
  if (table.error) return <section class="view"><Failure error={table.error} again={table.again} /></section>;
  if (!table.value) return <section class="view" aria-busy="true" />;
  const saved = (row: Row | null): void => {
    const key = row && keyOf(table.value!, row);
    go(key ? rowLink(name, key) : link("rows", name));
  };
  return (
    <section class="view row">
      <header class="head">
        <div class="heading">
          <p class="crumbs"><a href={link("rows", name)}><bdi>{name.table}</bdi></a></p>
          <h1>New row</h1>
        </div>
      </header>
      <div class="columns">
        <div class="main"><Editor table={table.value} row={null} tag={null} current={[]} saved={saved} cancel={() => go(link("rows", name))} /></div>
      </div>
    </section>
  );
}
