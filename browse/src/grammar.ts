/** The query grammar, as far as forms read and write it (docs/grammar.md). What they do not know stays text. */

export type Parameter = readonly [name: string, value: string];
export type Query = readonly Parameter[];

const PLAIN = /^[\p{L}\p{N}_$]+(-[\p{L}\p{N}_$]+)*$/u;
const RESERVED = new Set(["select", "order", "limit", "offset", "and", "or", "not", "columns", "on_conflict"]);

/** Characters that addresses may hold as they are, and that make the grammar readable. */
const READABLE: Record<string, string> = {
  "%2C": ",", "%3A": ":", "%24": "$", "%40": "@", "%2F": "/",
};

export function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%[0-9A-F]{2}/g, (code) => READABLE[code] ?? code);
}

/** Throws nothing: a stray percent sign stays what it is. */
export function decode(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

export function parseQuery(text: string): Query {
  return text
    .split("&")
    .filter((part) => part !== "")
    .map((part): Parameter => {
      const at = part.indexOf("=");
      return at < 0 ? [decode(part), ""] : [decode(part.slice(0, at)), decode(part.slice(at + 1))];
    });
}

export function writeQuery(query: Query): string {
  return query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
}

export function valueOf(query: Query, name: string): string {
  return query.find(([each]) => each === name)?.[1] ?? "";
}

/** The query with one parameter set; an empty value takes it out. */
export function withValue(query: Query, name: string, value: string): Query {
  const at = query.findIndex(([each]) => each === name);
  const others = query.filter(([each]) => each !== name);
  if (value === "") return others;
  const place = at < 0 ? (name === "select" ? 0 : others.length) : Math.min(at, others.length);
  return [...others.slice(0, place), [name, value], ...others.slice(place)];
}

export function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

/** A column's or table's name as the grammar writes it. */
export function nameText(name: string): string {
  return PLAIN.test(name) && !RESERVED.has(name) ? name : quoted(name);
}

/** Where a quoted name or value that begins at `from` ends, behind its closing quote. */
function behindQuotes(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** Cut at a separator that stands outside of quotes and brackets. */
export function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') at = behindQuotes(text, at) - 1;
    else if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    else if (character === separator && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** A name at the beginning of a text, and what follows it. */
function leadingName(text: string): { name: string; rest: string } | null {
  if (text.startsWith('"')) {
    const end = behindQuotes(text, 0);
    return { name: text.slice(1, end - 1).replace(/\\(.)/gsu, "$1"), rest: text.slice(end) };
  }
  const found = /^[^"(){}[\]:,.>!]+?(?=->|$|[(:,.!])/u.exec(text);
  return found ? { name: found[0], rest: text.slice(found[0].length) } : null;
}

/** A filter on one column. `path` begins with an arrow, or is empty. */
export interface Filter {
  column: string;
  path: string;
  negated: boolean;
  operator: string;
  /** `any` or `all`, a language, or empty. */
  modifier: string;
  value: string;
}

/** The filter that a parameter is; null where it is none that a form shows (a tree, an embedded table's). */
export function parseFilter([name, value]: Parameter, columns: ReadonlySet<string>): Filter | null {
  const lead = leadingName(name);
  if (lead === null || !columns.has(lead.name) || !(lead.rest === "" || lead.rest.startsWith("->"))) return null;
  if (!name.startsWith('"') && RESERVED.has(lead.name)) return null;
  const found = /^(not\.)?([a-z]+)(?:\(([a-z]+)\))?\.([^]*)$/.exec(value);
  if (!found) return null;
  return {
    column: lead.name,
    path: lead.rest,
    negated: found[1] !== undefined,
    operator: found[2]!,
    modifier: found[3] ?? "",
    value: found[4]!,
  };
}

export function writeFilter(filter: Filter): Parameter {
  const modifier = filter.modifier ? `(${filter.modifier})` : "";
  const value = `${filter.negated ? "not." : ""}${filter.operator}${modifier}.${filter.value}`;
  return [nameText(filter.column) + filter.path, value];
}

/** `eq` on one column, `is.null` for null. */
export function equals(column: string, text: string | null): Parameter {
  return [nameText(column), text === null ? "is.null" : `eq.${text}`];
}

/** `in.(...)` of separate values, and back. */
export function writeList(values: readonly string[]): string {
  return `(${values.map((value) => (/^[\p{L}\p{N}_-]+$/u.test(value) ? value : quoted(value))).join(",")})`;
}

export function parseList(text: string): string[] {
  const inner = text.replace(/^\(/, "").replace(/\)$/, "");
  if (inner === "") return [];
  return splitOutside(inner, ",").map((part) => (part.startsWith('"') ? part.slice(1, -1).replace(/\\(.)/gsu, "$1") : part));
}

export interface OrderKey {
  /** As it is written: a name, perhaps with a path or of a relation. */
  field: string;
  descending: boolean;
  /** `nullsfirst`, `nullslast` or empty. */
  nulls: string;
}

export function parseOrder(text: string): OrderKey[] {
  return (text === "" ? [] : splitOutside(text, ",")).map((part) => {
    const words = splitOutside(part, ".");
    let nulls = "";
    let descending = false;
    for (;;) {
      const last = words.at(-1) ?? "";
      if (words.length > 1 && (last === "nullsfirst" || last === "nullslast")) nulls = last;
      else if (words.length > 1 && (last === "asc" || last === "desc")) descending = last === "desc";
      else break;
      words.pop();
    }
    return { field: words.join("."), descending, nulls };
  });
}

export function writeOrder(keys: readonly OrderKey[]): string {
  return keys.map((key) => key.field + (key.descending ? ".desc" : "") + (key.nulls ? `.${key.nulls}` : "")).join(",");
}

/** One member of `select`. */
export interface Item {
  /** The name of its value in the rows. */
  name: string;
  /** A plain column without path, cast and aggregate: shown by its type. */
  column: string | null;
  /** An embedded table's name, with the text between the brackets. */
  relation: string | null;
  inner: string;
  /** As written. */
  text: string;
}

export function parseSelect(text: string): Item[] {
  return (text === "" ? [] : splitOutside(text, ",")).map((part) => part.trim()).filter(Boolean).map(parseItem);
}

function parseItem(text: string): Item {
  if (text === "*") return { name: "*", column: null, relation: null, inner: "", text };
  let rest = text;
  let alias: string | null = null;
  const lead = leadingName(rest);
  if (lead?.rest.startsWith(":") && !lead.rest.startsWith("::")) {
    alias = lead.name;
    rest = lead.rest.slice(1);
  }
  const main = leadingName(rest);
  if (main === null) return { name: alias ?? text, column: null, relation: null, inner: "", text };
  if (main.rest === "") return { name: alias ?? main.name, column: main.name, relation: null, inner: "", text };
  const bracket = /^(?:![^(]*)?\(([^]*)\)$/.exec(main.rest);
  if (bracket && !(main.name === "count" && main.rest === "()")) {
    return { name: alias ?? main.name, column: null, relation: main.name, inner: bracket[1]!, text };
  }
  const aggregate = /\.?(sum|avg|min|max|count)\(\)(?:::.*)?$/.exec(rest);
  const step = /->>?("(?:[^"\\]|\\.)*"|[^-:>]+)(?:::.*)?$/s.exec(main.rest);
  const natural = aggregate ? aggregate[1]! : step ? step[1]!.replace(/^"|"$/g, "") : main.name;
  return { name: alias ?? natural, column: null, relation: null, inner: "", text };
}
