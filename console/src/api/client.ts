/** The one way to the server: JSON in, JSON out, every failure an `ApiError` a person can read. */

import type { Problem } from "./types";

export const API = "/api/v1";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    /** Seconds to wait before another try, where the server said so. */
    readonly retryAfter_s: number | null = null,
  ) {
    super(problem.detail || problem.title);
    this.name = "ApiError";
  }

  /** What the server says about the fields below `prefix`, by their pointer. */
  fields(): Map<string, string> {
    return new Map((this.problem.errors ?? []).map((e) => [e.pointer, e.detail]));
  }
}

const signedOutListeners = new Set<() => void>();

/** Calls back whenever the server says that nobody is signed in. Returns the way to stop that. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

export function announceSignedOut(): void {
  for (const listener of signedOutListeners) listener();
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "title" in value;
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: "about:blank",
    title: `The server answered ${response.status}`,
    status: response.status,
    detail: "",
  };
  try {
    const body: unknown = await response.json();
    return isProblem(body) ? { ...fallback, ...body } : fallback;
  } catch {
    return fallback;
  }
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(API + path, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, {
      type: "about:blank",
      title: "The server does not answer",
      status: 0,
      detail: "Check that Custos is running and that this computer reaches it.",
    });
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (response.status === 401 && !(init.method === "POST" && path === "/session")) announceSignedOut();
  const retryAfter = Number(response.headers.get("Retry-After"));
  throw new ApiError(response.status, problem, retryAfter > 0 ? retryAfter : null);
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, { signal: signal ?? null });
  return (await response.json()) as T;
}

/** A changing request; answers with the body, or undefined where the server sends none. */
export async function change<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.headers = { "Content-Type": "application/json" };
    init.body = JSON.stringify(body);
  }
  const response = await send(path, init);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** A picture and when it was taken, in Unix milliseconds. */
export async function getPicture(
  path: string,
  signal?: AbortSignal,
): Promise<{ blob: Blob; capturedAt_ms: number | null }> {
  const response = await send(path, { signal: signal ?? null });
  const stamp = Date.parse(response.headers.get("X-Captured-At") ?? "");
  return { blob: await response.blob(), capturedAt_ms: Number.isNaN(stamp) ? null : stamp };
}

/** Address of a WebSocket of this server. */
export function socketUrl(path: string): string {
  const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${window.location.host}${API}${path}`;
}

/** A query string of the parameters that say something; arrays repeat the name. */
export function queryString(
  parameters: Record<string, string | number | string[] | null | undefined>,
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") search.append(name, String(one));
    }
  }
  const text = search.toString();
  return text ? `?${text}` : "";
}
