/**
 * Keeps this browser's token session fresh, and tells the page when a session begins or ends.
 *
 * The server decides everything: however many tabs ask it to refresh, it asks the backend once. What the tabs do here
 * to agree (a lock, a channel, a moment of their own) only saves requests. All times are in seconds and by the server's
 * clock, so that the clock of this computer may be hours off.
 *
 * @module
 *
 * @typedef {'signed-in' | 'signed-out' | 'unknown'} State
 *   unknown: the server or its backend could not be asked
 *
 * @typedef {object} Credentials
 * @property {string} email
 * @property {string} password
 * @property {string} [otp] the one-time code, for accounts that have one
 * @property {boolean} [rememberMe] whether the session outlives the browser
 *
 * @typedef {object} Times what the server says, from now on
 * @property {number} expiresIn until the access token expires
 * @property {number} refreshIn until it is worth asking again
 * @property {number} endsIn until the session ends, unless the user asks for a page before
 *
 * @typedef {object} Settings
 * @property {string} refreshPath where to ask; default: `refresh` below the site's base path
 * @property {(secondsLeft: number) => boolean} shouldRefresh default: as soon as the server would refresh, too
 * @property {number} refreshBefore ask no earlier than this before the access token expires; default: as the server says
 * @property {number} idleAfter a tab without input for this long stops refreshing; default: 1800
 * @property {(times: Times) => void} onRefresh the access token works for a while
 * @property {() => void} onSignedIn there is a session now, of which this page knew nothing; default: as below
 * @property {() => void} onSignedOut the session is over; default: a page with a restriction is asked for again, and the
 *   server leads to where its user belongs now: to the login page with `returnTo`, or from there onwards
 * @property {(retryIn: number) => void} onUnavailable the server or its backend could not be asked; nothing is lost
 */

/** What the layout wrote: names, paths, what this page knew of the session, and the server's clock. */
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

// ---- What the cookies say ----

/** @param {string} [name] */
const cookie = (name) => decodeURIComponent(document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] ?? '');

/** When the access token expires, by the server's clock; null for a guest. */
export function sessionExpiry() {
  const expiry = new Date(cookie(page.sessionCookie));
  return Number(expiry) ? expiry : null;
}

/** The access token; empty for a guest, once it has expired, and where the site keeps it from scripts. */
export const accessToken = () => cookie(page.tokenCookie);

/** Whether there is a session; its access token may have expired. */
export const isSignedIn = () => sessionExpiry() !== null;

/** @returns {State} */
const state = () => isSignedIn() ? 'signed-in' : 'signed-out';

/** Forgets what scripts can see of the session. Only `logout()` ends it. */
export function clearSession() {
  for (const name of [page.tokenCookie, page.sessionCookie]) {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing on plain HTTP
    document.cookie = `${name}=; path=/; max-age=0`;
  }
}

// ---- The server's clock ----

// How far it is ahead of the two clocks here: the steady one may stop while the computer sleeps, and the other one is wrong
// once somebody sets it. The later time counts: at worst a question too early.
/** @param {number} now what it shows at this moment */
const readClock = (now) => ({ aheadOfSteady: now - performance.now(), aheadOfWall: now - Date.now() });

let clock = readClock(Date.parse(page.now ?? ''));
let margin = Number(page.refreshBefore);

/** How long the access token still works; negative once it has expired. */
export const secondsLeft = () =>
  (Number(sessionExpiry()) - Math.max(performance.now() + clock.aheadOfSteady, Date.now() + clock.aheadOfWall)) / 1000;

/** Each tab uses a share of its own of the time that is left for it, so that one asks and the others find its work done. */
const share = 0.6 + Math.random() * 0.3;
const secondsUntilDue = () => secondsLeft() - Math.min(margin, settings.refreshBefore) * share;

/** @param {Times} times */
function learn(times) {
  clock = readClock(Number(sessionExpiry()) - times.expiresIn * 1000);
  margin = times.expiresIn - times.refreshIn;
  failures = 0;
  // Not here and now: a mistake in it is none of the refresh's.
  queueMicrotask(() => settings.onRefresh(times));
}

// ---- Asking the server ----

let askedAt = -Infinity;
let failures = 0;
let retryIn = 0;
/** @type {Promise<State> | undefined} */
let flight;

/**
 * Never rejects: who cannot be reached answers with status 0, and an answer that is no JSON says nothing.
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
 * @param {{ active?: boolean }} [options] active: the user did something, so the idle limit counts from now
 * @returns {Promise<State>}
 */
export function refresh({ active = false } = {}) {
  if (active) return (flight ?? Promise.resolve()).then(() => ask(cookie(page.sessionCookie), '?active=true')).then(settle);
  const before = cookie(page.sessionCookie);
  flight ??= inTurn(() => cookie(page.sessionCookie) === before ? ask(before) : state()).then(settle).finally(() => { flight = undefined; });
  return flight;
}

/**
 * One tab at a time; but no tab waits long for another one, nor at all where there are no locks.
 * @param {() => State | Promise<State>} work
 */
async function inTurn(work) {
  try {
    return await navigator.locks.request(`${page.cookiePrefix}_refresh`, { signal: AbortSignal.timeout(5_000) }, work);
  } catch {
    return work();
  }
}

/** @param {string} before the session cookie that the question is about @param {string} [query] @returns {Promise<State>} */
async function ask(before, query = '') {
  askedAt = performance.now();
  retryIn = 0;
  seen = state();
  const { response, answer } = await post(settings.refreshPath + query);
  if (answer.expiresIn) {
    learn(answer);
    return 'signed-in';
  }

  if (response.status === 401) {
    // Unless somebody signed in meanwhile: then the answer is about a session that nobody has any more.
    if (cookie(page.sessionCookie) === before) clearSession();
    return state();
  }

  const asTold = Number(response.headers.get('Retry-After'));
  retryIn = Math.max(asTold || 0, Math.min(5 * 2 ** failures++, 120)) * (1 + Math.random() / 2);
  return 'unknown';
}

/**
 * Signs in. Not `ok`? The `code` says why: `bad_credentials`, `otp_required`, `too_many_attempts`, `backend_unavailable`,
 * `bad_request`; none: the site could not be reached.
 * @param {Credentials} credentials
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

/** Signs out, here and in all tabs. False when the server could not be asked: then nobody is signed out. */
export async function logout() {
  const { response } = await post(`${page.basePath}/logout`);
  if (response.ok) settle(state());
  return response.ok;
}

/**
 * Calls the backend through the site, which adds the access token and refreshes it where needed.
 * @param {string} path below the backend's address; begins with a slash
 * @param {RequestInit} [init]
 */
export async function fetchBackend(path, init) {
  const response = await fetch(page.backendPath + path, init);
  if (response.status === 401) await refresh();
  return response;
}

// ---- Keeping it up ----

/** What the server said last of the session, and what the cookies said when it was asked. When they change, it is asked. */
let known = page.state;
let seen = page.state;
let lastInput = Date.now();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

const channel = globalThis.BroadcastChannel && new BroadcastChannel(`${page.cookiePrefix}_session`);

/** The message to the other tabs is only "look": what happened is in the cookies. */
const tellOthers = () => channel?.postMessage('look');

/** @param {State} now what the server says */
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
  // A form that is on its way may be what changes the cookies, and leads to the right place.
  if (!navigator.onLine || document.querySelector('form[aria-busy]')) return false;
  // What the cookies have to tell cannot wait; everything else can.
  const pause = state() === seen ? Math.max(retryIn, 5) : 1;
  if (performance.now() - askedAt < pause * 1000) return false;
  return state() !== known || isInUse() && settings.shouldRefresh(secondsLeft());
}

/**
 * Looks at the cookies and the clock and does what is due. Called by whatever may have changed either, and at least
 * every 30 s: so sleep, throttled timers and delays that a timer cannot hold need no case of their own.
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
 * Keeps the session of this page fresh from now on.
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
