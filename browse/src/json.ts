/** JSON whose numbers keep every digit: DECIMAL and BIGINT do not fit into a double. */

import { isLosslessNumber, LosslessNumber, parse, stringify } from "lossless-json";

export type Json = null | boolean | string | LosslessNumber | Json[] | { [name: string]: Json };
export type Row = { [name: string]: Json };

export { LosslessNumber, isLosslessNumber };

/** Throws a `SyntaxError` that says where. */
export function parseJson(text: string): Json {
  return parse(text) as Json;
}

/** Rows whose columns are all there is: one may be called `constructor`. */
export function asRows(found: Json): Row[] {
  const rows = Array.isArray(found) ? found : [found];
  return rows.map((row) => Object.setPrototypeOf(row, null) as Row);
}

export function newRow(): Row {
  return Object.create(null) as Row;
}

export function writeJson(value: unknown, indent?: number): string {
  return stringify(value, undefined, indent) ?? "null";
}

/** A number as it was written, anything else as it is; both can be sent. */
export function exactNumber(text: string): Json {
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? new LosslessNumber(text) : text;
}

/** A scalar as filters and addresses write it. */
export function textOf(value: Json): string {
  if (value === null) return "null";
  if (typeof value === "string") return value;
  return isLosslessNumber(value) ? value.value : writeJson(value);
}
