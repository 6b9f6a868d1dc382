module.exports = ({ env }) => ({
  host: env('HOST'),
  port: env.int('PORT'),
  app: { keys: env.array('APP_KEYS') },
  proxy: { koa: true }, // the limit of sign-ins counts the address in X-Forwarded-For
})
