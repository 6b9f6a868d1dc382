'use strict'

// The controls for tests below /_test, as tests/Backends has them: calls, users, block, delete and stamp (ends all sessions of a user).
// The server listens on 127.0.0.1 only.
const counts = new Map()

module.exports = (config, { strapi }) => async (ctx, next) => {
  if (!ctx.path.startsWith('/_test/')) {
    await next()
    count(`${ctx.method} ${ctx.path}`, ctx.status)
    return
  }

  const user = strapi.db.query('plugin::users-permissions.user')
  const [, , control, email] = ctx.path.split('/')
  const where = { email: decodeURIComponent(email ?? '') }
  switch (`${ctx.method} ${control}`) {
    case 'GET calls':
      ctx.body = [...counts].map(([call, statuses]) => ({
        method: call.split(' ')[0],
        path: call.split(' ')[1],
        count: Object.values(statuses).reduce((sum, n) => sum + n),
        statuses,
      }))
      break
    case 'POST users':
      ctx.body = await addUser(strapi, await json(ctx.req))
      break
    case 'POST block':
      ctx.status = (await user.update({ where, data: { blocked: true } })) ? 204 : 404
      break
    case 'POST stamp': {
      const found = await user.findOne({ where })
      if (found) await strapi.sessionManager('users-permissions').invalidateRefreshToken(String(found.id))
      ctx.status = found ? 204 : 404
      break
    }
    case 'POST delete':
      ctx.status = (await user.delete({ where })) ? 204 : 404
      break
    default:
      ctx.status = 404
  }
}

async function addUser(strapi, { email, password }) {
  const role = await strapi.db.query('plugin::users-permissions.role').findOne({ where: { type: 'authenticated' } })
  const added = await strapi
    .plugin('users-permissions')
    .service('user')
    .add({ email, username: email, password, provider: 'local', confirmed: true, role: role.id })
  return { id: added.id, documentId: added.documentId, email }
}

function count(call, status) {
  const statuses = counts.get(call) ?? {}
  statuses[status] = (statuses[status] ?? 0) + 1
  counts.set(call, statuses)
}

async function json(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return JSON.parse(Buffer.concat(parts))
}

module.exports.addUser = addUser
