module.exports = ({ env }) => ({
  'users-permissions': {
    config: {
      jwtManagement: 'refresh',
      jwtSecret: env('JWT_SECRET'),
      sessions: { accessTokenLifespan: env.int('ACCESS_TOKEN_LIFESPAN', 600) }, // seconds; 600 is Strapi's default
      ratelimit: { max: env.int('RATE_LIMIT_MAX', 10), interval: 60000 }, // sign-ins by one address in 60 s; 10 is Strapi's default
    },
  },
})
