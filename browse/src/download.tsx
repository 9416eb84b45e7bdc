/** Rows as files: one page, or every page one after another. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { nextQuery, send, type ApiError, type Call } from "./api";
import { withValue, parseQuery, writeQuery } from "./grammar";
import { parseJson, writeJson, type Json } from "./json";
import { asError, count, Menu, save } from "./ui";

type Format = "CSV" | "NDJSON";

const MIME: Record<Format, string> = { CSV: "text/csv", NDJSON: "application/x-ndjson" };

/** Fetch page after page; `progress` gets the number of rows so far. */
export async function download(call: Call, format: Format, all: boolean, signal: AbortSignal, progress: (rows: number) => void): Promise<Blob> {
  const parts: string[] = [];
  let query: string | null = all ? writeQuery(withValue(withValue(parseQuery(call.query ?? ""), "limit", ""), "offset", "")) : (call.query ?? "");
  let rows = 0;
  for (let page = 0; query !== null; page++) {
    const accept = format === "CSV" ? "text/csv" : "application/json";
    const reply = await send({ ...call, query, headers: { ...call.headers, Accept: accept } }, signal);
    const range = /^(\d+)-(\d+)\//.exec(reply.headers.get("content-range") ?? "");
    const shown = range ? Number(range[2]) - Number(range[1]) + 1 : 0;
    if (format === "CSV") parts.push(page === 0 ? reply.text : withoutHeader(reply.text), shown || page === 0 ? "\n" : "");
    else parts.push(...(parseJson(reply.text) as Json[]).map((row) => `${writeJson(row)}\n`));
    rows += shown;
    progress(rows);
    query = all && shown > 0 ? nextQuery(reply) : null;
  }
  return new Blob(parts, { type: MIME[format] });
}

/** The lines behind the header, whose names may hold line breaks in quotes. */
function withoutHeader(csv: string): string {
  let quoted = false;
  for (let at = 0; at < csv.length; at++) {
    if (csv[at] === '"') quoted = !quoted;
    else if (csv[at] === "\n" && !quoted) return csv.slice(at + 1);
  }
  return "";
}

export function Download({ table, page, all }: {
  table: string;
  /** What is shown. */
  page: Call;
  /** The same rows from the first page on. */
  all: Call;
}): JSX.Element {
  const [state, setState] = useState<{ rows: number } | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const controller = useRef<AbortController | null>(null);
  const start = async (format: Format, everything: boolean): Promise<void> => {
    controller.current = new AbortController();
    setState({ rows: 0 });
    setError(null);
    try {
      const call = everything ? all : page;
      save(await download(call, format, everything, controller.current.signal, (rows) => setState({ rows })), `${table}.${format.toLowerCase()}`);
    } catch (failure) {
      if (!controller.current.signal.aborted) setError(asError(failure));
    }
    setState(null);
  };
  if (state) {
    return (
      <span class="progress" role="status">
        {count(state.rows)} rows…
        <button type="button" class="quiet" onClick={() => controller.current?.abort()}>Stop</button>
      </span>
    );
  }
  const choice = (format: Format, everything: boolean, close: () => void): JSX.Element => (
    <button type="button" onClick={() => { close(); void start(format, everything); }}>{format}</button>
  );
  return (
    <>
      <Menu label="Download">
        {(close) => (
          <div class="choices">
            <span>This page</span>{choice("CSV", false, close)}{choice("NDJSON", false, close)}
            <span>All that match</span>{choice("CSV", true, close)}{choice("NDJSON", true, close)}
          </div>
        )}
      </Menu>
      {error && <span class="failure-inline" role="alert">{error.message}</span>}
    </>
  );
}
