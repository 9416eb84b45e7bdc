/** CSV into a table: preview, which column goes where, and one request that stores all rows or none. */

import Papa from "papaparse";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError, addressOf, errorOf, headersOf, type Call } from "./api";
import { rowsPath, table as loadTable, type Column, type Name, type Table } from "./catalog";
import { writeQuery, nameText } from "./grammar";
import { valueFrom } from "./fields";
import { newRow, writeJson, type Json, type Row } from "./json";
import { LIMITS } from "./settings";
import { link, type Route } from "./route";
import { asError, count, Failure, plural, useLoad, useTitle } from "./ui";
import { sizeText } from "./binary";

const PREVIEW = 8;

interface File_ {
  name: string;
  header: string[];
  /** With the number of the line where each begins, as an editor counts. */
  records: { values: string[]; line: number }[];
}

/** Records with their line numbers: a record may hold line breaks within quotes. Throws an `ApiError` with the line. */
export function readCsv(name: string, text: string): File_ {
  const clean = text.replace(/^\ufeff/, "");
  const records: File_["records"] = [];
  let line = 1;
  let at = 0;
  let wrong: ApiError | null = null;
  Papa.parse<string[]>(clean, {
    step: ({ data, errors, meta }) => {
      const problem = errors.find((error) => error.type === "Quotes");
      if (problem && !wrong) wrong = new ApiError(0, "", `Line ${line} is not CSV: ${problem.message}.`);
      if (!(data.length === 1 && data[0] === "")) records.push({ values: data, line });
      const passed = clean.slice(at, meta.cursor);
      line += passed.split(/\r\n|\n|\r/).length - 1;
      at = meta.cursor;
    },
  });
  if (wrong) throw wrong as ApiError;
  const [first, ...others] = records;
  if (!first || others.length === 0) throw new ApiError(0, "", "The file has no rows below its first line, which names the columns.");
  const short = others.find((record) => record.values.length !== first.values.length);
  if (short) {
    throw new ApiError(0, "", `Line ${short.line} has ${plural(short.values.length, "value")}, but the first line has ${plural(first.values.length, "name")}.`);
  }
  return { name, header: first.values, records: others };
}

type Mapping = (string | null)[];

const folded = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, "");

function guess(header: readonly string[], table: Table): Mapping {
  const free = new Map(table.columns.filter((column) => !column.generated).map((column) => [folded(column.name), column.name]));
  return header.map((name) => {
    const exact = table.columns.find((column) => column.name === name && !column.generated)?.name;
    const found = exact ?? free.get(folded(name)) ?? null;
    if (found !== null) free.delete(folded(found));
    return found;
  });
}

/** Empty cells are null where the column takes it, as in the API's own CSV; so is the word NULL. */
function valueOf(text: string, column: Column): Json {
  if (text === "NULL" || (text === "" && (column.nullable || column.kind !== "text"))) return null;
  if (column.kind === "set" && text.startsWith("[")) return valueFrom(text, { ...column, kind: "json" });
  return valueFrom(text, column);
}

/** The rows as they are sent. Throws an `ApiError` that names the line. */
export function rowsFrom(file: File_, mapping: Mapping, table: Table): Row[] {
  const targets = mapping.map((name) => table.columns.find((column) => column.name === name));
  return file.records.map(({ values, line }) => {
    const row = newRow();
    targets.forEach((column, index) => {
      if (!column) return;
      try {
        row[column.name] = valueOf(values[index]!, column);
      } catch (failure) {
        throw new ApiError(0, "", `Line ${line}: “${column.name}” is not JSON: ${(failure as Error).message}`);
      }
    });
    return row;
  });
}

/** As `send`, with the progress of the upload: `fetch` does not tell it. */
function upload(call: Call, progress: (part: number) => void, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(call.method, addressOf(call));
    for (const [name, value] of Object.entries(headersOf(call))) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => progress(event.loaded / event.total);
    request.onload = () => (request.status < 300 ? resolve() : reject(errorOf(request.status, request.responseText)));
    request.onerror = () => reject(new ApiError(0, "", "The connection broke while the rows were sent.", "All of them may be stored, or none.", "Look at the table before you import again."));
    request.onabort = () => reject(new ApiError(0, "", "Stopped.", "All rows may be stored, or none.", "Look at the table before you import again."));
    stop.addEventListener("abort", () => request.abort());
    request.send(call.body);
  });
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

function callFor(table: Table, rows: readonly Row[], rehearsal: boolean): Call {
  return {
    method: "POST",
    path: rowsPath(table.name),
    query: writeQuery([["columns", Object.keys(rows[0]!).map(nameText).join(",")]]),
    headers: {
      "Content-Type": "application/json", "Content-Profile": table.schema,
      Prefer: `return=minimal${rehearsal ? ",tx=rollback" : ""}`,
    },
    body: writeJson(rows),
  };
}

/**
 * The first row that is wrong. An error names no row, because rows are stored many at a time, so ever shorter
 * beginnings of the file are rehearsed: stored and undone.
 */
async function firstWrong(table: Table, rows: readonly Row[], known: ApiError, say: (text: string) => void, stop: AbortSignal): Promise<{ index: number; error: ApiError }> {
  let [good, bad] = [0, rows.length];
  let error = known;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    say(`Looking for the first wrong line: between ${count(good + 1)} and ${count(bad)}`);
    try {
      await upload(callFor(table, rows.slice(0, middle), true), () => undefined, stop);
      good = middle;
    } catch (failure) {
      const refused = asError(failure);
      if (stop.aborted || refused.status === 0 || refused.status >= 500) throw refused;
      error = refused;
      bad = middle;
    }
  }
  return { index: bad - 1, error };
}

type State =
  | { at: "choose" }
  | { at: "map" }
  | { at: "send"; text: string; part: number }
  | { at: "done"; rows: number };

export function Import({ route }: { route: Route }): JSX.Element {
  const name: Name = { schema: route.schema, table: route.table };
  useTitle(`Import · ${name.table}`);
  const table = useLoad(() => loadTable(name), []);
  const [file, setFile] = useState<File_ | null>(null);
  const [mapping, setMapping] = useState<Mapping>([]);
  const [state, setState] = useState<State>({ at: "choose" });
  const [error, setError] = useState<ApiError | null>(null);
  const [controller, setController] = useState(() => new AbortController());
  if (table.error) return <section class="view"><Failure error={table.error} again={table.again} /></section>;
  if (!table.value) return <section class="view" aria-busy="true" />;
  const target = table.value;

  const read = (title: string, text: string): void => {
    setError(null);
    try {
      const found = readCsv(title, text);
      setFile(found);
      setMapping(guess(found.header, target));
      setState({ at: "map" });
    } catch (failure) {
      setError(asError(failure));
    }
  };
  const start = async (): Promise<void> => {
    if (!file) return;
    const stop = new AbortController();
    setController(stop);
    setError(null);
    try {
      const rows = rowsFrom(file, mapping, target);
      if (rows.length > LIMITS.maxWriteRows) {
        throw new ApiError(0, "", `The file has ${count(rows.length)} rows; one import takes at most ${count(LIMITS.maxWriteRows)}.`, "", "Split the file: each part is then stored as a whole.");
      }
      const call = callFor(target, rows, false);
      const bytes = bytesOf(call.body!);
      if (bytes > LIMITS.maxBodyBytes) {
        throw new ApiError(0, "", `The rows are ${sizeText(bytes)} as JSON; one import takes at most ${sizeText(LIMITS.maxBodyBytes)}.`, "", "Split the file: each part is then stored as a whole.");
      }
      setState({ at: "send", text: "Sending", part: 0 });
      try {
        await upload(call, (part) => setState({ at: "send", text: part < 1 ? "Sending" : "Storing", part }), stop.signal);
      } catch (failure) {
        const refused = asError(failure);
        if (refused.status < 400 || refused.status >= 500 || refused.status === 401 || refused.status === 413) throw refused;
        const wrong = await firstWrong(target, rows, refused, (text) => setState({ at: "send", text, part: 1 }), stop.signal);
        const { line } = file.records[wrong.index]!;
        throw new ApiError(wrong.error.status, wrong.error.code, `Line ${line}: ${wrong.error.message}`, wrong.error.details, "Nothing was stored. Change the line, and import the file again.");
      }
      setState({ at: "done", rows: rows.length });
    } catch (failure) {
      setError(asError(failure));
      setState({ at: "map" });
    }
  };
  const mapped = mapping.filter((each) => each !== null);
  const twice = mapped.find((each, index) => mapped.indexOf(each) !== index);
  const missing = target.columns.filter((column) => column.required && !column.generated && !mapped.includes(column.name));
  return (
    <section class="view import" aria-label={`Import into ${name.table}`}>
      <header class="head">
        <div class="heading">
          <p class="crumbs"><a href={link("rows", name)}><bdi>{name.table}</bdi></a></p>
          <h1>Import CSV</h1>
          <p class="faint">All rows are stored, or none. Empty cells become null where the column allows it.</p>
        </div>
      </header>
      <div class="scroll padded">
        {state.at === "done" ? (
          <div class="done" role="status">
            <p><strong>{plural(state.rows, "row")} stored.</strong></p>
            <p><a class="button primary" href={link("rows", name)}>Show the table</a> <button type="button" class="quiet" onClick={() => { setFile(null); setState({ at: "choose" }); }}>Import another file</button></p>
          </div>
        ) : (
          <Source read={read} />
        )}
        {error && <Failure error={error} />}
        {file && state.at !== "done" && state.at !== "choose" && (
          <>
            <h2>{file.name} <span class="faint">{plural(file.records.length, "row")}</span></h2>
            <Preview file={file} mapping={mapping} table={target} change={setMapping} />
            {twice !== undefined && <p class="field-error" role="alert">Two columns of the file go to “{twice}”.</p>}
            {missing.length > 0 && <p class="field-error" role="alert">Every row needs a value for {missing.map((column) => `“${column.name}”`).join(", ")}.</p>}
            {state.at === "send" ? (
              <p class="progress" role="status">
                <progress value={state.part} max={1} aria-label={state.text} /> {state.text}
                <button type="button" class="quiet" onClick={() => controller.abort()}>Stop</button>
              </p>
            ) : (
              <p class="actions">
                <button type="button" class="primary" disabled={mapped.length === 0 || twice !== undefined || missing.length > 0} onClick={() => void start()}>
                  Import {plural(file.records.length, "row")}
                </button>
              </p>
            )}
          </>
        )}
      </div>
    </section>
  );
}

function Source({ read }: { read: (name: string, text: string) => void }): JSX.Element {
  const [pasted, setPasted] = useState("");
  const take = async (file: File | undefined): Promise<void> => {
    if (file) read(file.name, await file.text());
  };
  return (
    <div
      class="source"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => { event.preventDefault(); void take(event.dataTransfer?.files[0]); }}
    >
      <label>CSV file, whose first line names the columns <input type="file" accept=".csv,.tsv,.txt,text/csv" onChange={(event) => void take(event.currentTarget.files?.[0])} /></label>
      <details>
        <summary>or paste it</summary>
        <textarea aria-label="CSV" rows={5} class="mono" value={pasted} onInput={(event) => setPasted(event.currentTarget.value)} />
        <button type="button" disabled={pasted.trim() === ""} onClick={() => read("Pasted rows", pasted)}>Preview</button>
      </details>
    </div>
  );
}

function Preview({ file, mapping, table, change }: { file: File_; mapping: Mapping; table: Table; change: (mapping: Mapping) => void }): JSX.Element {
  const free = table.columns.filter((column) => !column.generated);
  return (
    <div class="scroll preview">
      <table class="grid">
        <thead>
          <tr>
            <th class="gutter">Line</th>
            {file.header.map((name, index) => (
              <th key={index}>
                <span class="column-name"><bdi>{name || `column ${index + 1}`}</bdi></span>
                <select aria-label={`Target of ${name || `column ${index + 1}`}`} value={mapping[index] ?? "\0"} onChange={(event) => {
                  const value = event.currentTarget.value;
                  change(mapping.map((each, place) => (place === index ? (value === "\0" ? null : value) : each)));
                }}>
                  <option value={"\0"}>skip</option>
                  {free.map((column) => <option key={column.name} value={column.name}>→ {column.name}</option>)}
                </select>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {file.records.slice(0, PREVIEW).map(({ values, line }) => (
            <tr key={line}>
              <td class="gutter">{line}</td>
              {values.map((value, index) => <td key={index} class={mapping[index] === null ? "left-out" : ""}><bdi>{value}</bdi></td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
