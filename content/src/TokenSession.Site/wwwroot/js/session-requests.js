/**
 * Requests to the endpoints of the session. Other scripts use the functions of `token-session.js`.
 *
 * @module
 */

import { settings } from './session-state.js';

/** @param {number} seconds */
function timeout(seconds) {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), seconds * 1000);
  return controller.signal;
}

/** Names the user of the page. If the session belongs to another user, the server refuses the request (409). @param {HeadersInit} [init] */
export function withUser(init) {
  const headers = new Headers(init);
  if (settings.user) headers.set('X-Session-User', settings.user);
  return headers;
}

/**
 * Never rejects. If the server cannot be reached, or an HTML page arrives instead of its answer, the status is 0.
 * @param {string} path @param {HeadersInit} headers @param {object} [body]
 */
export async function post(path, headers, body) {
  try {
    const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body), signal: timeout(20) });
    if (!response.headers.get('Content-Type')?.includes('html')) return { response, answer: await response.json().catch(() => ({})) };
  } catch {
    // The network failed, or the time limit has passed.
  }
  return { response: Response.error(), answer: {} };
}

/**
 * Runs the work in one tab at a time. A tab waits at most 5 seconds, and not at all if the browser has no locks.
 * @template T @param {() => T | Promise<T>} work
 */
export async function withLock(work) {
  try {
    return await navigator.locks.request(`${settings.cookiePrefix}_refresh`, { signal: timeout(5) }, work);
  } catch {
    return work();
  }
}
