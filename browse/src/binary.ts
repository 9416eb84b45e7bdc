/** BLOBs, which come in base64. */

const IMAGES: readonly [mime: string, extension: string, test: (head: string) => boolean][] = [
  ["image/png", "png", (head) => head.startsWith("\x89PNG\r\n\x1a\n")],
  ["image/jpeg", "jpg", (head) => head.startsWith("\xff\xd8\xff")],
  ["image/gif", "gif", (head) => /^GIF8[79]a/.test(head)],
  ["image/webp", "webp", (head) => /^RIFF[^]{4}WEBP/.test(head)],
  ["image/avif", "avif", (head) => /^[^]{4}ftypavi[fs]/.test(head)],
  ["image/bmp", "bmp", (head) => /^BM[^]{4}\0\0\0\0/.test(head)],
];

function head(base64: string): string {
  try {
    return atob(base64.slice(0, 64));
  } catch {
    return "";
  }
}

export function bytesIn(base64: string): number {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return Math.max(0, (base64.length / 4) * 3 - padding);
}

/** Its media type, when the bytes begin as an image that browsers show. SVG is not one: it is a document. */
export function imageType(base64: string): string | null {
  const begin = head(base64);
  return IMAGES.find(([, , test]) => test(begin))?.[0] ?? null;
}

export function extensionOf(base64: string): string {
  const begin = head(base64);
  return IMAGES.find(([, , test]) => test(begin))?.[1] ?? "bin";
}

export function hexOf(base64: string, most = 32): string {
  const begin = [...head(base64).slice(0, most)];
  return begin.map((character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join(" ");
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function blobOf(base64: string): Blob {
  const text = atob(base64);
  return new Blob([Uint8Array.from(text, (character) => character.charCodeAt(0))]);
}

export async function base64Of(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
