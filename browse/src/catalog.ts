/** What `/tables` and `/tables/{table}` say, fetched once for each token. */

import { getJson, onToken, send, type Call } from "./api";
import { equals, writeQuery } from "./grammar";
import { isLosslessNumber, type Json } from "./json";

export interface Summary {
  name: string;
  schema: string;
  kind: "table" | "view";
  comment: string;
  rows_estimate: number | null;
  primary_key: string[];
  insertable: boolean;
  updatable: boolean;
}

export type Kind =
  | "boolean" | "integer" | "year" | "bits" | "decimal" | "float" | "text" | "enum" | "set" | "date" | "time"
  | "datetime" | "timestamp" | "json" | "binary" | "geometry" | "uuid";

export interface Column {
  name: string;
  type: string;
  kind: Kind;
  nullable: boolean;
  default: string | null;
  default_is_expression: boolean;
  required: boolean;
  generated: boolean;
  auto_increment: boolean;
  max_length: number | null;
  values: string[] | null;
  comment: string;
}

export interface ForeignKey {
  name: string;
  columns: string[];
  referenced_schema: string;
  referenced_table: string;
  referenced_columns: string[];
}

export interface Relationship {
  name: string;
  cardinality: "many-to-one" | "one-to-one" | "one-to-many" | "many-to-many";
  columns: string[];
  schema: string;
  table: string;
  table_columns: string[];
  junction: string | null;
}

export interface Table extends Summary {
  columns: Column[];
  unique_keys: string[][];
  foreign_keys: ForeignKey[];
  fulltext_indexes: string[][];
  relationships: Relationship[];
}

export interface Name {
  schema: string;
  table: string;
}

/** Numbers of the catalog are small: they become plain ones. */
function plain(value: Json): unknown {
  if (isLosslessNumber(value)) return Number(value.value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

let list: Promise<Summary[]> | null = null;
let all: Promise<Table[]> | null = null;
const details = new Map<string, Promise<Table>>();
const rights = new Map<string, Promise<Set<string>>>();

/** Also called after an error says that the schema has changed. */
export function forget(): void {
  list = all = null;
  details.clear();
  rights.clear();
}

onToken(forget);

/** Keep a promise unless it fails: the next who asks tries again. */
function kept<T>(store: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let found = store.get(key);
  if (!found) {
    found = make();
    store.set(key, found);
    found.catch(() => store.delete(key));
  }
  return found;
}

export function tables(): Promise<Summary[]> {
  if (!list) {
    list = getJson({ method: "GET", path: "/tables" }).then((found) => plain(found) as Summary[]);
    list.catch(() => (list = null));
  }
  return list;
}

/** Every table with its columns and keys, in one answer: for the diagram. */
export function allTables(): Promise<Table[]> {
  if (!all) {
    all = getJson({ method: "GET", path: "/tables", query: "details=true" }).then((found) => plain(found) as Table[]);
    all.catch(() => (all = null));
  }
  return all;
}

export const idOf = (name: Name): string => JSON.stringify([name.schema, name.table]);

export function table(name: Name): Promise<Table> {
  return kept(details, idOf(name), async () => {
    const call: Call = { method: "GET", path: `/tables/${encodeURIComponent(name.table)}`, headers: profile(name.schema) };
    return plain(await getJson(call)) as Table;
  });
}

/** The methods that this caller may use on the table. */
export function methods(name: Name): Promise<Set<string>> {
  return kept(rights, idOf(name), async () => {
    const reply = await send({ method: "OPTIONS", path: rowsPath(name.table), headers: profile(name.schema) });
    return new Set((reply.headers.get("allow") ?? "").split(",").map((method) => method.trim()));
  });
}

export function profile(schema: string): Record<string, string> {
  return { "Accept-Profile": schema };
}

export function rowsPath(table: string): string {
  return `/rest/v1/${encodeURIComponent(table)}`;
}

/** A row's address by its key: the values separated by commas, a comma within one is encoded. */
export function rowAddress(found: Table, key: readonly string[]): { path: string; query: string } {
  // URLs drop such a segment, also when its dots are encoded
  if (key.length === 1 && ["", ".", ".."].includes(key[0]!)) {
    return { path: rowsPath(found.name), query: writeQuery([equals(found.primary_key[0]!, key[0]!)]) };
  }
  return { path: `${rowsPath(found.name)}/${key.map(encodeURIComponent).join(",")}`, query: "" };
}

/** Without the values of an ENUM or SET. */
export function shortType(column: Column): string {
  return column.type.replace(/^(enum|set)\(.*/s, "$1");
}

/** Whether at most one row has the same values in the key's columns. */
export function isUnique(found: Table, key: ForeignKey): boolean {
  return [found.primary_key, ...found.unique_keys].some((unique) => unique.length > 0 && unique.every((name) => key.columns.includes(name)));
}

export function isOptional(found: Table, key: ForeignKey): boolean {
  return key.columns.some((name) => columnOf(found, name)?.nullable ?? false);
}

export function columnOf(found: Table, name: string): Column | undefined {
  return found.columns.find((column) => column.name === name);
}

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((each, index) => each === other[index]);

/** The relationships by which rows of this table point at one of another. */
export function outgoing(found: Table): Relationship[] {
  return found.relationships.filter(
    (each) =>
      each.cardinality === "many-to-one" ||
      (each.cardinality === "one-to-one" &&
        found.foreign_keys.some((key) => key.name === each.name && same(key.columns, each.columns))),
  );
}

/** The relationships by which other rows point at one of this table, junctions included. */
export function incoming(found: Table): Relationship[] {
  const own = new Set(outgoing(found));
  return found.relationships.filter((each) => !own.has(each));
}

/** Without the views that repeat a base table's relationship. */
export function withoutViews(relationships: readonly Relationship[], known: readonly Summary[]): Relationship[] {
  const views = new Set(known.filter((each) => each.kind === "view").map((each) => `${each.schema}.${each.name}`));
  const isView = (each: Relationship): boolean => views.has(`${each.schema}.${each.table}`);
  const based = new Set(relationships.filter((each) => !isView(each)).map((each) => `${each.name} ${each.columns} ${each.junction}`));
  return relationships.filter((each) => !isView(each) || !based.has(`${each.name} ${each.columns} ${each.junction}`));
}

/** The column that names a row to people: `name`, `title` and the like, else the first text column that is not a key. */
export function labelOf(found: Table): string | null {
  const texts = found.columns.filter((column) => column.kind === "text" && (column.max_length ?? 0) <= 300);
  const named = ["name", "title", "label", "full_name", "display_name", "username", "email", "subject"];
  for (const name of named) {
    const match = texts.find((column) => column.name.toLowerCase() === name);
    if (match) return match.name;
  }
  const references = new Set(found.foreign_keys.flatMap((key) => key.columns));
  const free = texts.find((column) => !found.primary_key.includes(column.name) && !references.has(column.name));
  return free?.name ?? null;
}

export const place = (name: Name): string => `${encodeURIComponent(name.schema)}/${encodeURIComponent(name.table)}`;
