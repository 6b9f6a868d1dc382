/**
 * Keeps the session of this browser fresh, and shows another page when a session begins, ends, or belongs to another user.
 *
 * The server makes all decisions. If several tabs ask it to refresh, it calls the backend once. The coordination of the
 * tabs (a lock, a message, a random delay) only saves requests. Durations are in seconds. Times are those of the server's
 * clock, so the clock of this computer may be wrong.
 *
 * The states of a page and their transitions ("ask" is `POST refresh`):
 *
 * | state      | event                                           | action                           | next state |
 * |------------|-------------------------------------------------|----------------------------------|------------|
 * | any        | the cookies show another state                  | ask                              | same       |
 * | any        | the server has answered about these cookies     | none: the answer counts          | same       |
 * | signed-in  | a refresh is due, and the user is not idle      | ask                              | same       |
 * | signed-in  | input, at most once a minute                    | ask, with `active=true`          | same       |
 * | signed-in  | answer 2xx                                      | onRefresh                        | same       |
 * | other      | answer 2xx                                      | onRefresh, onSignedIn, tell tabs | signed-in  |
 * | signed-out | answer 401                                      | clear the cookies                | same       |
 * | other      | answer 401                                      | the same, onSignedOut, tell tabs | signed-out |
 * | other-user | answer 409                                      | none                             | same       |
 * | other      | answer 409                                      | onOtherUser                      | other-user |
 * | any        | another answer, or none                         | onUnavailable, ask again later   | same       |
 *
 * @module
 *
 * @typedef {'signed-in' | 'signed-out' | 'other-user' | 'unknown'} State
 *   other-user: the page shows the content of one user, and the session belongs to another user
 *   unknown: the server or its backend could not be reached
 *
 * @typedef {object} Credentials
 * @property {string} email
 * @property {string} password
 * @property {string} [otp] the one-time code, if the account requires one
 * @property {string} [recoveryCode] replaces the one-time code, if the backend accepts it
 * @property {boolean} [rememberMe] whether the session continues after the browser is closed
 *
 * @typedef {{ otp: string } | { recoveryCode: string }} Code the second step of a sign-in, in the 5 minutes after `otp_required`
 *
 * @typedef {object} Times seconds from now, as the server sends them
 * @property {number} expiresIn until the access token expires
 * @property {number} refreshIn until a refresh is due
 * @property {number} endsIn until the session ends, unless the user is active before
 *
 * @typedef {{ state: State, times?: Times, reason?: string }} Outcome of a request
 *
 * @typedef {object} Settings
 * @property {string} cookiePrefix the start of the names of the lock and of the items in the browser's storage
 * @property {string} sessionCookie the name of the session indicator
 * @property {string} tokenCookie the name of the cookie with the access token
 * @property {string} userCookie the name of the cookie that identifies the user
 * @property {string} basePath the path of the session's endpoints; default: `/api/auth`
 * @property {string} backendPath the path of the proxy to the backend; default: `/api/backend`
 * @property {string} loginPath the path of the login page; default: `/login`
 * @property {string} [refreshPath] the path of the refresh endpoint; default: `refresh` below `basePath`
 * @property {State} state the state of the session when the server rendered the page
 * @property {string} user identifies the user whose content the page shows; empty for a guest
 * @property {string} [needsSession] not empty if the page is for signed-in users only
 * @property {string} [restricted] not empty if the page depends on the session in another way
 * @property {number} endsIn until the session ends, when the server rendered the page
 * @property {(secondsLeft: number) => boolean} shouldRefresh whether to refresh now; default: when a refresh is due
 * @property {number} refreshBefore the longest time before expiry at which to refresh; default: what the server sends
 * @property {number} idleAfter how long a tab without input keeps refreshing; default: 1800
 * @property {() => boolean} hasUnsavedInput whether the user would lose input; default: a field has been changed
 * @property {(times: Times) => void} onRefresh called when the access token is fresh
 * @property {(reason?: string) => void} onSignedIn called when a session has begun that this page did not know; default: as below
 * @property {(reason?: string) => void} onSignedOut called when the session has ended, with the server's reason; default: as below
 * @property {(reason?: string) => void} onOtherUser called when the session belongs to another user. Default: a page for
 *   signed-in users redirects to the login page, with `reason` and `returnTo`. A page that depends on the session, or shows the
 *   content of another user, is reloaded
 * @property {(state: State, reason?: string) => void} onKept called instead of the three above if the user would lose input
 * @property {(retryIn: number) => void} onUnavailable called when the server or its backend could not be reached; the session is kept
 */

import { forgetCredentials, hasChangedField, identifyPage, leave, pageListeners } from './session-page.js';
import { post, withLock, withUser } from './session-requests.js';
import {
  clearSession, currentState, isSignedIn, knownState, notifyTabs, reasonFromTab, remember, secondsLeft, secondsUntilDue,
  sessionCookies, setClock, settings,
} from './session-state.js';

export { hasChangedField } from './session-page.js';
export { accessToken, clearSession, isSignedIn, secondsLeft, sessionExpiry } from './session-state.js';

Object.assign(settings, {
  shouldRefresh: () => !(secondsUntilDue() > 0),
  refreshBefore: Infinity,
  idleAfter: 1800,
  hasUnsavedInput: hasChangedField,
  onRefresh() {},
  onSignedIn: leave,
  onSignedOut: leave,
  onOtherUser: leave,
  onKept() {},
  onUnavailable() {},
});

// ---- Requests to the server ----

let askedAt = -Infinity;
let failures = 0;
let retryIn = 0;
/** @type {Promise<State> | undefined} */
let pending;

/**
 * Ensures that the access token is fresh. Calls and tabs that wait at the same time share one request. Never rejects.
 * @param {boolean} [isActive] whether the user was active; the idle limit then counts from now
 * @returns {Promise<State>}
 */
export function refresh(isActive = false) {
  // A request that is already sent does not report this activity.
  if (isActive && pending) return pending.then(() => refresh(true));
  const before = sessionCookies();
  pending ??= withLock(() => !isActive && isSignedIn() && sessionCookies() !== before ? { state: currentState() } : ask(isActive))
    .then(settle)
    .finally(() => { pending = undefined; });
  return pending;
}

/** @param {boolean} isActive @returns {Promise<Outcome>} */
async function ask(isActive) {
  const before = sessionCookies();
  const tellsActivity = isActive || hasActivity(60);
  if (tellsActivity) clearActivity();
  askedAt = performance.now();
  shown = currentState();
  const path = settings.refreshPath ?? `${settings.basePath}/refresh`;
  const { response, answer } = await post(tellsActivity ? `${path}?active=true` : path, withUser());
  if (response.ok) return { state: 'signed-in', times: answer };
  if (response.status === 409) return { state: 'other-user' };
  if (response.status === 401) {
    // If a user has signed in since the request, the response is about a session that this browser no longer has.
    if (sessionCookies().split('; ').some((pair) => !before.includes(pair))) return { state: currentState() };
    clearSession();
    return { state: 'signed-out', reason: answer.reason };
  }

  retryIn = Math.max(Number(response.headers.get('Retry-After')) || 0, Math.min(5 * 2 ** failures++, 120)) * (1 + Math.random() / 2);
  return { state: 'unknown' };
}

/**
 * Signs in. If `ok` is false, `code` is the reason: `bad_credentials`, `otp_required`, `too_many_attempts`, `locked_out`,
 * `not_allowed`, `backend_unavailable`, `backend_error`, `bad_request`, or `cookies_blocked` if the browser has not accepted
 * the session's cookies. Without a code, the site could not be reached.
 * @param {Credentials | Code} credentials
 * @returns {Promise<{ ok: boolean, code?: string }>}
 */
export async function login(credentials) {
  const { response, answer } = await post(`${settings.basePath}/login`, { 'Content-Type': 'application/json' }, credentials);
  if (!response.ok) return { ok: false, code: answer.code };
  const state = currentState();
  if (state === 'signed-out') return { ok: false, code: 'cookies_blocked' };
  forgetCredentials();
  settle({ state, times: answer });
  return { ok: true };
}

/**
 * Signs out in all tabs. Returns false if the server could not be reached, or if the session belongs to another user; the session
 * is then kept. `onSignedOut` is not called in this tab: the caller decides which page follows.
 */
export async function logout() {
  const { response } = await post(`${settings.basePath}/logout`, withUser());
  if (response.ok) {
    remember('signed-out');
    notifyTabs('signed_out');
  }
  return response.ok;
}

/**
 * Calls the backend through the site, which adds the access token and refreshes it if necessary. GET and HEAD are repeated
 * once after a 401 if the session is refreshed. If the session belongs to another user than this page, the site does not call
 * the backend: the status is 409, and the problem details have the code `other_user`.
 * @param {string} path below the backend's address; begins with a slash
 * @param {RequestInit} [init]
 */
export async function fetchBackend(path, init) {
  const call = () => fetch(settings.backendPath + path, { ...init, headers: withUser(init?.headers) });
  const response = await call();
  if (response.status === 409) check();
  if (response.status !== 401 || await refresh() !== 'signed-in') return response;
  return /^(GET|HEAD)$/i.test(init?.method ?? 'GET') ? call() : response;
}

// ---- The answer of the server ----

/** Calls the callbacks in microtasks, so that their exceptions do not break the refresh. @param {Outcome} outcome */
function settle({ state, times, reason }) {
  if (state === 'unknown') {
    queueMicrotask(() => settings.onUnavailable(retryIn));
    return state;
  }

  const isNews = remember(state);
  shown = state;
  failures = retryIn = 0;
  if (times?.expiresIn) {
    setClock(times);
    settings.endsIn = times.endsIn;
    queueMicrotask(() => settings.onRefresh(times));
  }

  if (isNews) {
    if (state === 'signed-out') reason ??= reasonFromTab();
    notifyTabs(reason);
    const callback = state === 'signed-in' ? settings.onSignedIn : state === 'signed-out' ? settings.onSignedOut : settings.onOtherUser;
    queueMicrotask(() => callback(reason));
  }
  return state;
}

// ---- Automatic refresh ----

/** @type {State | undefined} What the cookies showed at the last request. */
let shown;
let sentAt = -Infinity;
let lastInput = Date.now();
let wasActive = false;
let activeAt = performance.now();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

const isIdle = () => Date.now() - lastInput > settings.idleAfter * 1000;
const isInUse = () => isSignedIn() && !isIdle();

/** @param {number} seconds */
const hasActivity = (seconds) => wasActive && performance.now() - activeAt >= seconds * 1000;

function clearActivity() {
  wasActive = false;
  activeAt = performance.now();
}

function shouldAsk() {
  // A form that is being sent may change the cookies, and its response shows the right page.
  if (/** @type {any} */ (document).prerendering || performance.now() - sentAt < 10_000) return false;
  // A change of the cookies is urgent. Other requests wait longer.
  const pause = currentState() === shown ? Math.max(retryIn, 5) : 1;
  if (performance.now() - askedAt < pause * 1000) return false;
  return currentState() !== knownState() || isInUse() && (settings.shouldRefresh(secondsLeft()) || hasActivity(Math.max(60, settings.endsIn / 20)));
}

/**
 * Checks the cookies and the clock, and refreshes if necessary. It runs after each event that may change them, and at
 * least every 30 s, so sleep, throttled timers and delays beyond the limit of a timer need no special code.
 */
function check() {
  clearTimeout(timer);
  if (shouldAsk()) refresh();
  const wait = currentState() !== knownState() ? 1 : isInUse() ? secondsUntilDue() : 30;
  // Without times, the wait is NaN.
  timer = setTimeout(check, 1000 * Math.min(Math.max(wait, 1) || 30, 30));
}

/** @param {Event} event */
function noteInput({ type }) {
  const wasIdle = isIdle();
  lastInput = Date.now();
  wasActive ||= type !== 'focus';
  if (wasIdle) check();
}

/** @type {[string, (event: any) => void][]} */
const listeners = [
  ['pointerdown', noteInput],
  ['keydown', noteInput],
  ['wheel', noteInput],
  ['focus', noteInput],
  ['focus', check],
  ['visibilitychange', check],
  ['online', () => { retryIn = 0; check(); }],
  ['pageshow', check],
  ['storage', check],
  ['submit', () => { sentAt = performance.now(); }],
  ...pageListeners,
];

/**
 * Starts to keep the session of this page fresh. Returns a function that stops it.
 * @param {Partial<Settings>} [options]
 */
export function startSessionRefresh(options) {
  Object.assign(settings, options);
  identifyPage();
  for (const [type, listener] of listeners) addEventListener(type, listener);
  notifyTabs();
  check();
  return () => {
    for (const [type, listener] of listeners) removeEventListener(type, listener);
    clearTimeout(timer);
  };
}
