/** A reading request as the lines that people copy: its address, curl, supabase-js, Python. */

import { addressOf, headersOf, ROOT, type Call } from "./api";
import { parseOrder, parseQuery, valueOf, type Parameter, type Query } from "./grammar";

export const LANGUAGES = ["Address", "curl", "supabase-js", "Python"] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Reading {
  table: string;
  /** Null: the default database. */
  schema: string | null;
  call: Call;
}

export function snippet(language: Language, reading: Reading): string {
  switch (language) {
    case "Address":
      return addressOf(reading.call);
    case "curl":
      return curl(reading);
    case "supabase-js":
      return supabase(reading);
    case "Python":
      return python(reading);
  }
}

/** Without the profile where it is the default one, and the token by a name: it is not for sharing. */
function headersShown({ call, schema }: Reading): [string, string][] {
  return Object.entries(headersOf(call))
    .filter(([name]) => name !== "Accept-Profile" || schema !== null)
    .map(([name, value]) => [name, name === "Authorization" ? "Bearer $TOKEN" : value]);
}

function curl(reading: Reading): string {
  const headers = headersShown(reading).map(([name, value]) =>
    name === "Authorization" ? ` -H "${name}: ${value}"` : ` -H ${shell(`${name}: ${value}`)}`,
  );
  return `curl -g${headers.join("")} ${shell(addressOf(reading.call))}`;
}

const shell = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

interface Part {
  method: "select" | "filter" | "or" | "order" | "limit" | "offset";
  parameter: Parameter;
}

function parts(query: Query): Part[] {
  return query.map((parameter): Part => {
    const [name] = parameter;
    if (name === "select" || name === "order" || name === "limit" || name === "offset") return { method: name, parameter };
    if (["or", "and", "not.or", "not.and"].includes(name)) return { method: "or", parameter };
    return { method: "filter", parameter };
  });
}

/** What `.or()` takes: its own list, or one tree within it. */
function tree([name, value]: Parameter): string {
  return name === "or" ? value.replace(/^\(|\)$/g, "") : `${name}${value}`;
}

function operatorOf(value: string): [operator: string, rest: string] | null {
  const found = /^((?:not\.)?[a-z]+(?:\([a-z]+\))?)\.([^]*)$/.exec(value);
  return found ? [found[1]!, found[2]!] : null;
}

const numberOf = (query: Query, name: string): number | null => {
  const value = query.find(([each]) => each === name)?.[1];
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : null;
};

function supabase({ table, schema, call }: Reading): string {
  const query = parseQuery(call.query ?? "");
  const text = (value: string): string => JSON.stringify(value);
  const lines = parts(query).flatMap(({ method, parameter }): string[] => {
    const [name, value] = parameter;
    const operator = operatorOf(value);
    if (method === "or") return [`.or(${text(tree(parameter))})`];
    if (method === "filter") return operator ? [`.filter(${text(name)}, ${text(operator[0])}, ${text(operator[1])})`] : [];
    if (method === "order") {
      return parseOrder(value).map(({ field, descending, nulls }) => {
        const options = [`ascending: ${!descending}`, ...(nulls ? [`nullsFirst: ${nulls === "nullsfirst"}`] : [])];
        return `.order(${text(field)}, { ${options.join(", ")} })`;
      });
    }
    return [];
  });
  const [limit, offset] = [numberOf(query, "limit"), numberOf(query, "offset")];
  if (offset !== null && limit !== null) lines.push(`.range(${offset}, ${offset + limit - 1})`);
  else if (limit !== null) lines.push(`.limit(${limit})`);
  const select = valueOf(query, "select");
  const chain = [`.from(${text(table)})`, `.select(${select ? text(select) : '"*"'})`, ...lines];
  const key = "Authorization" in headersOf(call) ? "process.env.TOKEN" : '"no key"';
  return [
    'import { createClient } from "@supabase/supabase-js";',
    "",
    `const supabase = createClient(${text(ROOT)}, ${key});`,
    `const { data, error } = await supabase${schema === null ? "" : `\n  .schema(${text(schema)})`}`,
    `${chain.map((line) => `  ${line}`).join("\n")};`,
  ].join("\n");
}

/** A Python string: JSON's escapes are Python's, but for pairs of surrogates, which stay characters here. */
const pythonText = (value: string): string => JSON.stringify(value);

/** postgrest-py puts these in quotes by itself, and does not look whether they are. */
const unquotedForPython = (name: string): string => {
  const found = /^"((?:[^"\\]|\\.)*)"$/s.exec(name);
  return found && /[,:()]/.test(found[1]!) ? found[1]!.replace(/\\(.)/gs, "$1") : name;
};

function python({ table, schema, call }: Reading): string {
  const query = parseQuery(call.query ?? "");
  const lines = parts(query).flatMap(({ method, parameter }): string[] => {
    const [name, value] = parameter;
    const operator = operatorOf(value);
    if (method === "or") return [`.or_(${pythonText(tree(parameter))})`];
    if (method === "filter") {
      return operator ? [`.filter(${pythonText(unquotedForPython(name))}, ${pythonText(operator[0])}, ${pythonText(operator[1])})`] : [];
    }
    if (method === "order") {
      return parseOrder(value).map(({ field, descending, nulls }) => {
        const options = [...(descending ? ["desc=True"] : []), ...(nulls ? [`nullsfirst=${nulls === "nullsfirst" ? "True" : "False"}`] : [])];
        return `.order(${[pythonText(field), ...options].join(", ")})`;
      });
    }
    return method === "limit" || method === "offset" ? [`.${method}(${value})`] : [];
  });
  const select = valueOf(query, "select");
  const chain = [`.from_(${pythonText(table)})`, `.select(${select ? pythonText(select) : '"*"'})`, ...lines, ".execute()"];
  const headers = "Authorization" in headersOf(call) ? ', headers={"Authorization": f"Bearer {os.environ[\'TOKEN\']}"}' : "";
  const profile = schema === null ? "" : `, schema=${pythonText(schema)}`;
  return [
    ...(headers ? ["import os", ""] : []),
    "from postgrest import SyncPostgrestClient",
    "",
    `client = SyncPostgrestClient(${pythonText(`${ROOT}/rest/v1`)}${profile}${headers})`,
    "rows = (",
    `    client${chain[0]}`,
    ...chain.slice(1).map((line) => `    ${line}`),
    ").data",
  ].join("\n");
}
