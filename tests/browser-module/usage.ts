// The use of the module in scripts of a site: the compiler checks it against the JSDoc of the module. It never runs.
import {
  accessToken, clearSession, fetchBackend, isSignedIn, login, logout, refresh, secondsLeft, sessionExpiry, startSessionRefresh,
} from '../../content/src/TokenSession.Site/wwwroot/js/token-session.js';

export async function usage() {
  const expiry: Date | null = sessionExpiry();
  const token: string = accessToken();
  const isThere: boolean = isSignedIn();
  const left: number = secondsLeft();
  const state: 'signed-in' | 'signed-out' | 'other-user' | 'unknown' = await refresh();
  await refresh(true);
  const { ok, code }: { ok: boolean; code?: string } = await login({ email: 'a@example.com', password: 'b' });
  await login({ email: 'a@example.com', password: 'b', otp: '123456', rememberMe: true });
  await login({ otp: '123456' });
  const isOut: boolean = await logout();
  const response: Response = await fetchBackend('/things', { method: 'DELETE' });
  clearSession();

  const stop: () => void = startSessionRefresh();
  stop();
  startSessionRefresh({
    refreshPath: '/api/auth/refresh',
    shouldRefresh: (seconds) => seconds < 10,
    refreshBefore: 30,
    idleAfter: 1800,
    onRefresh: ({ expiresIn, refreshIn, endsIn }) => expiresIn + refreshIn + endsIn,
    onSignedIn: () => {},
    onSignedOut: (reason) => reason?.length,
    onOtherUser: () => {},
    onKept: (now, reason) => `${now} ${reason}`,
    hasUnsavedInput: () => true,
    cookiePrefix: 'my_site',
    user: '',
    onUnavailable: (retryIn) => retryIn.toFixed(),
  });

  // @ts-expect-error: a sign-in needs a password.
  await login({ email: 'a@example.com' });
  // @ts-expect-error: times are numbers of seconds.
  startSessionRefresh({ idleAfter: '30 min' });
  // @ts-expect-error: there is no such setting.
  startSessionRefresh({ onError: () => {} });

  return [expiry, token, isThere, left, state, ok, code, isOut, response];
}
