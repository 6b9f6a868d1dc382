// A page for the module: cookies, an address, storage, a server and a clock that a test controls.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, mock } from 'node:test';

const scripts = new URL('../../content/src/TokenSession.Site/wwwroot/js/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'token-session-'));
after(() => rmSync(folder, { recursive: true }));

let pages = 0;
let stop = () => {};

/** Opens a page of the user `ada`, with a session of hers. A token lasts 60 s, and a refresh is due 12 s before its end. */
export async function openPage({ data = {}, hasLayout = true, cookies, storage = true, without = [], options = {}, address = 'http://site/app?tab=1' } = {}) {
  stop();
  stop = () => {};
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.UTC(2030, 0, 1) });
  const page = {
    requests: [], answers: [], events: [], visits: [], told: [], listeners: {},
    cookies: new Map(Object.entries(cookies ?? { s: expiry(60), u: 'ada', t: 'token' })),
    undeletable: new Map(),
  };

  const start = Date.now();
  Object.defineProperty(performance, 'now', { configurable: true, value: () => Date.now() - start });
  const store = (noteItem) => ({
    items: new Map(),
    getItem(name) { if (!storage) throw new Error('SecurityError'); return this.items.get(name) ?? null; },
    setItem(name, value) { if (!storage) throw new Error('SecurityError'); noteItem(value); this.items.set(name, value); },
    removeItem(name) { if (!storage) throw new Error('SecurityError'); this.items.delete(name); },
  });
  page.session = store(() => {});
  page.local = store((value) => page.told.push(value));
  if (data.left) page.session.items.set('site_left', data.left);
  const globals = {
    document: {
      body: {
        dataset: hasLayout ? {
          cookiePrefix: 'site', sessionCookie: 's', userCookie: 'u', tokenCookie: 't', basePath: '/auth', loginPath: '/login',
          state: 'signed-in', user: 'ada', restricted: 'yes', needsSession: 'yes', endsIn: '600', refreshBefore: '12',
          now: new Date().toISOString(), ...data,
        } : {},
        replaceChildren() { page.visits.push('blank'); },
      },
      querySelector: (selector) => selector === page.has ? {} : null,
      referrer: data.referrer ?? '',
      get cookie() {
        return [...page.undeletable, ...page.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      },
      set cookie(text) { page.cookies.delete(text.split('=')[0]); },
    },
    location: Object.assign(new URL(address), {
      replace(to) { page.visits.push(`replace ${to}`); },
      reload() { page.visits.push('reload'); },
    }),
    navigator: { onLine: false, locks: { request: (name, settings, work) => work() } },
    localStorage: page.local,
    sessionStorage: page.session,
    addEventListener(type, listener) { (page.listeners[type] ??= new Set()).add(listener); },
    removeEventListener(type, listener) { page.listeners[type].delete(listener); },
    async fetch(path, init) {
      page.requests.push({ path, ...init });
      // The cookies change after the call has returned.
      await undefined;
      const answer = page.answers.length > 1 ? page.answers.shift() : page.answers[0];
      if (!answer) throw new TypeError('Failed to fetch');
      const { status, body, headers, cookies: set } = answer;
      if (status === 401 && path.endsWith('/refresh')) page.cookies.clear();
      for (const [name, value] of Object.entries(set ?? {})) page.cookies.set(name, value);
      return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
    },
  };
  for (const name of without) delete globals.navigator[name];
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });

  // Each page has its own modules.
  const copy = join(folder, String(pages++));
  cpSync(scripts, copy, { recursive: true });
  writeFileSync(join(copy, 'package.json'), '{ "type": "module" }');
  page.module = await import(join(copy, 'token-session.js'));

  const note = (name) => (...values) => page.events.push([name, ...values]);
  page.start = () => {
    stop = page.module.startSessionRefresh({
      onRefresh: note('onRefresh'), onSignedIn: note('onSignedIn'), onSignedOut: note('onSignedOut'),
      onOtherUser: note('onOtherUser'), onKept: note('onKept'), onUnavailable: note('onUnavailable'), ...options,
    });
    page.told.length = 0;
    return stop;
  };
  page.dispatch = async (type, event = {}) => {
    for (const listener of page.listeners[type] ?? []) listener({ type, ...event });
    await answered();
  };
  page.names = () => page.events.map(([name]) => name);
  return page;
}

export const expiry = (seconds) => encodeURIComponent(new Date(Date.now() + 1000 * seconds).toISOString());

/** The server's answer to a refresh: a session of this user, with a token of 60 s. */
export const fresh = (user = 'ada') => ({
  status: 200,
  body: { expiresIn: 60, refreshIn: 48, endsIn: 600 },
  get cookies() { return { s: expiry(60), u: user, t: 'newer' }; },
});

export const over = (reason) => ({ status: 401, body: { code: 'session_over', reason } });
export const otherUser = { status: 409, body: { code: 'other_user' } };

/** Waits until all promises that need no timer are settled. */
export async function answered() {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}

/** Lets time pass, second by second. */
export async function pass(seconds) {
  for (let second = 0; second < seconds; second++) {
    mock.timers.tick(1000);
    await answered();
  }
}
