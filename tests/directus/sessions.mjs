// The session rows of one user, newest last, as Directus keeps them. They are in no API, so the database is asked.
// usage: sessions.mjs <database file> <e-mail>
import { DatabaseSync } from 'node:sqlite'

const [file, email] = process.argv.slice(2)
const database = new DatabaseSync(file, { readOnly: true })
const rows = database.prepare(`
  select s.token, s.expires from directus_sessions s join directus_users u on u.id = s.user
  where u.email = ? order by s.expires`).all(email)
console.log(JSON.stringify(rows))
