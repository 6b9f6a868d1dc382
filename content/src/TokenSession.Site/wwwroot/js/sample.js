/**
 * The times on the account page, and the parts of the session inspector that update.
 *
 * @module
 */

import { secondsLeft, sessionExpiry } from './token-session.js';

/** @param {string} name @returns {HTMLElement[]} */
const marked = (name) => [...document.querySelectorAll(`[data-${name}]`)].filter((element) => element instanceof HTMLElement);

// Some pages update a part of their content every two seconds.
for (const part of marked('live')) {
  setInterval(async () => {
    const answer = document.visibilityState === 'visible' ? await fetch(location.href).catch(() => null) : null;
    if (!answer?.ok) return;
    const now = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-live]');
    if (now && !part.contains(document.activeElement)) part.innerHTML = now.innerHTML;
  }, 2_000);
}

// Times are shown in the time zone and the language of the user.
const medium = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
for (const time of marked('local')) time.textContent = medium.format(new Date(/** @type {HTMLTimeElement} */ (time).dateTime));

const short = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const [expiry] = marked('token-expiry');
const [countdown] = marked('countdown');
const [lastsUntil] = marked('lasts-until');
setInterval(countDown, 1000, countDown());

// site.js tells when the session was refreshed, and how many seconds it has left.
document.addEventListener('session-refresh', (event) => {
  const { endsIn } = /** @type {CustomEvent<{ endsIn: number }>} */ (event).detail;
  if (lastsUntil) lastsUntil.textContent = medium.format(Date.now() + 1000 * endsIn);
  countDown();
});

function countDown() {
  const until = sessionExpiry();
  if (!until || !expiry || !countdown) return;
  const left = Math.max(0, Math.floor(secondsLeft()));
  expiry.textContent = short.format(until);
  countdown.textContent = left > 0 ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')} left` : 'due for renewal';
}
