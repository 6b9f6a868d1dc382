// Tests each row of the table in the header of token-session.js, and the rest of the header.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { answered, expiry, fresh, openPage, otherUser, over, pass } from './page.mjs';

/** A field of this form. */
const fieldOf = (form) => ({ isConnected: true, matches: () => false, closest: () => form });

const guest = { state: 'signed-out', user: '', needsSession: '' };

/** A page in this state, after the server has said so. */
async function pageIn(state, more = {}) {
  const page = await openPage({
    ...more,
    data: state === 'unknown' || state === 'signed-out' ? { state } : {},
    cookies: state === 'signed-out' ? {} : undefined,
  });
  page.start();
  if (state === 'other-user') {
    page.answers = [otherUser];
    page.cookies.set('u', 'bob');
    page.local.items.set('site_session', 'signed-in bob');
    await page.dispatch('storage');
  }
  await answered();
  page.events.length = page.requests.length = page.told.length = 0;
  return page;
}

test('any state: the cookies show another state → ask', async () => {
  for (const [state, set] of [['signed-in', (page) => page.cookies.clear()], ['signed-out', (page) => page.cookies.set('s', expiry(60))], ['other-user', (page) => page.cookies.set('u', 'ada')], ['unknown', () => {}]]) {
    const page = await pageIn(state);
    page.answers = [{ status: 503 }];
    set(page);
    await pass(8);
    await page.dispatch('focus');
    assert.equal(page.requests[0]?.path, '/auth/refresh', state);
  }
});

test('any state: the server has answered about these cookies → none', async () => {
  for (const [data, undeletable, answer] of [[guest, { s: expiry(9e6) }, over()], [guest, { s: expiry(-9e6) }, over()], [{}, { u: 'bob' }, { ...fresh(), cookies: {} }]]) {
    const page = await openPage({ data });
    page.undeletable = new Map(Object.entries(undeletable));
    page.answers = [answer];
    page.start();
    await answered();
    await page.dispatch('focus');
    const asked = page.requests.length;
    await pass(40);
    assert.ok(asked <= 2 && page.requests.length === asked, `${JSON.stringify(undeletable)}: ${page.requests.length} requests`);
    assert.deepEqual([page.names().filter((name) => name !== 'onRefresh'), page.visits], [[], []]);
  }
});

test('any state: cookies that cannot be set cause one request', async () => {
  const page = await openPage({ cookies: {} });
  page.answers = [{ ...fresh(), cookies: {} }];
  page.start();
  await pass(120);
  assert.equal(page.requests.length, 1);
});

test('signed-in: a refresh is due, and the user is not idle → ask', async () => {
  const page = await pageIn('signed-in');
  page.answers = [fresh()];
  await pass(48);
  assert.equal(page.requests.length, 0);
  await pass(6);
  assert.equal(page.requests.length, 1);
  assert.equal(page.requests[0].headers.get('X-Session-User'), 'ada');

  const idle = await pageIn('signed-in', { options: { idleAfter: 30 } });
  await pass(120);
  assert.equal(idle.requests.length, 0);
  idle.answers = [fresh()];
  await idle.dispatch('keydown');
  assert.equal(idle.requests.length, 1);
});

test('signed-in: a refresh that is due at this millisecond is followed by the next one in time', async () => {
  const page = await openPage();
  page.cookies.set('s', expiry(1));
  page.answers = [{ status: 200, body: { expiresIn: 5, refreshIn: 5, endsIn: 600 }, get cookies() { return { s: expiry(5), u: 'ada' }; } }];
  page.start();
  await pass(31);
  assert.equal(page.requests.length, 7);
});

test('signed-in: input, at most once a minute → ask, with active=true', async () => {
  const page = await openPage({ cookies: { s: expiry(9e4), u: 'ada' } });
  page.answers = [{ ...fresh(), cookies: {} }];
  page.answers[0].body = { expiresIn: 9e4, refreshIn: 8e4, endsIn: 600 };
  page.start();
  for (let second = 0; second < 600; second++) {
    await page.dispatch('keydown');
    await pass(1);
  }
  const active = page.requests.filter(({ path }) => path === '/auth/refresh?active=true');
  assert.ok(active.length >= 6 && active.length <= 10 && page.requests.length === active.length, `${active.length} of ${page.requests.length}`);

  await pass(60);
  page.requests.length = 0;
  await page.dispatch('focus');
  await pass(600);
  assert.deepEqual(page.requests, [], 'an untouched tab');
});

test('signed-in: if the limit is days away, input is reported with the next refresh', async () => {
  const page = await openPage({ data: { endsIn: '600000' } });
  page.answers = [fresh()];
  page.answers[0].body.endsIn = 600_000;
  page.start();
  await page.dispatch('pointerdown');
  await pass(120);
  assert.deepEqual(page.requests.map(({ path }) => path), ['/auth/refresh', '/auth/refresh?active=true']);
});

test('signed-in: answer 2xx → onRefresh', async () => {
  const page = await pageIn('signed-in');
  page.answers = [fresh()];
  assert.equal(await page.module.refresh(), 'signed-in');
  assert.deepEqual([page.events, page.told], [[['onRefresh', { expiresIn: 60, refreshIn: 48, endsIn: 600 }]], []]);
});

test('another state: answer 2xx → onRefresh, onSignedIn, tell tabs', async () => {
  for (const state of ['signed-out', 'other-user', 'unknown']) {
    const page = await pageIn(state);
    page.answers = [fresh()];
    assert.equal(await page.module.refresh(), 'signed-in');
    assert.deepEqual([page.names(), page.told], [['onRefresh', 'onSignedIn'], ['signed-in ada']], state);
  }
});

test('signed-out: answer 401 → clear the cookies', async () => {
  const page = await pageIn('signed-out');
  page.cookies.set('t', 'left over');
  page.answers = [over()];
  assert.equal(await page.module.refresh(), 'signed-out');
  assert.deepEqual([page.names(), page.told, page.cookies.size], [[], [], 0]);
});

test('another state: answer 401 → clear the cookies, onSignedOut, tell tabs', async () => {
  for (const state of ['signed-in', 'other-user', 'unknown']) {
    const page = await pageIn(state);
    page.answers = [over('limit')];
    assert.equal(await page.module.refresh(), 'signed-out');
    assert.deepEqual([page.events, page.told, page.cookies.size], [[['onSignedOut', 'limit']], ['signed-out limit'], 0], state);
  }
});

test('other-user: answer 409 → none', async () => {
  const page = await pageIn('other-user');
  assert.equal(await page.module.refresh(), 'other-user');
  assert.deepEqual([page.events, page.told], [[], []]);
});

test('another state: answer 409 → onOtherUser, and no token', async () => {
  for (const state of ['signed-in', 'signed-out', 'unknown']) {
    const page = await pageIn(state);
    page.answers = [otherUser];
    assert.equal(await page.module.refresh(), 'other-user');
    assert.deepEqual([page.names(), page.module.accessToken(), page.module.isSignedIn()], [['onOtherUser'], '', false], state);
  }
});

test('any state: another answer, or none → onUnavailable, ask again later', async () => {
  const page = await pageIn('signed-in');
  for (const [answer, least, most] of [[undefined, 5, 7.5], [{ status: 500 }, 10, 15], [{ status: 200, headers: { 'Content-Type': 'text/html' } }, 20, 30], [{ status: 503, headers: { 'Retry-After': '100' } }, 100, 150]]) {
    page.answers = [answer];
    page.events.length = 0;
    assert.equal(await page.module.refresh(), 'unknown');
    const [[name, retryIn]] = page.events;
    assert.ok(name === 'onUnavailable' && retryIn >= least && retryIn <= most, `${name} ${retryIn}`);
  }

  await pass(54);
  page.requests.length = 0;
  await page.dispatch('focus');
  assert.equal(page.requests.length, 0);
  await page.dispatch('online');
  assert.equal(page.requests.length, 1);
  assert.ok(page.module.isSignedIn());
});

test('a Retry-After that is a date does not shorten the pauses', async () => {
  const page = await pageIn('signed-in');
  page.answers = [{ status: 503, headers: { 'Retry-After': 'Tue, 01 Jan 2030 00:10:00 GMT' } }];
  await page.module.refresh();
  await pass(60);
  assert.ok(page.requests.length <= 5, `${page.requests.length} requests in 60 s`);
});

test('without times, on the page or in the answer, the next check is not at once', async () => {
  for (const [refreshBefore, answer] of [[undefined, { status: 204 }], ['12', { status: 200, body: { expiresIn: 60 } }]]) {
    const page = await openPage({ data: { refreshBefore } });
    const { setTimeout } = globalThis;
    const waits = [];
    globalThis.setTimeout = (work, wait) => waits.push(wait) && setTimeout(work, wait);
    page.answers = [answer];
    await page.module.refresh();
    page.start();
    await pass(60);
    globalThis.setTimeout = setTimeout;
    assert.ok(waits.length > 0 && waits.every((wait) => wait >= 1000), waits.join());
  }
});

test('no state: while the page is prerendered, or a form was sent up to 10 s ago → none', async () => {
  const page = await pageIn('signed-in');
  page.answers = [fresh()];
  document.prerendering = true;
  page.cookies.clear();
  await page.dispatch('storage');
  assert.deepEqual(page.requests, []);

  document.prerendering = false;
  await page.dispatch('submit');
  await pass(9);
  assert.deepEqual(page.requests, []);
  await pass(3);
  assert.equal(page.requests.length, 1);
});

test('the cookies say that the session belongs to another user: no token before the server is asked', async () => {
  const page = await pageIn('signed-in');
  assert.equal(page.module.accessToken(), 'token');
  page.cookies.set('u', 'bob');
  assert.equal(page.module.accessToken(), '');
});

test('a cookie that is malformed, doubled or missing is no session, and causes no exception', async () => {
  for (const [cookies, twice] of [[{ s: '%E4' }], [{ s: 'soon' }], [{ s: '' }], [{}], [{ s: 'soon' }, { s: '%E4' }]]) {
    const page = await openPage({ data: guest, cookies });
    page.undeletable = new Map(Object.entries(twice ?? {}));
    page.start();
    await pass(40);
    assert.deepEqual([page.module.isSignedIn(), page.module.sessionExpiry(), page.requests.length], [false, null, 0], JSON.stringify(cookies));
  }

  const page = await openPage({ cookies: { s: encodeURIComponent('2030-01-01T00:01:00Z'), t: '%E4' } });
  assert.deepEqual([page.module.isSignedIn(), page.module.accessToken()], [true, '']);
  page.cookies.delete('t');
  assert.equal(page.module.accessToken(), '');
});

test('a session with a duplicate cookie, or with a full cookie jar, is refreshed at the usual times', async () => {
  for (const [undeletable, answer] of [[{ s: expiry(-9e6) }, fresh()], [{ u: 'bob' }, fresh()], [{}, { ...fresh(), cookies: {} }]]) {
    const page = await openPage();
    page.undeletable = new Map(Object.entries(undeletable));
    page.answers = [answer];
    page.start();
    await pass(600);
    const count = page.requests.length;
    assert.ok(count >= 8 && count <= 16, `${JSON.stringify(undeletable)}: ${count} requests`);
    assert.deepEqual([page.names().filter((name) => name !== 'onRefresh'), page.visits, page.module.isSignedIn()], [[], [], true]);
  }
});

test('without locks, storage and AbortSignal.timeout, everything works', async () => {
  const { timeout } = AbortSignal;
  delete AbortSignal.timeout;
  try {
    const page = await openPage({ without: ['locks'], storage: false });
    page.start();
    page.answers = [fresh(), { status: 204 }];
    assert.equal(await page.module.refresh(), 'signed-in');
    assert.equal(await page.module.logout(), true);
  } finally {
    AbortSignal.timeout = timeout;
  }
});

test('login is ok if the browser has the cookies afterwards', async () => {
  const page = await openPage({ data: guest, cookies: {} });
  page.start();
  page.answers = [{ ...fresh(), cookies: {} }];
  assert.deepEqual(await page.module.login({ email: 'a', password: 'b' }), { ok: false, code: 'cookies_blocked' });
  page.answers = [fresh()];
  assert.deepEqual(await page.module.login({ email: 'a', password: 'b' }), { ok: true });
  await answered();
  assert.deepEqual(page.names(), ['onRefresh', 'onSignedIn']);
});

test('logout opens no page, and notifies the other tabs', async () => {
  const page = await pageIn('signed-in');
  page.answers = [{ status: 204 }];
  page.cookies.clear();
  assert.equal(await page.module.logout(), true);
  await pass(40);
  assert.deepEqual([page.requests.length, page.names(), page.told], [1, [], ['signed-out signed_out']]);
});

test('the reason of an end reaches the tab whose cookies another tab has deleted', async () => {
  for (const [message, reason] of [['signed-out idle', 'idle'], ['signed-out signed_out', 'signed_out'], ['signed-out ', 'ended'], ['signed-in ada', 'ended']]) {
    const page = await openPage();
    const stop = page.module.startSessionRefresh();
    page.answers = [over()];
    page.cookies.clear();
    page.local.items.set('site_session', message);
    page.told.length = 0;
    await page.dispatch('storage');
    assert.deepEqual(page.visits, [`replace /login?returnTo=%2Fapp%3Ftab%3D1&reason=${reason}`], message);
    if (reason !== 'ended') assert.deepEqual(page.told, [], 'it is no news');
    stop();
  }
});

test('the start of a page for guests does not overwrite the reason, and the message then names no user', async () => {
  const page = await openPage({ data: guest, cookies: {} });
  for (const [before, after] of [['signed-out idle', 'signed-out idle'], ['signed-in ada', 'signed-out ']]) {
    page.local.items.set('site_session', before);
    page.module.startSessionRefresh()();
    assert.equal(page.local.items.get('site_session'), after);
  }
});

test('fetchBackend names the user, and repeats GET and HEAD only, once', async () => {
  for (const [method, calls] of [[undefined, 2], ['GET', 2], ['head', 2], ['POST', 1], ['DELETE', 1]]) {
    const page = await pageIn('signed-in');
    page.answers = [over(), fresh(), { status: 401 }];
    const response = await page.module.fetchBackend('/things', { method, headers: { Accept: 'a/b' } });
    const sent = page.requests.filter(({ path }) => path === '/api/backend/things');
    assert.deepEqual([sent.length, response.status], [calls, 401], method);
    assert.deepEqual([...sent[0].headers], [['accept', 'a/b'], ['x-session-user', 'ada']]);
  }
});

test('the page that follows: the login page with the reason, the query and the hash; else the same page', async () => {
  const end = async (data, address, answer) => {
    const page = await openPage({ data, address });
    page.answers = [answer];
    await page.module.refresh();
    await answered();
    return page.visits.join();
  };
  assert.equal(await end({}, 'http://site/app?n=5#part5', over('idle')), 'replace /login?returnTo=%2Fapp%3Fn%3D5&reason=idle#part5');
  assert.equal(await end({ needsSession: '' }, 'http://site/logout', over()), 'replace http://site/logout');
  assert.equal(await end({ needsSession: '', restricted: '' }, 'http://site/', over()), '');
  assert.equal(await end({ needsSession: '', restricted: '' }, 'http://site/', otherUser), 'replace http://site/');
  assert.equal(await end({}, 'http://site/app#part5', otherUser), 'reload');
  assert.equal(await end({ ...guest }, 'http://site/login', fresh()), 'replace http://site/login');
});

test('a page that comes back unchanged is not left again', async () => {
  for (const more of [{ data: { left: 'signed-in ada' } }, { storage: false, data: { referrer: 'http://site/app?tab=1' } }]) {
    const page = await openPage(more);
    page.answers = [over()];
    const stop = page.module.startSessionRefresh();
    await page.module.refresh();
    await answered();
    assert.deepEqual(page.visits, []);
    stop();
  }
});

test('a page with a changed field is kept, until its user is signed in again', async () => {
  const page = await openPage();
  const field = fieldOf(null);
  const kept = [];
  const stop = page.module.startSessionRefresh({ onKept: (...values) => kept.push(values) });
  await page.dispatch('input', { target: field });
  for (const [answer, expected] of [[over('ended'), ['signed-out', 'ended']], [otherUser, ['other-user', undefined]], [fresh(), ['signed-in', undefined]]]) {
    page.answers = [answer];
    await page.module.refresh();
    await answered();
    assert.deepEqual(kept.pop(), expected);
  }
  assert.deepEqual(page.visits, []);

  await page.dispatch('reset', { target: { elements: [field] } });
  page.answers = [over()];
  await page.module.refresh();
  await answered();
  assert.equal(page.visits.length, 1);
  stop();
});

test('a sign-in forgets the fields of its form only', async () => {
  const signIn = { querySelector: (selector) => selector.includes('[type=password]') };
  for (const [form, isSent, isKept] of [[signIn, false, true], [signIn, true, false], [{ querySelector: () => null }, true, true], [null, true, true]]) {
    for (const send of [(page) => page.dispatch('submit'), (page) => page.module.login({ email: 'a', password: 'b' })]) {
      const page = await pageIn('signed-out');
      page.answers = [{ ...fresh(), cookies: { s: expiry(60), u: 'ada' } }];
      await page.dispatch('input', { target: fieldOf(form) });
      if (isSent) await send(page);
      assert.equal(page.module.hasChangedField(), isKept);
    }
  }
});

test('a page with a form that has not been sent is kept', async () => {
  const page = await openPage({ data: { state: 'unknown', needsSession: '' } });
  page.has = '[data-kept-form]';
  page.answers = [fresh()];
  await page.module.refresh();
  await answered();
  assert.deepEqual(page.visits, []);
});

test('a page from the back/forward cache shows nothing of an ended session', async () => {
  const page = await pageIn('signed-in');
  await page.dispatch('pageshow', { persisted: true });
  assert.deepEqual(page.visits, []);
  page.cookies.clear();
  await page.dispatch('pageshow', { persisted: true });
  assert.deepEqual(page.visits, ['blank', 'reload']);

  const signedOut = await pageIn('signed-in');
  signedOut.answers = [{ status: 204 }];
  signedOut.cookies.clear();
  await signedOut.module.logout();
  await signedOut.dispatch('pageshow', { persisted: true });
  assert.deepEqual(signedOut.visits, ['blank', 'reload']);
});

test('the function that startSessionRefresh returns stops everything', async () => {
  const page = await openPage();
  const stop = page.start();
  stop();
  await page.dispatch('focus');
  await pass(120);
  assert.deepEqual(page.requests, []);
});

test('a page without the layout passes the names to startSessionRefresh', async () => {
  const settings = {
    cookiePrefix: 'other', sessionCookie: 's', tokenCookie: 't', userCookie: 'u', basePath: '/session', loginPath: '/sign-in',
    state: 'signed-in', user: 'ada', needsSession: 'yes', restricted: 'yes',
  };
  const page = await openPage({ hasLayout: false, cookies: { s: expiry(600), u: 'ada', t: 'token' } });
  page.answers = [fresh()];
  page.module.startSessionRefresh(settings)();
  assert.ok(page.module.isSignedIn());
  assert.deepEqual([page.requests, page.told], [[], ['signed-in ada']]);
  page.answers = [over('idle')];
  await page.module.refresh();
  await answered();
  assert.equal(page.requests[0].path, '/session/refresh');
  assert.deepEqual(page.visits, ['replace /sign-in?returnTo=%2Fapp%3Ftab%3D1&reason=idle']);
  assert.deepEqual([...page.session.items], [['other_left', 'signed-in ada']]);

  const again = await openPage({ hasLayout: false, cookies: {} });
  again.session.items.set('other_left', 'signed-in ada');
  again.answers = [over()];
  again.module.startSessionRefresh(settings)();
  await again.module.refresh();
  await answered();
  assert.deepEqual(again.visits, []);
});

test.after(() => mock.timers.reset());
