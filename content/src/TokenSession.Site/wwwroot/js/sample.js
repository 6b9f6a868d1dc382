/**
 * The times on the account page, the session inspector, and the demo account on the login page.
 *
 * @module
 */

import { isSignedIn, secondsLeft } from './token-session.js';

/** @param {string} name @returns {HTMLElement[]} */
const withData = (name) => [...document.querySelectorAll(`[data-${name}]`)].filter((element) => element instanceof HTMLElement);

// Times are shown in the time zone and the language of the user.
const medium = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
for (const time of withData('local')) time.textContent = medium.format(new Date(/** @type {HTMLTimeElement} */ (time).dateTime));

// site.js raises this event after a refresh, with the seconds until the session ends.
document.addEventListener('session-refresh', (event) => {
  const { endsIn } = /** @type {CustomEvent<{ endsIn: number }>} */ (event).detail;
  for (const time of withData('lasts-until')) time.textContent = medium.format(Date.now() + 1000 * endsIn);
});

// The session inspector reads its content again every two seconds. In between, it counts down the life of the access token.
for (const part of withData('live')) {
  setInterval(async () => {
    const answer = document.visibilityState === 'visible' ? await fetch(location.href).catch(() => null) : null;
    if (!answer?.ok) return;
    const now = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-live]');
    if (now && !part.contains(document.activeElement)) part.innerHTML = now.innerHTML;
    countDown();
  }, 2_000);
  setInterval(countDown, 1_000, countDown());
}

function countDown() {
  if (!isSignedIn()) return;
  const left = Math.max(0, Math.floor(secondsLeft()));
  for (const life of withData('life')) /** @type {HTMLMeterElement} */ (life).value = left;
  for (const text of withData('countdown')) text.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')} left`;
}

for (const button of withData('fill-in')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    for (const value of withData('demo')) {
      const field = /** @type {HTMLInputElement} */ (document.getElementById(value.dataset.demo ?? ''));
      field.value = value.textContent;
      field.focus();
    }
  });
}
