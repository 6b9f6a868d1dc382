/**
 * Starts the refresh of the session and makes the pages easier to use. All of this is optional: the forms and links also
 * work without scripts.
 *
 * @module
 */

import { isSignedIn, logout, refresh, startSessionRefresh } from './token-session.js';

/** @param {string} name @returns {HTMLElement[]} */
const marked = (name) => [...document.querySelectorAll(`[data-${name}]`)].filter((element) => element instanceof HTMLElement);

// Before the session ends because the user is inactive, the page offers to stay signed in.
const [limits] = marked('ends-in');
const [offer] = marked('offer');
const [offerText] = marked('offer-text');
const [stay] = marked('stay');
const aboutToEnd = offerText?.textContent ?? '';
let quietUntil = 0;
// NaN on a guest's page, which has no session end. Every comparison with NaN is false.
let sessionEnd = Date.now() + 1000 * parseInt(limits?.dataset.endsIn ?? '');

const isEnding = () => isSignedIn() && sessionEnd - Date.now() < 1000 * Number(limits?.dataset.offerBefore);

/** @param {number} endsIn seconds until the session ends */
function noteEnd(endsIn) {
  sessionEnd = Date.now() + 1000 * endsIn;
  if (!offer || isEnding() === !offer.hidden) return;
  // A hidden button loses the focus.
  if (offer.contains(document.activeElement)) document.getElementById('content')?.focus();
  offer.hidden = !isEnding();
  offerText.textContent = aboutToEnd;
}

// Before the page offers to stay signed in, it asks the server: another tab may have extended the session. It asks at most
// once a minute.
function watchEnd() {
  if (!offer) return;
  if (!isSignedIn()) offer.hidden = true;
  if (!isEnding() || document.visibilityState !== 'visible' || !navigator.onLine || Date.now() < quietUntil) return;
  quietUntil = Date.now() + 60_000;
  refresh();
}

stay?.addEventListener('click', async () => {
  // A refresh that is in progress does not know of this activity.
  await refresh();
  await fetch(`${document.body.dataset.basePath}/refresh?active=true`, { method: 'POST' }).catch(() => null);
  const state = await refresh();
  if (isEnding()) offerText.textContent = (state === 'unknown' ? offerText.dataset.unreachable : offerText.dataset.inVain) ?? '';
});

function keepFresh() {
  setInterval(watchEnd, 15_000);
  startSessionRefresh({
    onRefresh(times) {
      noteEnd(times.endsIn);
      document.dispatchEvent(new CustomEvent('session-refresh', { detail: times }));
    },
    onUnavailable(retryIn) {
      quietUntil = Date.now() + 1000 * retryIn;
    },
  });
}

//#if (sample)
// The session inspector shows the session and does not refresh it.
if (marked('looks-on').length === 0) keepFresh();
////#else
//keepFresh();
//#endif

// A click on a sign-out link signs out at once. In a new tab, or if the server cannot be reached, the link opens its page.
for (const link of marked('sign-out')) {
  link.addEventListener('click', async (event) => {
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.setAttribute('aria-busy', 'true');
    location.assign(await logout() ? new URL('.', link.href) : link.href);
    link.removeAttribute('aria-busy');
  });
}

// A double click does not send a form twice, and a slow response shows that the form is being sent.
for (const form of marked('once')) {
  form.addEventListener('submit', (event) => {
    if (form.hasAttribute('aria-busy')) event.preventDefault();
    showBusy(true);
  });
  // If the user comes back to the page, or stops the request and edits the form, the form can be sent again.
  addEventListener('pageshow', () => showBusy(false));
  form.addEventListener('input', () => showBusy(false));

  /** @param {boolean} isBusy */
  function showBusy(isBusy) {
    if (isBusy) form.setAttribute('aria-busy', 'true');
    else form.removeAttribute('aria-busy');
    for (const note of form.querySelectorAll('[data-progress]')) note.textContent = isBusy ? 'One moment…' : '';
  }
}

for (const button of marked('show-password')) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(button.getAttribute('aria-controls') ?? ''));
  button.hidden = false;
  button.addEventListener('click', () => show(field.type === 'password'));
  // The password is hidden before it is sent: some browsers remember the values of text fields.
  field.form?.addEventListener('submit', () => show(false));

  /** @param {boolean} isShown */
  function show(isShown) {
    field.type = isShown ? 'text' : 'password';
    button.ariaPressed = String(isShown);
  }
}

for (const hint of marked('caps-lock')) {
  for (const type of /** @type {const} */ (['keydown', 'keyup'])) {
    document.addEventListener(type, (event) => {
      const isOn = event.target instanceof HTMLInputElement && event.target.name === 'Password' && event.getModifierState?.('CapsLock');
      const text = isOn ? 'Caps Lock is on.' : '';
      // Screen readers announce the text each time it is set, even if it has not changed.
      if (hint.textContent !== text) hint.textContent = text;
    });
  }
}
