// The refresh tokens that Directus would accept for one user, oldest first. No API shows them, so they are read from the database.
// usage: sessions.mjs <database file> <e-mail>
import { DatabaseSync } from 'node:sqlite'

const [file, email] = process.argv.slice(2)
const rows = new DatabaseSync(file, { readOnly: true }).prepare(`
  select s.token from directus_sessions s join directus_users u on u.id = s.user
  where u.email = ? and s.expires > ? order by s.expires`).all(email, Date.now())
for (const row of rows) console.log(row.token)
