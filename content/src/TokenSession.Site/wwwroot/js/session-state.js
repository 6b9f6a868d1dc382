/**
 * What this page knows of the session without a request: its settings, the cookies, the server's last answer about these
 * cookies, and the server's clock. Scripts of the site import `token-session.js`, which exports what they need of it.
 *
 * @module
 *
 * @typedef {import('./token-session.js').State} State
 * @typedef {import('./token-session.js').Settings} Settings
 */

const { now: renderedAt, refreshBefore, ...page } = document.body.dataset;

/**
 * The data attributes of the body element, which the layout writes. A page without this layout writes them as well, or passes
 * the same names to `startSessionRefresh`.
 * @type {Settings}
 */
export const settings = Object.assign(/** @type {any} */ ({ state: 'unknown', user: '', basePath: '/api/auth', backendPath: '/api/backend', loginPath: '/login' }), page);

/** The result of the work; undefined if it fails, such as when the browser blocks storage. @template T @param {() => T} work */
export function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

// ---- Cookies ----

/** @param {string[]} names @returns the cookies of these names as they are sent; a name may be there twice */
const rawCookies = (...names) => document.cookie.split('; ').filter((pair) => names.includes(pair.split('=')[0])).join('; ');

/** The value; empty if there is none, or if it is not one of the server. @param {string} name */
const cookie = (name) => attempt(() => decodeURIComponent(rawCookies(name).split(/=|; /)[1] ?? '')) ?? '';

export const sessionCookies = () => rawCookies(settings.sessionCookie, settings.userCookie);

/** @type {State | undefined} The server's last answer, about the cookies `answered`. */
let known;
/** @type {string | undefined} */
let answered;

export const knownState = () => known ?? settings.state;

/**
 * Remembers the server's answer about the cookies. It counts more than the cookies themselves: some cannot be deleted (another
 * path, a parent domain), and some cannot be set. Returns whether the answer is news.
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
 * Makes the other tabs read the cookies: they get an event when the message changes. After an end, it has the reason, which the
 * server does not know once the cookies are deleted. The start of a page does not overwrite it.
 * @param {string} [reason]
 */
export function tellOthers(reason = '') {
  const state = knownState();
  const message = `${state} ${state === 'signed-in' ? settings.user : reason}`;
  attempt(() => {
    if (state.startsWith('signed') && !localStorage.getItem(messageKey())?.startsWith(message)) localStorage.setItem(messageKey(), message);
  });
}

/** The reason of the end, from another tab. */
export const toldReason = () => attempt(() => localStorage.getItem(messageKey())?.match(/^signed-out (.+)/)?.[1]);

// ---- The server's clock ----

// How far it is ahead of the two clocks here: the steady clock may stop while the computer sleeps, and the wall clock changes
// when the user sets it. The later time counts, so at worst a refresh is too early.
/** @param {number} now the server's time, in milliseconds */
const readClock = (now) => ({ aheadOfSteady: now - performance.now(), aheadOfWall: now - Date.now() });

let clock = readClock(Date.parse(renderedAt ?? '') || Date.now());
let margin = Number(refreshBefore) || 60;

/** The seconds until the access token expires; negative after that. */
export const secondsLeft = () =>
  (Number(sessionExpiry()) - Math.max(performance.now() + clock.aheadOfSteady, Date.now() + clock.aheadOfWall)) / 1000;

/** Each tab refreshes at another, random moment before expiry, so that one tab asks and the others use its result. */
const share = 0.6 + Math.random() * 0.3;
export const secondsUntilDue = () => secondsLeft() - Math.min(margin, settings.refreshBefore) * share;

/** @param {{ expiresIn: number, refreshIn: number }} times */
export function setClock({ expiresIn, refreshIn }) {
  clock = readClock(Number(sessionExpiry()) - expiresIn * 1000);
  margin = expiresIn - refreshIn;
}
