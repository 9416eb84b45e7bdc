/** Logging in at Cognito's hosted page: the authorization code flow with PKCE (RFC 7636), which needs no secret here. */

import { ApiError, setToken } from "./api";
import { LOGIN } from "./settings";

const PENDING = "aurorest.login";

const redirectUri = (): string => location.origin + location.pathname;

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const random = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

export async function logIn(): Promise<void> {
  if (!LOGIN) return;
  const pending = { state: random(), verifier: random(), hash: location.hash };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pending.verifier));
  const asked = new URLSearchParams({
    response_type: "code",
    client_id: LOGIN.clientId,
    redirect_uri: redirectUri(),
    state: pending.state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  });
  location.href = `${LOGIN.origin}/oauth2/authorize?${asked}`;
}

/** When the hosted page has sent the reader back: change its code for a token. Gives whether it did. */
export async function finishLogin(): Promise<boolean> {
  const answer = new URLSearchParams(location.search);
  const stored = sessionStorage.getItem(PENDING);
  if (!LOGIN || !stored || !(answer.has("code") || answer.has("error"))) return false;
  sessionStorage.removeItem(PENDING);
  const pending = JSON.parse(stored) as { state: string; verifier: string; hash: string };
  history.replaceState(null, "", redirectUri() + pending.hash);
  if (answer.get("state") !== pending.state) throw new ApiError(0, "", "The login was not started from this page, so it was ignored.");
  if (answer.has("error")) throw new ApiError(0, "", `Logging in failed: ${answer.get("error_description") ?? answer.get("error")}`);
  const response = await fetch(`${LOGIN.origin}/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: LOGIN.clientId,
      code: answer.get("code")!,
      redirect_uri: redirectUri(),
      code_verifier: pending.verifier,
    }),
  });
  const body = (await response.json()) as { access_token?: string; error?: string };
  if (!response.ok || !body.access_token) throw new ApiError(response.status, "", `Logging in failed: ${body.error ?? response.status}`);
  setToken(body.access_token);
  return true;
}
