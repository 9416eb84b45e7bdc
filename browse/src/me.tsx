/** Who the API takes the reader for: the token's claims, and what they may do. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { setToken, token } from "./api";
import { methods, tables, type Name } from "./catalog";
import { Tree } from "./cells";
import { isLosslessNumber, parseJson, type Json } from "./json";
import { logIn } from "./login";
import { link } from "./route";
import { LOGIN } from "./settings";
import { Failure, useLoad, useTitle } from "./ui";

/** The payload of a JSON Web Token, unverified: only the API can tell whether it is true. Null: not a token. */
export function claimsOf(text: string): Record<string, Json> | null {
  const parts = text.split(".");
  if (parts.length !== 3) return null;
  try {
    const bytes = Uint8Array.from(atob(parts[1]!.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
    const claims = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return claims !== null && typeof claims === "object" && !Array.isArray(claims) && !isLosslessNumber(claims) ? claims : null;
  } catch {
    return null;
  }
}

function expiry(claims: Record<string, Json>): string {
  const until = claims.exp;
  if (!isLosslessNumber(until)) return "It does not expire.";
  const moment = new Date(Number(until.value) * 1000);
  return `${moment.getTime() < Date.now() ? "It expired" : "It is valid until"} ${moment.toLocaleString()}.`;
}

export function Me(): JSX.Element {
  useTitle("Who am I");
  const [draft, setDraft] = useState("");
  const [wrong, setWrong] = useState(false);
  const current = token();
  const claims = current ? claimsOf(current) : null;
  const submit = (event: Event): void => {
    event.preventDefault();
    const text = draft.trim().replace(/^Bearer\s+/i, "");
    const valid = claimsOf(text) !== null;
    setWrong(!valid);
    if (!valid) return;
    setToken(text);
    setDraft("");
  };
  return (
    <section class="view me" aria-label="Who am I">
      <header class="head"><div class="heading"><h1>Who am I</h1></div></header>
      <div class="scroll padded">
        {claims ? (
          <>
            <p>Every request is sent with this token. {expiry(claims)} The API decides whether it is true; here it is only shown.</p>
            <pre class="json"><Tree value={claims} /></pre>
            <p class="actions"><button type="button" onClick={() => setToken("")}>Forget the token</button></p>
          </>
        ) : (
          <>
            <p>Requests are sent without a token.</p>
            {LOGIN && <p><button type="button" class="primary" onClick={() => void logIn()}>Log in</button></p>}
            <form class="token-form" onSubmit={submit}>
              <label for="token">{LOGIN ? "or paste a token" : "Paste a token"}</label>
              <textarea id="token" class="mono" rows={4} spellcheck={false} autocomplete="off" value={draft} onInput={(event) => setDraft(event.currentTarget.value)} />
              {wrong && <p class="field-error" role="alert">This is not a JSON Web Token: three parts with dots between them.</p>}
              <p class="actions"><button type="submit" class="primary" disabled={draft.trim() === ""}>Use it</button> <span class="faint">It is kept until this tab is closed.</span></p>
            </form>
          </>
        )}
        <Rights />
      </div>
    </section>
  );
}

const ASKED = 30;

/** What may be done with each table, by the API's own answer to OPTIONS. */
function Rights(): JSX.Element {
  const found = useLoad(async () => {
    const all = await tables();
    const names = all.slice(0, ASKED).map((each): Name => ({ schema: each.schema, table: each.name }));
    return { all, rights: await Promise.all(names.map(async (name) => ({ name, methods: await methods(name) }))) };
  }, []);
  if (found.error) return <Failure error={found.error} again={found.again} />;
  if (!found.value) return <p class="faint">Asking…</p>;
  const { all, rights } = found.value;
  const verbs = [["read", "GET"], ["insert", "POST"], ["change", "PATCH"], ["delete", "DELETE"]] as const;
  return (
    <>
      <h2>What I may do</h2>
      <table class="grid compact">
        <thead><tr><th><div>Table</div></th>{verbs.map(([verb]) => <th key={verb}><div>{verb}</div></th>)}</tr></thead>
        <tbody>
          {rights.map(({ name, methods: allowed }) => (
            <tr key={`${name.schema}.${name.table}`}>
              <td><a href={link("rows", name)}><bdi>{name.table}</bdi></a></td>
              {verbs.map(([verb, method]) => <td key={verb}>{allowed.has(method) ? <span class="yes">✓<span class="unseen"> yes</span></span> : <span class="null">–<span class="unseen"> no</span></span>}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
      {all.length > ASKED && <p class="faint">The first {ASKED} of {all.length} tables.</p>}
    </>
  );
}
