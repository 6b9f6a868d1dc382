/**
 * Shows the page that fits the session when a session begins, ends, or belongs to another user. A page on which the user would
 * lose input is kept instead.
 *
 * @module
 */

import { attempt, currentState, knownState, settings } from './session-state.js';

/** @type {Set<Element>} */
const changedFields = new Set();

/**
 * Whether the user has changed a field, or the page has a form that was not sent yet. Fields that the browser filled in do not
 * count.
 */
export const hasChangedField = () =>
  document.querySelector('[data-kept-form]') !== null
  || [...changedFields].some((field) => field.isConnected && !field.matches(':-webkit-autofill'));

/** Forgets the fields of sign-in forms, because they have been sent. */
export function forgetCredentials() {
  for (const field of changedFields)
    if (field.closest('form')?.querySelector('[type=password], [autocomplete=one-time-code]')) changedFields.delete(field);
}

const storageKey = () => `${settings.cookiePrefix}_left`;
let pageIdentity = '';
/** True if the module left this page and the server sent the same page again. It is then not left a second time, which would be a loop. */
let isSamePageAgain = false;

/** Call this function when the settings are complete. */
export function identifyPage() {
  pageIdentity = `${settings.state} ${settings.user}`;
  // Without storage, the address of the previous page serves the same purpose.
  isSamePageAgain = attempt(() => sessionStorage.getItem(storageKey()) === pageIdentity) ?? document.referrer === location.href;
  attempt(() => sessionStorage.removeItem(storageKey()));
}

/**
 * Redirects a page for signed-in users to the login page, which shows the reason. Reloads a page that depends on the session, or
 * that shows the content of another user. Keeps a public page.
 * @param {string} [reason]
 */
export function leave(reason) {
  const { pathname, search, hash, href } = location;
  const state = knownState();
  if (settings.hasUnsavedInput()) return settings.onKept(state, reason);
  if (isSamePageAgain || !settings.restricted && state !== 'other-user') return;
  if (settings.state !== 'unknown') attempt(() => sessionStorage.setItem(storageKey(), pageIdentity));
  const wantsLogin = state === 'signed-out' && settings.needsSession;
  if (wantsLogin) location.replace(`${settings.loginPath}?${new URLSearchParams({ returnTo: pathname + search, reason: reason ?? 'ended' })}${hash}`);
  // A navigation to the same address with a hash would only scroll.
  else if (hash) location.reload();
  else location.replace(href);
}

/** @type {[string, (event: any) => void][]} */
export const pageListeners = [
  ['input', ({ target }) => changedFields.add(target)],
  ['submit', forgetCredentials],
  ['reset', ({ target }) => {
    for (const field of target.elements) changedFields.delete(field);
  }],
  // A page from the back/forward cache must not show the content of an ended session, even if this page ended it.
  ['pageshow', ({ persisted }) => {
    if (!persisted || currentState() === settings.state || settings.hasUnsavedInput()) return;
    document.body.replaceChildren();
    location.reload();
  }],
];
