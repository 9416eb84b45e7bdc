/** Values as what they are. Everything becomes text nodes: nothing of the database is ever read as HTML. */

import type { JSX } from "preact";
import { bytesIn, blobOf, extensionOf, hexOf, imageType, sizeText } from "./binary";
import type { Column, Kind, Relationship, Summary, Table } from "./catalog";
import { geometryText, shapeOf } from "./geometry";
import { equals, writeQuery } from "./grammar";
import { isLosslessNumber, textOf, writeJson, type Json, type Row } from "./json";
import { MapView } from "./map";
import { link, rowLink } from "./route";
import { save } from "./ui";

const LONGEST_SHOWN = 300;

const NUMERIC: ReadonlySet<Kind> = new Set(["integer", "year", "bits", "decimal", "float"]);

export const isNumeric = (kind: Kind): boolean => NUMERIC.has(kind);

/** Characters that show nothing, or turn the text around them, become visible marks. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\u200b\u202a-\u202e\u2066-\u2069\ufeff]/gu, (character) =>
    character === "\n" ? "↵" : character === "\t" ? "⇥" : "·",
  );
}

function short(text: string): string {
  return text.length > LONGEST_SHOWN ? `${[...text.slice(0, LONGEST_SHOWN)].join("")}…` : text;
}

/** `2024-01-02T03:04:05+00:00` with a space and the zone by name. */
export function momentText(text: string): string {
  return text.replace("T", " ").replace(/\+00:00$/, " UTC");
}

/** The same moment where the reader is; null for what is none, such as a zero date. */
function localTime(text: string): string | null {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? null : `${moment.toLocaleString()} here`;
}

const isWebAddress = (text: string): boolean => /^https?:\/\/[^\s]+$/i.test(text) && URL.canParse(text);

export function Nothing(): JSX.Element {
  return <span class="null">null</span>;
}

/** One line, for a grid. `kind` null: a value whose type nobody knows. */
export function Cell({ value, kind }: { value: Json; kind: Kind | null }): JSX.Element {
  if (value === null) return <Nothing />;
  if (typeof value === "boolean") return <span class={value ? "yes" : "no"}>{value ? "✓ true" : "✗ false"}</span>;
  if (isLosslessNumber(value)) return <>{value.value}</>;
  if (typeof value === "string") {
    switch (kind) {
      case "binary": {
        const image = imageType(value);
        if (image) return <img class="thumbnail" src={`data:${image};base64,${value}`} alt={`image, ${sizeText(bytesIn(value))}`} loading="lazy" />;
        return <span class="faint mono">{bytesIn(value) === 0 ? "empty" : `${hexOf(value, 8)}${bytesIn(value) > 8 ? "…" : ""} · ${sizeText(bytesIn(value))}`}</span>;
      }
      case "enum":
        return <span class="tag">{visible(value)}</span>;
      case "datetime":
      case "timestamp":
        return <time title={kind === "timestamp" ? (localTime(value) ?? "") : ""}>{momentText(value)}</time>;
      default:
        return value === "" ? <span class="null">empty</span> : <bdi>{visible(short(value))}</bdi>;
    }
  }
  if (kind === "set" && Array.isArray(value)) {
    return value.length ? <>{value.map((each) => <span class="tag" key={textOf(each)}>{visible(textOf(each))}</span>)}</> : <span class="null">empty</span>;
  }
  if (kind === "geometry") return <span class="mono">{geometryText(value)}</span>;
  return <span class="mono">{visible(short(writeJson(value)))}</span>;
}

/** As much room as it takes: for the page of one row. */
export function Whole({ value, column, name }: { value: Json; column: Column; name: string }): JSX.Element {
  if (value !== null && typeof value !== "boolean" && !isLosslessNumber(value)) {
    if (column.kind === "json") return typeof value === "object" ? <pre class="json"><Tree value={value} /></pre> : <pre class="json">{writeJson(value)}</pre>;
    if (column.kind === "geometry") {
      const shape = shapeOf(value);
      return (
        <>
          {shape && <MapView places={[{ shape, label: geometryText(value) }]} height={220} />}
          <details><summary>{geometryText(value)}</summary><pre class="json">{writeJson(value, 2)}</pre></details>
        </>
      );
    }
    if (column.kind === "binary" && typeof value === "string" && value !== "") {
      const image = imageType(value);
      return (
        <>
          {image ? <img class="picture" src={`data:${image};base64,${value}`} alt={column.name} /> : <pre class="json">{hexOf(value)}{bytesIn(value) > 32 ? " …" : ""}</pre>}
          <button type="button" class="quiet" onClick={() => save(blobOf(value), `${name}.${extensionOf(value)}`)}>Save {sizeText(bytesIn(value))}</button>
        </>
      );
    }
    if (typeof value === "string" && column.kind === "text") {
      if (isWebAddress(value)) return <a href={value} target="_blank" rel="noopener noreferrer">{value}</a>;
      if (value.includes("\n") || value.length > 80) return <div class="long">{value}</div>;
    }
  }
  return <Cell value={value} kind={column.kind} />;
}

/** JSON, each level foldable. */
export function Tree({ value, depth = 0 }: { value: Json; depth?: number }): JSX.Element {
  if (value === null || typeof value !== "object" || isLosslessNumber(value)) {
    const kind = value === null ? "null" : typeof value === "string" ? "string" : typeof value === "boolean" ? "boolean" : "number";
    return <span class={`json-${kind}`}>{writeJson(value)}</span>;
  }
  const entries: [string, Json][] = Array.isArray(value) ? value.map((each, index) => [String(index), each]) : Object.entries(value);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (entries.length === 0) return <span>{`${open}${close}`}</span>;
  if (Array.isArray(value) && value.every((each) => each === null || typeof each !== "object" || isLosslessNumber(each))) {
    return <span class="json-line">{open}{value.map((each, index) => <>{index > 0 && ", "}<Tree value={each} /></>)}{close}</span>;
  }
  return (
    <details class="json-level" open={depth < 3}>
      <summary><span class="faint">{Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}</span></summary>
      {entries.map(([name, each]) => (
        <div class="json-entry" key={name}>
          <span class="json-name">{Array.isArray(value) ? name : writeJson(name)}</span>: <Tree value={each} depth={depth + 1} />
        </div>
      ))}
    </details>
  );
}

/** The primary key's values in a row; null where the row does not show all of them. */
export function keyOf(table: Summary, row: Row): string[] | null {
  if (table.primary_key.length === 0) return null;
  const values = table.primary_key.map((name) => row[name]);
  if (values.some((value) => value === undefined || value === null)) return null;
  return values.map((value) => textOf(value!));
}

/** Where a foreign key leads: to the row when it points at the primary key, else to the rows that match. */
export function targetLink(relationship: Relationship, row: Row, known: readonly Summary[]): string | null {
  const values = relationship.columns.map((name) => row[name]);
  if (values.some((value) => value === undefined || value === null)) return null;
  const texts = values.map((value) => textOf(value!));
  const name = { schema: relationship.schema, table: relationship.table };
  const target = known.find((each) => each.schema === name.schema && each.name === name.table);
  const key = target?.primary_key.map((each) => texts[relationship.table_columns.indexOf(each)]);
  if (key?.length === texts.length && key.length > 0 && key.every((each) => each !== undefined)) return rowLink(name, key as string[]);
  return link("rows", name, writeQuery(relationship.table_columns.map((column, index) => equals(column, texts[index]!))));
}

export function rowTitle(table: Table, row: Row, label: string | null, key: readonly string[]): string {
  const named = label === null ? null : row[label];
  return typeof named === "string" && named !== "" ? named : key.join(", ") || table.name;
}
