// Waits until Directus answers, then ensures that one role and one ordinary user exist. Can run more than once.
// usage: seed.mjs <process id of the server>; URL and admin token come from the environment (directus.sh).
const { PUBLIC_URL: url, ADMIN_TOKEN: token } = process.env
const pid = Number(process.argv[2])
const patience = Date.now() + 120_000

while (!(await answers())) {
  if (!alive()) throw new Error('Directus ended before it answered')
  if (Date.now() > patience) throw new Error(`${url} does not answer`)
  await new Promise(resolve => setTimeout(resolve, 100))
}

const email = 'user@example.com'
if ((await api(`/users?filter[email][_eq]=${email}&fields=id`)).length === 0) {
  const role = (await api('/roles', { name: 'Member' })).id
  const policy = (await api('/policies', { name: 'Member', app_access: true, admin_access: false })).id
  await api('/access', { role, policy })

  // The permissions that the Data Studio grants its users: to change their own profile, including two-factor sign-in.
  await api('/permissions', {
    policy,
    collection: 'directus_users',
    action: 'update',
    permissions: { id: { _eq: '$CURRENT_USER' } },
    fields: ['first_name', 'last_name', 'email', 'password', 'language', 'appearance', 'tfa_secret'],
  })
  await api('/users', { email, password: 'User-pass-1', first_name: 'Una', last_name: 'User', role })
}

async function answers() {
  try {
    return (await fetch(`${url}/server/ping`)).ok
  } catch {
    return false
  }
}

function alive() {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function api(path, body) {
  const response = await fetch(url + path, {
    method: body ? 'POST' : 'GET',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()).data
}
