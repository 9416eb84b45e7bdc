/** Requests to the API. A `Call` is a value: the same one is sent, and shown as curl, JavaScript and Python. */

import { parseJson, type Json } from "./json";

/** The address that the API's paths are below: `/browse` may itself stand below a stage. */
export const ROOT = new URL("../", import.meta.url).href.replace(/\/$/, "");

/** The address of a file beside this one, of the same build. */
export function fileAddress(name: string): string {
  return new URL(name + new URL(import.meta.url).search, import.meta.url).href;
}

export interface Call {
  method: "GET" | "HEAD" | "POST" | "PATCH" | "DELETE" | "OPTIONS";
  /** Percent-encoded, with the leading slash: `/rest/v1/cities`. */
  path: string;
  /** As it stands behind the `?`. */
  query?: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  /** From the request until the body was there. */
  milliseconds: number;
}

/** An answer that is an error, or no answer at all (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details = "",
    readonly hint = "",
  ) {
    super(message);
  }
}

const TOKEN = "aurorest.token";
const listeners = new Set<() => void>();

export function token(): string {
  return sessionStorage.getItem(TOKEN) ?? "";
}

export function setToken(text: string): void {
  if (text) sessionStorage.setItem(TOKEN, text);
  else sessionStorage.removeItem(TOKEN);
  for (const listener of listeners) listener();
}

export function onToken(listener: () => void): void {
  listeners.add(listener);
}

export function headersOf(call: Call): Record<string, string> {
  const bearer: Record<string, string> = token() ? { Authorization: `Bearer ${token()}` } : {};
  return { ...bearer, ...call.headers };
}

export function addressOf(call: Call): string {
  return ROOT + call.path + (call.query ? `?${call.query}` : "");
}

export async function send(call: Call, signal?: AbortSignal): Promise<Reply> {
  const started = performance.now();
  let response: Response;
  let text: string;
  try {
    response = await fetch(addressOf(call), {
      method: call.method,
      headers: headersOf(call),
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(signal ? { signal } : {}),
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "", "The API cannot be reached.", "", "Is the server running, and this machine connected?");
  }
  const reply = { status: response.status, headers: response.headers, text, milliseconds: performance.now() - started };
  if (response.ok || response.status === 304) return reply;
  throw errorOf(reply.status, text);
}

/** The error that an answer's body describes; API Gateway's own have a message alone. */
export function errorOf(status: number, text: string): ApiError {
  let body: Json = null;
  try {
    body = parseJson(text);
  } catch {
    // not the API's own words
  }
  const said = (name: string): string => {
    const value = body !== null && typeof body === "object" && !Array.isArray(body) ? (body as Record<string, Json>)[name] : null;
    return typeof value === "string" ? value : "";
  };
  const hint = said("hint") || (status === 401 ? "Add a token under “Who am I”." : "");
  return new ApiError(status, said("code"), said("message") || `The API answered with status ${status}.`, said("details"), hint);
}

export async function getJson(call: Call, signal?: AbortSignal): Promise<Json> {
  return parseJson((await send(call, signal)).text);
}

/** The query of the page that follows, from the Link header; null on the last one. */
export function nextQuery(reply: Reply): string | null {
  const found = /<[^>?]*\?([^>]*)>;\s*rel="next"/.exec(reply.headers.get("link") ?? "");
  return found ? found[1]! : null;
}

/** From `Content-Range: 0-9/57`: how many there are in all, where the server counted. */
export function totalOf(reply: Reply): number | null {
  const found = /\/(\d+)$/.exec(reply.headers.get("content-range") ?? "");
  return found ? Number(found[1]) : null;
}
