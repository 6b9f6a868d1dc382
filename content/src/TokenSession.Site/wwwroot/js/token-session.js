/**
 * Keeps the session of this browser fresh, and notifies the page when a session begins or ends.
 *
 * The server makes all decisions. If several tabs ask it to refresh, it calls the backend once. The coordination of the
 * tabs (a lock, a channel, a random delay) only saves requests. Durations are in seconds. Times are those of the server's
 * clock, so the clock of this computer may be wrong.
 *
 * @module
 *
 * @typedef {'signed-in' | 'signed-out' | 'unknown'} State
 *   unknown: the server or its backend could not be reached
 *
 * @typedef {object} Credentials
 * @property {string} email
 * @property {string} password
 * @property {string} [otp] the one-time code, if the account requires one
 * @property {string} [recoveryCode] in place of the one-time code, if the backend accepts it
 * @property {boolean} [rememberMe] whether the session continues after the browser is closed
 *
 * @typedef {{ otp: string } | { recoveryCode: string }} Code the second step of a sign-in, in the 5 minutes after `otp_required`
 *
 * @typedef {object} Times seconds from now, as the server sends them
 * @property {number} expiresIn until the access token expires
 * @property {number} refreshIn until a refresh is due
 * @property {number} endsIn until the session ends, unless the user opens a page before
 *
 * @typedef {object} Settings
 * @property {string} refreshPath path of the refresh endpoint; default: `refresh` below the site's base path
 * @property {(secondsLeft: number) => boolean} shouldRefresh whether to refresh now; default: when a refresh is due
 * @property {number} refreshBefore the longest time before expiry at which to refresh; default: what the server sends
 * @property {number} idleAfter how long a tab without input keeps refreshing; default: 1800
 * @property {(times: Times) => void} onRefresh called when the access token is fresh
 * @property {() => void} onSignedIn called when a session has begun that this page did not know; default: as below
 * @property {() => void} onSignedOut called when the session has ended; default: a restricted page is reloaded, and the
 *   server redirects to the login page with `returnTo`, or from the login page to the page that the user wanted
 * @property {(retryIn: number) => void} onUnavailable called when the server or its backend could not be reached; the session is kept
 */

/** Data that the layout writes: names, paths, the state of the session on this page, and the server's time. */
const page = document.body.dataset;

function askAgain() {
  if (page.restricted) location.replace(location.pathname + location.search);
}

/** @type {Settings} */
const settings = {
  refreshPath: `${page.basePath}/refresh`,
  shouldRefresh: () => !(secondsUntilDue() > 0),
  refreshBefore: Infinity,
  idleAfter: 1800,
  onRefresh() {},
  onSignedIn: askAgain,
  onSignedOut: askAgain,
  onUnavailable() {},
};

// ---- Cookies ----

/** @param {string} [name] */
const cookie = (name) => decodeURIComponent(document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] ?? '');

/** When the access token expires, by the server's clock; null for a guest. */
export function sessionExpiry() {
  const expiry = new Date(cookie(page.sessionCookie));
  return Number(expiry) ? expiry : null;
}

/** The access token; empty for a guest, after expiry, and if the setting `AccessTokenInBrowser` is false. */
export const accessToken = () => cookie(page.tokenCookie);

/** Whether there is a session; its access token may have expired. */
export const isSignedIn = () => sessionExpiry() !== null;

/** @returns {State} */
const state = () => isSignedIn() ? 'signed-in' : 'signed-out';

/** Deletes the cookies that scripts can see. Only `logout()` ends the session. */
export function clearSession() {
  for (const name of [page.tokenCookie, page.sessionCookie]) {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing on plain HTTP
    document.cookie = `${name}=; path=/; max-age=0`;
  }
}

// ---- The server's clock ----

// How far it is ahead of the two clocks here: the steady clock may stop while the computer sleeps, and the wall clock changes
// when the user sets it. The later time counts, so at worst a refresh is too early.
/** @param {number} now the server's time, in milliseconds */
const readClock = (now) => ({ aheadOfSteady: now - performance.now(), aheadOfWall: now - Date.now() });

let clock = readClock(Date.parse(page.now ?? ''));
let margin = Number(page.refreshBefore);

/** The seconds until the access token expires; negative after that. */
export const secondsLeft = () =>
  (Number(sessionExpiry()) - Math.max(performance.now() + clock.aheadOfSteady, Date.now() + clock.aheadOfWall)) / 1000;

/** Each tab refreshes at another, random moment before expiry, so that one tab asks and the others use its result. */
const share = 0.6 + Math.random() * 0.3;
const secondsUntilDue = () => secondsLeft() - Math.min(margin, settings.refreshBefore) * share;

/** @param {Times} times */
function learn(times) {
  clock = readClock(Number(sessionExpiry()) - times.expiresIn * 1000);
  margin = times.expiresIn - times.refreshIn;
  failures = 0;
  // In a microtask, so that an exception in the callback does not break the refresh.
  queueMicrotask(() => settings.onRefresh(times));
}

// ---- Requests to the server ----

let askedAt = -Infinity;
let failures = 0;
let retryIn = 0;
/** @type {Promise<State> | undefined} */
let flight;

/**
 * Never rejects. If the server cannot be reached, the status is 0. If the response is not JSON, the answer is empty.
 * @param {string} path @param {object} [body]
 */
async function post(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  }).catch(() => Response.error());
  return { response, answer: await response.json().catch(() => ({})) };
}

/**
 * Makes sure that the access token is fresh. Calls and tabs that wait at the same time share one request.
 * @returns {Promise<State>}
 */
export function refresh() {
  const before = cookie(page.sessionCookie);
  flight ??= inTurn(() => cookie(page.sessionCookie) === before ? ask(before) : state()).then(settle).finally(() => { flight = undefined; });
  return flight;
}

/**
 * Runs the work in one tab at a time. A tab waits at most 5 seconds, and not at all if the browser has no locks.
 * @param {() => State | Promise<State>} work
 */
async function inTurn(work) {
  try {
    return await navigator.locks.request(`${page.cookiePrefix}_refresh`, { signal: AbortSignal.timeout(5_000) }, work);
  } catch {
    return work();
  }
}

/** @param {string} before the session cookie that the request is about @returns {Promise<State>} */
async function ask(before) {
  askedAt = performance.now();
  retryIn = 0;
  seen = state();
  const { response, answer } = await post(settings.refreshPath);
  if (answer.expiresIn) {
    learn(answer);
    return 'signed-in';
  }

  if (response.status === 401) {
    // If a user signed in meanwhile, the response is about a session that this browser no longer has.
    if (cookie(page.sessionCookie) === before) clearSession();
    return state();
  }

  const asTold = Number(response.headers.get('Retry-After'));
  retryIn = Math.max(asTold || 0, Math.min(5 * 2 ** failures++, 120)) * (1 + Math.random() / 2);
  return 'unknown';
}

/**
 * Signs in. If `ok` is false, `code` is the reason: `bad_credentials`, `otp_required`, `too_many_attempts`, `locked_out`,
 * `not_allowed`, `backend_unavailable`, `backend_error` or `bad_request`. Without a code, the site could not be reached.
 * @param {Credentials | Code} credentials
 * @returns {Promise<{ ok: boolean, code?: string }>}
 */
export async function login(credentials) {
  const { answer } = await post(`${page.basePath}/login`, credentials);
  if (answer.expiresIn) {
    learn(answer);
    settle('signed-in');
  }

  return { ok: answer.expiresIn > 0, code: answer.code };
}

/** Signs out in all tabs. Returns false if the server could not be reached; the user is then still signed in. */
export async function logout() {
  const { response } = await post(`${page.basePath}/logout`);
  if (response.ok) settle(state());
  return response.ok;
}

/**
 * Calls the backend through the site, which adds the access token and refreshes it if necessary.
 * @param {string} path below the backend's address; begins with a slash
 * @param {RequestInit} [init]
 */
export async function fetchBackend(path, init) {
  const response = await fetch(page.backendPath + path, init);
  if (response.status === 401) await refresh();
  return response;
}

// ---- Automatic refresh ----

/** `known` is the last state from the server, `seen` the state of the cookies at the last request. A change causes a request. */
let known = page.state;
let seen = page.state;
let lastInput = Date.now();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

const channel = globalThis.BroadcastChannel && new BroadcastChannel(`${page.cookiePrefix}_session`);

/** Makes the other tabs read the cookies. The message contains nothing else. */
const tellOthers = () => channel?.postMessage('look');

/** @param {State} now the state from the server */
function settle(now) {
  if (now === 'unknown') {
    settings.onUnavailable(retryIn);
  } else {
    const isNews = now !== known;
    known = seen = now;
    if (isNews) {
      tellOthers();
      settings[now === 'signed-in' ? 'onSignedIn' : 'onSignedOut']();
    }
  }

  return now;
}

const isIdle = () => Date.now() - lastInput > settings.idleAfter * 1000;
const isInUse = () => isSignedIn() && !isIdle();

function shouldAsk() {
  // A form that is being sent may change the cookies, and its response leads to the right page.
  if (!navigator.onLine || document.querySelector('form[aria-busy]')) return false;
  // A change of the cookies is urgent. Other requests wait longer.
  const pause = state() === seen ? Math.max(retryIn, 5) : 1;
  if (performance.now() - askedAt < pause * 1000) return false;
  return state() !== known || isInUse() && settings.shouldRefresh(secondsLeft());
}

/**
 * Checks the cookies and the clock, and refreshes if necessary. It runs after each event that may change them, and at
 * least every 30 s, so sleep, throttled timers and delays beyond the limit of a timer need no special code.
 */
function look() {
  clearTimeout(timer);
  if (shouldAsk()) refresh();
  const wait = state() !== known ? 1 : isInUse() ? secondsUntilDue() : 30;
  timer = setTimeout(look, 1000 * Math.min(Math.max(wait, 1), 30));
}

function noteInput() {
  const wasIdle = isIdle();
  lastInput = Date.now();
  if (wasIdle) look();
}

/**
 * Starts to keep the session of this page fresh.
 * @param {Partial<Settings>} [options]
 */
export function startSessionRefresh(options) {
  Object.assign(settings, options);
  for (const type of ['pointerdown', 'keydown', 'scroll', 'focus']) addEventListener(type, noteInput);
  for (const type of ['focus', 'visibilitychange', 'online', 'pageshow']) addEventListener(type, look);
  channel?.addEventListener('message', look);
  tellOthers();
  look();
}
