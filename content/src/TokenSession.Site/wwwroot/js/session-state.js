/**
 * What this page knows about the session without a request: its settings, the cookies, the server's last answer about these
 * cookies, and the server's clock. Scripts of the site import `token-session.js`, which exports the functions for them.
 *
 * @module
 *
 * @typedef {import('./token-session.js').State} State
 * @typedef {import('./token-session.js').Settings} Settings
 */

const { now: renderedAt, refreshBefore, ...page } = document.body.dataset;

/**
 * The data attributes of the body element, which the layout writes. A page without this layout must write the same attributes,
 * or pass the same names to `startSessionRefresh`.
 * @type {Settings}
 */
export const settings = Object.assign(/** @type {any} */ ({ state: 'unknown', user: '', basePath: '/api/auth', backendPath: '/api/backend', loginPath: '/login' }), page);

/** The result of the work; undefined if it fails, for example because the browser blocks storage. @template T @param {() => T} work */
export function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

// ---- Cookies ----

/** @param {string[]} names @returns the unchanged cookies with these names; a name may occur twice */
const rawCookies = (...names) => document.cookie.split('; ').filter((pair) => names.includes(pair.split('=')[0])).join('; ');

/** The value of a cookie; empty if there is none, or if it cannot be decoded. @param {string} name */
const cookie = (name) => attempt(() => decodeURIComponent(rawCookies(name).split(/=|; /)[1] ?? '')) ?? '';

export const sessionCookies = () => rawCookies(settings.sessionCookie, settings.userCookie);

/** @type {State | undefined} The server's last answer. It is about the cookies `answered`. */
let known;
/** @type {string | undefined} */
let answered;

export const knownState = () => known ?? settings.state;

/**
 * Stores the server's answer about the cookies. The answer counts more than the cookies, because some cookies cannot be deleted
 * (another path, a parent domain), and some cannot be set. Returns true if the state has changed.
 * @param {State} state
 */
export function remember(state) {
  const isNews = knownState() !== state;
  known = state;
  answered = sessionCookies();
  settings.user ||= cookie(settings.userCookie);
  return isNews;
}

/** @returns {State} */
export function currentState() {
  if (sessionCookies() === answered) return knownState();
  if (!Date.parse(cookie(settings.sessionCookie))) return 'signed-out';
  const user = cookie(settings.userCookie);
  return settings.user && user && user !== settings.user ? 'other-user' : 'signed-in';
}

/** When the access token expires, by the server's clock; null for a guest. */
export function sessionExpiry() {
  const expiry = new Date(cookie(settings.sessionCookie));
  return currentState() === 'signed-in' && Number(expiry) ? expiry : null;
}

/** The access token; empty for a guest, for another user, after expiry, and if the setting `AccessTokenInBrowser` is false. */
export const accessToken = () => secondsLeft() > 0 ? cookie(settings.tokenCookie) : '';

/** Whether there is a session of the user of this page; its access token may have expired. */
export const isSignedIn = () => sessionExpiry() !== null;

/** Deletes the cookies that scripts can see. Only `logout()` ends the session. */
export function clearSession() {
  for (const name of [settings.tokenCookie, settings.sessionCookie, settings.userCookie]) {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing on plain HTTP
    document.cookie = `${name}=; path=/; max-age=0`;
  }
}

// ---- Other tabs ----

const messageKey = () => `${settings.cookiePrefix}_session`;

/**
 * Makes the other tabs read the cookies: they get an event when the message changes. After the end of a session, the message has
 * the reason, which the server does not know when the cookies are deleted. The start of a page does not overwrite the reason.
 * @param {string} [reason]
 */
export function notifyTabs(reason = '') {
  const state = knownState();
  const message = `${state} ${state === 'signed-in' ? settings.user : reason}`;
  attempt(() => {
    if (state.startsWith('signed') && !localStorage.getItem(messageKey())?.startsWith(message)) localStorage.setItem(messageKey(), message);
  });
}

/** Why the session has ended, from another tab. */
export const reasonFromTab = () => attempt(() => localStorage.getItem(messageKey())?.match(/^signed-out (.+)/)?.[1]);

// ---- The server's clock ----

// The difference between the server's clock and the two clocks of this computer. The steady clock may stop while the computer
// sleeps, and the wall clock changes when the user sets it. The later time counts, so at worst a refresh is too early.
/** @param {number} now the server's time, in milliseconds */
const readClock = (now) => ({ aheadOfSteady: now - performance.now(), aheadOfWall: now - Date.now() });

let clock = readClock(Date.parse(renderedAt ?? '') || Date.now());
let margin = Number(refreshBefore) || 60;

/** The seconds until the access token expires; negative after that. */
export const secondsLeft = () =>
  (Number(sessionExpiry()) - Math.max(performance.now() + clock.aheadOfSteady, Date.now() + clock.aheadOfWall)) / 1000;

/** Each tab refreshes at a different, random time before expiry, so that one tab sends the request and the others use its result. */
const share = 0.6 + Math.random() * 0.3;
export const secondsUntilDue = () => secondsLeft() - Math.min(margin, settings.refreshBefore) * share;

/** @param {{ expiresIn: number, refreshIn: number }} times */
export function setClock({ expiresIn, refreshIn }) {
  clock = readClock(Number(sessionExpiry()) - expiresIn * 1000);
  margin = expiresIn - refreshIn;
}
