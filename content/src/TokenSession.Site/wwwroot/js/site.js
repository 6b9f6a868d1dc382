/**
 * Starts the refresh of the session and makes the pages easier to use. All of this is optional: the forms and links also
 * work without scripts.
 *
 * @module
 */

import { hasChangedField, isSignedIn, logout, refresh, startSessionRefresh } from './token-session.js';

/** @param {string} name @returns {HTMLElement[]} */
const withData = (name) => [...document.querySelectorAll(`[data-${name}]`)].filter((element) => element instanceof HTMLElement);

const { endsIn, warnBefore, homePath = '/', state } = document.body.dataset;
const content = /** @type {HTMLElement} */ (document.getElementById('content'));

// Before the session ends because the user is inactive, the page offers to stay signed in.
const [offer] = withData('offer');
const [offerText] = withData('offer-text');
const [timeLeft] = withData('time-left');
const [stay] = withData('stay');
const aboutToEnd = offerText?.textContent ?? '';
let isClosed = false;
let quietUntil = 0;
let sessionEnd = Date.now() + 1000 * Number(endsIn);

const secondsToEnd = () => Math.max(0, Math.ceil((sessionEnd - Date.now()) / 1000));
const isEnding = () => isSignedIn() && secondsToEnd() < Number(warnBefore);

/** @param {number} seconds until the session ends */
function noteEnd(seconds) {
  sessionEnd = Date.now() + 1000 * seconds;
  isClosed &&= isEnding();
  showOffer(isEnding() && !isClosed);
}

/** @param {HTMLElement} bar @param {boolean} isShown */
function showBar(bar, isShown) {
  // A hidden button loses the focus.
  if (!isShown && bar.contains(document.activeElement)) content.focus();
  bar.hidden = !isShown;
}

/** @param {boolean} isShown */
function showOffer(isShown) {
  if (!offer || isShown === !offer.hidden) return;
  showBar(offer, isShown);
  offerText.textContent = aboutToEnd;
  countDown();
}

function countDown() {
  const seconds = secondsToEnd();
  timeLeft.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

// Before the page offers to stay signed in, it asks the server: another tab may have extended the session. It asks at most
// once a minute.
function watchEnd() {
  if (!isSignedIn()) showOffer(false);
  if (!offer.hidden) countDown();
  if (!isEnding() || document.visibilityState !== 'visible' || Date.now() < quietUntil) return;
  quietUntil = Date.now() + 60_000;
  refresh();
}

stay?.addEventListener('click', async () => {
  const answer = await refresh(true);
  if (isEnding()) offerText.textContent = (answer === 'unknown' ? offerText.dataset.unreachable : offerText.dataset.notExtended) ?? '';
});

for (const bar of document.querySelectorAll('.offer')) {
  bar.querySelector('[data-close-bar]')?.addEventListener('click', () => {
    isClosed ||= bar === offer;
    showBar(/** @type {HTMLElement} */ (bar), false);
  });
}

/** Shows on a page with changed fields why they cannot be sent now. @param {string} now the state of the session */
function showKept(now) {
  for (const bar of withData('kept')) showBar(bar, bar.dataset.kept === now);
  if (now === 'signed-in') conceal(false);
}

/** @param {boolean} isConcealed */
function conceal(isConcealed) {
  for (const part of document.querySelectorAll('body > header, body > main, body > footer')) part.toggleAttribute('hidden', isConcealed);
}

// The user went back to a page of an ended session. If the page is kept, only its bar is shown until the user has signed in.
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted || state !== 'signed-in' || isSignedIn()) return;
  if (!hasChangedField()) return location.reload();
  conceal(true);
  showKept('signed-out');
});

function keepFresh() {
  if (offer) setInterval(watchEnd, 1_000);
  startSessionRefresh({
    onRefresh(times) {
      noteEnd(times.endsIn);
      document.dispatchEvent(new CustomEvent('session-refresh', { detail: times }));
    },
    onKept: showKept,
    onUnavailable(retryIn) {
      quietUntil = Date.now() + 1000 * retryIn;
    },
  });
}

//#if (sample)
// The session inspector shows the session and does not refresh it.
if (withData('no-refresh').length === 0) keepFresh();
////#else
//keepFresh();
//#endif

// A click on a sign-out link signs out at once. In a new tab, or if that fails, the link opens its page.
for (const link of withData('sign-out')) {
  link.addEventListener('click', (event) => {
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const signedOut = logout();
    event.preventDefault();
    link.setAttribute('aria-busy', 'true');
    signedOut.then((isDone) => location.assign(isDone ? homePath : link.href));
  });
}

// A double click does not send a form twice, and a slow response shows that the form is being sent.
for (const form of withData('once')) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  form.addEventListener('submit', (event) => {
    if (form.hasAttribute('aria-busy')) event.preventDefault();
    else showBusy(true);
  });
  // The form can be sent again if the user comes back to the page, stops the request or edits the form, and after 10 seconds: a
  // response that is a download does not replace the page.
  form.addEventListener('input', () => showBusy(false));
  addEventListener('pageshow', () => showBusy(false));
  addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') showBusy(false);
  });

  /** @param {boolean} isBusy */
  function showBusy(isBusy) {
    clearTimeout(timer);
    if (isBusy) {
      form.setAttribute('aria-busy', 'true');
      timer = setTimeout(showBusy, 10_000, false);
    } else {
      form.removeAttribute('aria-busy');
    }
    for (const note of form.querySelectorAll('[data-progress]')) note.textContent = isBusy ? 'One moment…' : '';
  }
}

// A page that could not be shown is requested again after some seconds, unless the user cancels. The seconds count only while
// the page is visible.
for (const link of withData('retry-in')) {
  const text = document.createElement('span');
  const cancel = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Cancel' });
  const [note] = withData('retry-note');
  note.append(text, ' ', cancel);

  let seconds = Number(link.dataset.retryIn);
  const show = () => { text.textContent = `Trying again in ${seconds} s.`; };
  const timer = setInterval(() => {
    if (document.visibilityState !== 'visible') return;
    seconds--;
    show();
    if (seconds > 0) return;
    clearInterval(timer);
    location.replace(/** @type {HTMLAnchorElement} */ (link).href);
  }, 1_000, show());
  cancel.addEventListener('click', () => {
    clearInterval(timer);
    note.textContent = '';
  });
}

// A page in the back/forward cache has no password.
addEventListener('pagehide', () => {
  for (const field of document.querySelectorAll('[type=password]')) /** @type {HTMLInputElement} */ (field).value = '';
});

for (const button of withData('show-password')) {
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

for (const hint of withData('caps-lock')) {
  for (const type of /** @type {const} */ (['keydown', 'keyup'])) {
    document.addEventListener(type, (event) => {
      const isOn = event.target instanceof HTMLInputElement && event.target.name === hint.dataset.capsLock && event.getModifierState?.('CapsLock');
      const text = isOn ? 'Caps Lock is on.' : '';
      // Screen readers announce the text each time it is set, even if it has not changed.
      if (hint.textContent !== text) hint.textContent = text;
    });
  }
}
